import { pipelineCellName } from "@forgebench/series";
import { median } from "@forgebench/stats";
import type { CellName, Phase } from "./cell-names.ts";

/** Cells beyond these would hardly move the median; a suite may have thousands. */
const MAX_REFERENCES = 16;

/**
 * The price of a cell that was never run, from those that were; undefined when too little is known.
 * First by profile: the cost of another profile there, times the ratio of this profile to that one elsewhere in the
 * same phase. Else by phase: the cost of this profile there in the other phase, times the ratio of the phases to one
 * another for other profiles there.
 */
export function pricePredictor(
  cells: readonly CellName[],
  known: ReadonlyMap<string, number>,
): (cell: CellName) => number | undefined {
  const profileIds = [...new Set(cells.map(({ profileId }) => profileId))];
  const scenarios = [...new Set(cells.map(({ scenario }) => scenario))];
  const ratios = new Map<string, number | undefined>();
  const price = (profileId: string, scenario: string, phase: Phase) =>
    known.get(pipelineCellName({ profileId, scenario, phase }));

  function profileRatio(profileId: string, other: string, phase: Phase): number | undefined {
    const key = JSON.stringify([profileId, other, phase]);
    if (!ratios.has(key)) {
      const found = scenarios.map((name) => quotient(price(profileId, name, phase), price(other, name, phase)));
      ratios.set(key, medianOfKnown(found));
    }
    return ratios.get(key);
  }

  return ({ profileId, scenario, phase }) => {
    const references = profileIds
      .filter((other) => other !== profileId && price(other, scenario, phase) !== undefined)
      .slice(0, MAX_REFERENCES);
    const byProfile = references.map((other) =>
      product(price(other, scenario, phase), profileRatio(profileId, other, phase)),
    );
    const otherPhase = phase === "cold" ? "warm" : "cold";
    const byPhase = references.map((other) =>
      product(
        price(profileId, scenario, otherPhase),
        quotient(price(other, scenario, phase), price(other, scenario, otherPhase)),
      ),
    );
    return medianOfKnown(byProfile) ?? medianOfKnown(byPhase);
  };
}

function quotient(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

function product(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a * b;
}

function medianOfKnown(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : median(known);
}
