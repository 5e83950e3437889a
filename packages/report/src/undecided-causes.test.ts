import type { ComparedCell, Comparison } from "@forgebench/artifacts";
import { buildEvidenceComparison, type ComparedCellSpec } from "@forgebench/artifacts/testing";
import { describe, expect, it } from "vitest";
import { formatComparisonMarkdown, formatComparisonTerminal } from "./comparison-report.ts";

const ID = "P1/a/cold/wall";
type Sampling = Comparison["sampling"];
const byTime: Sampling = { mode: "evidence", maxBlocks: 60, timeBudgetMinutes: 2 };
const byCap: Sampling = { mode: "evidence", maxBlocks: 18 };
const failed = { median: 200, validCount: 17, failedCount: 1 };
const fixed: ComparedCell["interval"] = { lowPct: -4, highPct: 6, kind: "fixed-n", levelPct: 95 };

function night(spec: ComparedCellSpec, sampling: Sampling, changes: Partial<Comparison> = {}): Comparison {
  const open = { verdict: "undecided", ...spec } as const;
  return buildEvidenceComparison({ [ID]: open }, { ...(sampling === undefined ? {} : { sampling }), ...changes });
}

const cases: readonly (readonly [string, Comparison, string, string])[] = [
  [
    "the time budget, which is not the cap",
    night({}, byTime),
    "undecided: the time budget of 2 minutes was over\n  P1/a/cold/wall: 18 blocks, about 20 more\n",
    "continue with bench:run --resume and a larger --time-budget-minutes, or close other programs",
  ],
  [
    "a time budget of a minute, and noise",
    night({ detectablePct: 42 }, { ...byTime, timeBudgetMinutes: 1 }),
    "undecided: the time budget of 1 minute was over\n",
    "close other programs, which make these cells noisy, and continue with bench:run --resume and a larger --time-budget-minutes",
  ],
  [
    "the cap, although there was a time budget",
    night({ moreBlocks: null }, { ...byTime, maxBlocks: 18 }),
    "undecided: the limit of 18 blocks a cell was reached\n  P1/a/cold/wall: 18 blocks, which show no direction\n",
    "continue with bench:run --resume and a larger --max-blocks",
  ],
  [
    "noise, at the cap",
    night({ detectablePct: 5.1 }, byCap),
    "undecided: too noisy for the limit of 18 blocks a cell: only slowdowns above the margin of 5.0 % would be found\n",
    "close other programs or measure on a quieter machine; or continue with bench:run --resume and a larger --max-blocks",
  ],
  [
    "a fixed number of runs",
    night({ interval: fixed }, undefined),
    "undecided: --run-count fixed the number of runs, which was too small for a verdict\n",
    "measure without --run-count: blocks are then added until the cell is decided",
  ],
  [
    "failed runs before the cap",
    night({ blockCount: 17, head: failed }, { ...byCap, maxBlocks: 60 }),
    "undecided: stopped before the limit of 60 blocks, because runs failed\n  P1/a/cold/wall: 17 blocks, about 20 more; 1 further block left out because a run failed\n",
    "read failures and stderr in these lines of raw-runs.jsonl, remove the cause and measure again",
  ],
  [
    "an end that nothing explains",
    night({}, { ...byCap, maxBlocks: 60 }),
    "undecided: the measurement ended before the limit of 60 blocks\n",
    "continue with bench:run --resume",
  ],
  [
    "a comparison of an older version",
    night({}, undefined),
    "undecided: the limit that ended the blocks is not recorded\n",
    "continue with bench:run --resume, or measure on a quieter machine",
  ],
];

describe("an undecided cell stands under its cause", () => {
  it.each(cases)("%s", (_, comparison, cause, remedy) => {
    const text = formatComparisonTerminal(comparison, {}, { columns: 300 });
    expect(text).toContain(cause);
    expect(text).toContain(`\n  try  ${remedy}\n`);
    expect(formatComparisonMarkdown(comparison)).toContain(`\n\nRemedy: ${remedy}.\n`);
  });

  it("counts a block with a failed run as one of the cap", () => {
    const text = formatComparisonTerminal(night({ blockCount: 17, head: failed }, byCap), {}, { columns: 300 });
    expect(text).toContain("undecided: the limit of 18 blocks a cell was reached\n");
  });

  it("says with the cell what the comparison says of it, its own remedy before ours", () => {
    const text = formatComparisonTerminal(night({ remedy: "feed the cat", moreBlocks: null, reason: "r" }, byTime));
    expect(text).toContain("  P1/a/cold/wall: 18 blocks: r\n  try  feed the cat\n");
  });

  it("puts cells with one cause together, and at most five causes", () => {
    const cells = (count: number, remedy: (index: number) => ComparedCellSpec) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [
          `P${index}/a/cold/wall`,
          { verdict: "undecided", ...remedy(index) } as const,
        ]),
      );
    const headings = (comparison: Comparison) => formatComparisonTerminal(comparison).match(/^undecided.*$/gm);
    expect(
      headings(
        buildEvidenceComparison(
          cells(7, () => ({})),
          { sampling: byTime },
        ),
      ),
    ).toHaveLength(1);
    const own = buildEvidenceComparison(
      cells(7, (index) => ({ remedy: `r${index}` })),
      { sampling: byTime },
    );
    expect(headings(own)).toHaveLength(5);
    expect(formatComparisonTerminal(own)).toContain("undecided, for other reasons\n  P4/a/cold/wall");
    for (const index of [4, 5, 6]) expect(formatComparisonMarkdown(own)).toContain(`- \`P${index}/a/cold/wall\``);
  });

  it("gives few samples the remedy of what ended them", () => {
    const few = {
      code: "too-few-samples",
      message: "4 whole blocks",
      remedy: "run more blocks, without --run-count",
    } as const;
    const text = (sampling: Sampling) =>
      formatComparisonTerminal(night({ blockCount: 4, warnings: [few] }, sampling), {}, { columns: 300 });
    expect(text(byTime)).toMatch(/4 whole blocks\n {4}try {2}continue .*--time-budget-minutes/);
    expect(text(undefined)).toContain("4 whole blocks\n    try  run more blocks, without --run-count\n");
  });
});

describe("an interval that few blocks do not give", () => {
  const without = { lowPct: null, highPct: null, kind: "sequence", levelPct: 95 } as const;

  it("is not yet there, with what it needs", () => {
    const comparison = night({ interval: without, blockCount: 4 }, byTime);
    for (const text of [formatComparisonTerminal(comparison), formatComparisonMarkdown(comparison)]) {
      expect(text).toContain("+1.1 % [not yet]");
      expect(text).toContain("\nNot yet: the interval needs more blocks, at least 12 of a cell.\n");
      expect(text).not.toContain("?");
    }
  });

  it("needs a number that is not known with other margins, and none where all have theirs", () => {
    const { evidence } = buildEvidenceComparison({});
    if (evidence === undefined) throw new Error("no evidence was built");
    const margins = { ...evidence.margins, equivalencePct: 10 };
    const other = night({ interval: without }, byTime, { evidence: { ...evidence, margins } });
    expect(formatComparisonTerminal(other)).toContain("\nNot yet: the interval needs more blocks.\n");
    expect(formatComparisonTerminal(night({}, byTime))).not.toMatch(/not yet/i);
  });
});
