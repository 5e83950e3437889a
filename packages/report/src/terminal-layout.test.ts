import { stripVTControlCharacters } from "node:util";
import type { ComparedCell, Comparison, ControlsResult, Summary } from "@forgebench/artifacts";
import {
  buildComparison,
  buildEvidenceComparison,
  buildSummary,
  type ComparedCellSpec,
  passedControls,
} from "@forgebench/artifacts/testing";
import { textColumns } from "@forgebench/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparisonDocument } from "./comparison-document.ts";
import { formatComparisonTerminal } from "./comparison-report.ts";
import { plainMarkup } from "./markup.ts";
import { formatSummariesTerminal } from "./summary-report.ts";
import { verdictLine } from "./verdict-line.ts";

const long = "P1-with-a-profile-name-that-goes-on/and-a-scenario-with-a-very-long-name/cold/wall";
const noisy: ComparedCellSpec = {
  verdict: "undecided",
  changePct: 35,
  baseMedian: 46.2,
  detectablePct: 200,
  moreBlocks: null,
  interval: { lowPct: -17.5, highPct: 139.4, kind: "sequence", levelPct: 95 },
};
const slow: ComparedCellSpec = { verdict: "regressed", baseMedian: 79_600 };
const gone: ComparedCellSpec = {
  verdict: "incomparable",
  reason: "base has no valid run",
  remedy: "look at its stderr",
};
const quiet = Object.fromEntries(
  ["single-small", "single-median", "single-large", "batch-all"].flatMap((scenario) =>
    ["cold", "warm"].flatMap((phase) =>
      ["wall", "cpu", "peak_memory", "reported_duration", "output_bytes"].map(
        (metric) => [`P1/${scenario}/${phase}/${metric}`, {}] as const,
      ),
    ),
  ),
);
const sampling = { mode: "evidence", maxBlocks: 60, timeBudgetMinutes: 2 } as const;
const missed: ControlsResult = {
  status: "missed",
  reason: "control/planted-5 was not found: a real slowdown of that size might have been missed too",
  controls: passedControls.controls.map((control) =>
    control.id === "control/planted-5"
      ? { ...control, passed: false, cell: { ...control.cell, verdict: "undecided" as const } }
      : control,
  ),
} as const;
const red = { ...passedControls, status: "red", reason: "control/null regressed by 1.2 %" } as const;
const absent: ControlsResult = { status: "absent", reason: "--no-controls", controls: [] };

function lastLineOf(comparison: Comparison, columns?: number): string {
  return verdictLine(comparisonDocument({ comparison, summaries: {} }, plainMarkup).verdict, columns);
}

/** Name, comparison, how the first line begins, and the last line in 80 columns. */
const nights: readonly (readonly [string, Comparison, RegExp, string])[] = [
  [
    "green",
    buildEvidenceComparison(quiet),
    /^Nothing changed\./,
    "Verdict: nothing changed, 8 of 8 gating same; null check quiet",
  ],
  [
    "green that did not check itself",
    buildEvidenceComparison({ "P1/a/cold/wall": {}, "P1/b/cold/wall": { verdict: "improved" } }, { controls: absent }),
    /^No regression\./,
    "Verdict: no regression, 1 of 2 gating same, 1 improved; no self-check",
  ],
  [
    "green with a regression that is too small",
    buildEvidenceComparison({ "P1/a/cold/wall": { verdict: "regressed", changePct: 1 } }),
    /^No alert\./,
    "Verdict: no alert, 0 of 1 gating same, 1 slower; null check quiet",
  ],
  [
    "undecided",
    buildEvidenceComparison(
      { ...quiet, "P1/batch-all/cold/wall": noisy, "P1/batch-all/cold/cpu": noisy },
      { sampling },
    ),
    /^Undecided\./,
    "Verdict: undecided, 7 of 8 gating same, 1 undecided; null check quiet",
  ],
  [
    "a regression",
    buildEvidenceComparison({ ...quiet, "P1/batch-all/cold/wall": slow }),
    /^Regression\./,
    "Verdict: regression, P1/batch-all/cold/wall is 6.8 % slower; null check quiet",
  ],
  [
    "a regression with a long name",
    buildEvidenceComparison({ ...quiet, [long]: { ...slow, changePct: 9 }, "P1/batch-all/cold/wall": slow }),
    /^Regression\./,
    "Verdict: regression, P1-with-a-profil…-name/cold/wall is 9.0 % slower and 1 more",
  ],
  [
    "an accepted regression",
    buildEvidenceComparison({ "P1/a/cold/wall": slow }, { acceptance: { by: "Ada", reason: "a better format" } }),
    /^Regression\./,
    "Verdict: regression accepted, P1/a/cold/wall is 6.8 % slower; null check quiet",
  ],
  [
    "a planted slowdown that was missed",
    buildEvidenceComparison(
      { ...quiet, "P1/batch-all/cold/wall": noisy },
      { outcome: "invalid", controls: missed, sampling },
    ),
    /^Invalid\./,
    "Verdict: invalid, planted slowdown missed, 7 of 8 gating same, 1 undecided",
  ],
  [
    "a red null",
    buildEvidenceComparison({ "P1/a/cold/wall": slow }, { outcome: "invalid", controls: red }),
    /^Invalid\./,
    "Verdict: invalid, null check red, 0 of 1 gating same, 1 slower",
  ],
  [
    "a cell that could not be judged",
    buildEvidenceComparison({ ...quiet, [long]: gone }),
    /^Invalid\./,
    "Verdict: invalid, could not be judged, 8 of 9 gating same, 1 not judged",
  ],
  [
    "no cell",
    buildEvidenceComparison({}),
    /^Invalid\./,
    "Verdict: invalid, there is no cell to judge; null check quiet",
  ],
  [
    "thresholds, an alert",
    buildComparison({ "P1/a": {}, "P1/b": { headMs: 300, alerts: ["warm-p50", "cold"] } }),
    /^Alert\./,
    "Verdict: alert, P1/b/warm-p50 is 50.0 % slower and 1 more",
  ],
];

