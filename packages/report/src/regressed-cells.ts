import { type Comparison, comparisonMetrics } from "@forgebench/artifacts";
import { PRIMARY_METRIC, readSeriesName, seriesName } from "@forgebench/series";
import { alertRows, comparisonRows } from "./comparison-rows.ts";
import { groupCells } from "./evidence-cells.ts";

/** What regressed, for a step that goes on from there. */
export interface RegressedCells {
  /** `PROFILE/SCENARIO/PHASE/METRIC`, those that gate first, the worst first. */
  readonly ids: readonly string[];
  /** The first whose metric grows bit by bit, so that the commit can be searched; undefined when there is none. */
  readonly searchable: string | undefined;
  /** The cells that are left out, since a value of `KEY=value` or an argument must not hold their ids. */
  readonly unnamedCount: number;
}

/** The ids of a suite are of this form; a file that says others was not written by us. */
const PLAIN = /^[A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9][\w.-]*){3}$/;
const MAX_ID_LENGTH = 200;

/** The cells for which the outcome is `regression`; none when it is another. */
export function regressedCells(comparison: Comparison): RegressedCells {
  const cells = comparison.outcome !== "regression" ? [] : alertedCells(comparison);
  const plain = cells.filter(({ id }) => PLAIN.test(id) && id.length <= MAX_ID_LENGTH);
  return {
    ids: [...new Set(plain.map(({ id }) => id))],
    searchable: plain.find(({ isSearchable }) => isSearchable)?.id,
    unnamedCount: cells.length - plain.length,
  };
}

function alertedCells(comparison: Comparison): { readonly id: string; readonly isSearchable: boolean }[] {
  if (comparison.policy === "evidence") {
    return groupCells(comparison).alerts.map(({ id, verdict, better, family }) => ({
      id,
      isSearchable: verdict === "regressed" && better === "lower" && family !== "exact",
    }));
  }
  return alertRows(comparisonRows(comparison)).map(({ cell }) => {
    const { cell: pair, metric } = readSeriesName(cell);
    const { phase } = Object.values(comparisonMetrics).find((own) => own.metric === metric) ?? comparisonMetrics.cold;
    return { id: seriesName(`${pair}/${phase}`, PRIMARY_METRIC), isSearchable: true };
  });
}