/** Every coloured part of a text after the number of its colour: `31 ✗ regressed`. */
function colouredParts(text: string): string[] {
  const parts = text.split("\u001b[").slice(1);
  return parts.filter((part) => !part.startsWith("39m")).map((part) => part.replace("m", " "));
}

/** Every line that is wider than the terminal though it has more than one piece. */
function tooWide(text: string, columns: number): string[] {
  return text
    .split("\n")
    .filter((line) => textColumns(line) > columns)
    .filter((line) => / /.test(line.trim().replace(/(?<=\d) (?=%|m?s\b)|(?<=,) (?=\S*\])/g, "")));
}

describe.each([80, 120, 40])("in %i columns", (columns) => {
  it.each(nights)("%s fits, with the verdict first and last", (_, comparison, first) => {
    for (const allCells of [false, true]) {
      const text = formatComparisonTerminal(comparison, {}, { columns, allCells });
      expect(tooWide(text, columns)).toEqual([]);
      const lines = text.trimEnd().split("\n");
      expect(lines[0]).toMatch(first);
      expect(lines.at(-1)).toBe(lastLineOf(comparison, columns));
      expect(textColumns(lines.at(-1) ?? "")).toBeLessThanOrEqual(Math.min(80, columns));
    }
  });

  it.each(nights)("%s in colours is the same without their codes", (_, comparison) => {
    for (const allCells of [false, true]) {
      const plain = formatComparisonTerminal(comparison, {}, { columns, allCells });
      const coloured = formatComparisonTerminal(comparison, {}, { columns, allCells, colors: true });
      expect(stripVTControlCharacters(coloured)).toBe(plain);
      expect(tooWide(coloured, columns)).toEqual([]);
      expect(coloured.startsWith("\u001b[3")).toBe(true);
      expect(coloured.endsWith("\u001b[39m\n")).toBe(true);
    }
  });

  it("summaries fit, and say last that there is no verdict", () => {
    const head: Summary = buildSummary({ "P1/a": {}, [long.replace(/\/cold\/wall$/, "")]: { passed: false } });
    const text = formatSummariesTerminal({ head }, { columns });
    expect(tooWide(text, columns)).toEqual([]);
    expect(text.trimEnd().split("\n").at(-1)).toMatch(/^Verdict: none, not valid/);
  });
});

describe("colours", () => {
  const texts = nights.map(([, comparison]) =>
    formatComparisonTerminal(comparison, {}, { allCells: true, colors: true }),
  );

  it("stand at signs with their word, at what the answer begins with, and at the last line alone", () => {
    const found = texts.flatMap((text) => colouredParts(text).slice(0, -1));
    expect([...new Set(found)].toSorted()).toEqual([
      "31 Alert.",
      "31 Invalid.",
      "31 Regression.",
      "31 ✗ alert",
      "31 ✗ incomparable",
      "31 ✗ regressed",
      "32 No alert.",
      "32 No regression.",
      "32 Nothing changed.",
      "32 ✓ improved",
      "32 ✓ same",
      "33 Undecided.",
      "33 ~ undecided",
    ]);
  });

  it("say in the last line what its words say", () => {
    const codes = { regression: "31", alert: "31", invalid: "31", undecided: "33", no: "32", nothing: "32" };
    for (const text of texts) {
      const [, code, word] = /^(\d+) Verdict: (\w+)/.exec(colouredParts(text).at(-1) ?? "") ?? [];
      expect(code).toBe(codes[word as keyof typeof codes]);
    }
  });

  it("are not those of a name that looks like a verdict", () => {
    const comparison = buildEvidenceComparison({ "✗ regressed/a/cold/wall": {} });
    const text = formatComparisonTerminal(comparison, {}, { colors: true });
    expect(text).toContain("  ✗ regressed/a/cold/wall  ");
    expect(text).toContain("\u001b[32m✓ same\u001b[39m");
  });

  it("are red where a summary is not valid, and absent where nothing was judged", () => {
    const textOf = (passed: boolean) =>
      formatSummariesTerminal({ head: buildSummary({ "P1/a": { passed } }) }, { colors: true });
    expect(colouredParts(textOf(false))).toEqual([
      "31 Not valid.",
      "31 ✗ failed",
      "31 Verdict: none, not valid, 1 failure; not compared",
    ]);
    expect(textOf(true)).not.toContain("\u001b");
  });
});

describe("the last line", () => {
  it.each(nights)("of %s", (_, comparison, __, last) => {
    expect(lastLineOf(comparison)).toBe(last);
    // A wider terminal gets no longer one.
    expect(lastLineOf(comparison, 200)).toBe(last);
  });

  it("fits and begins with the outcome, whatever the names, the counts and the width", () => {
    const verdict = fc.constantFrom(
      "same",
      "regressed",
      "improved",
      "undecided",
      "incomparable",
    ) satisfies fc.Arbitrary<ComparedCell["verdict"]>;
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 90 });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, verdict)), fc.integer({ min: 20, max: 200 }), (cells, columns) => {
        const built = Object.fromEntries(cells.map(([id, found]) => [`${id}/s/cold/wall`, { verdict: found, id }]));
        const comparison = buildEvidenceComparison(built);
        const line = lastLineOf(comparison, columns);
        expect(textColumns(line)).toBeLessThanOrEqual(Math.min(80, columns));
        expect(line).toMatch(
          { invalid: /invalid/, regression: /regression/, undecided: /undecided/, green: /no/ }[
            comparison.outcome ?? "invalid"
          ],
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe("the table", () => {
  const tableOf = (comparison: Comparison, columns: number, allCells = false) =>
    formatComparisonTerminal(comparison, {}, { columns, allCells }).split("\n\n")[1]?.split("\n") ?? [];

  it("leaves out what is least needed where there is no room", () => {
    const comparison = buildEvidenceComparison({ "P1/single-median/cold/wall": noisy });
    expect(tableOf(comparison, 120)[0]).toMatch(/cell +base +head +change +verdict +detects ≥$/);
    expect(tableOf(comparison, 90)[0]).toMatch(/cell +base +head +change +verdict$/);
    expect(tableOf(comparison, 80)[0]).toMatch(/cell +change +verdict$/);
    expect(tableOf(comparison, 40)).toEqual([
      "  P1/single-median/cold/wall",
      "    +35.0 % [−17.5, +139.4] ~ undecided",
    ]);
  });

  it("gives a long name a line of its own, and the others keep their figures", () => {
    const names = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`P${index}/a/cold/wall`, {}] as const));
    const lines = tableOf(buildEvidenceComparison({ [long]: {}, ...names }), 80);
    expect(lines).toContain(`  ${long.slice(0, 79)}…`);
    expect(lines.filter((line) => /same/.test(line))).toHaveLength(10);
    expect(lines.find((line) => line.startsWith("  P0/a"))).toMatch(
      /200 ms +200 ms +\+0\.2 % \[−1\.3, \+1\.9\] {2}✓ same/,
    );
  });

  it("counts what only confirms the rest, and shows all when asked", () => {
    const comparison = buildEvidenceComparison({
      ...quiet,
      "P1/batch-all/cold/cpu": { verdict: "undecided" },
      "P1/batch-all/cold/peak_memory": { verdict: "improved" },
    });
    const lines = tableOf(comparison, 80);
    expect(lines.filter((line) => line.includes("/wall"))).toHaveLength(8);
    expect(lines.filter((line) => line.includes("peak_memory"))).toHaveLength(1);
    expect(lines.at(-1)).toBe("  31 other verdicts: 30 same, 1 undecided; the Markdown report lists them");
    expect(tableOf(buildEvidenceComparison(quiet), 80).at(-1)).toBe(
      "  32 other verdicts, all same; the Markdown report lists them",
    );
    const all = tableOf(comparison, 80, true);
    expect(all.filter((line) => /(same|undecided|improved)$/.test(line.replace(/ +[\d.]+ %$| +–$/, "")))).toHaveLength(
      40,
    );
    expect(all.join("\n")).not.toContain("other cell");
  });
});
