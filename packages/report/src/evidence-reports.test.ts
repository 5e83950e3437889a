import type { ComparedCell, Comparison, ControlsResult } from "@forgebench/artifacts";
import {
  buildEvidenceComparison,
  buildSummary,
  type ComparedCellSpec,
  evidenceShares,
  passedControls,
} from "@forgebench/artifacts/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparisonHeadline, formatComparisonMarkdown, formatComparisonTerminal } from "./comparison-report.ts";

/** So wide that no sentence wraps. */
const wide = { columns: 2000 };

const bounds = (lowPct: number | null, highPct: number | null): ComparedCell["interval"] => ({
  lowPct,
  highPct,
  kind: "sequence",
  levelPct: 95,
});
const slow: ComparedCellSpec = {
  verdict: "regressed",
  baseMedian: 79_600,
  changePct: 6.8,
  interval: bounds(5.1, 8.6),
  evidence: { higher: 421_345, lower: 0.3, needed: 7500, decidedAfterBlocks: 17 },
};
const open: ComparedCellSpec = { verdict: "undecided", baseMedian: 1920, interval: bounds(-4, 6.3) };
const gone: ComparedCellSpec = {
  verdict: "incomparable",
  reason: "base has no valid run",
  remedy: "look at its stderr",
};
const grown: ComparedCellSpec = {
  verdict: "changed",
  baseMedian: 2_100_000,
  changePct: 0.001,
  head: { median: 2_100_021, validCount: 18, failedCount: 0 },
};
const quiet = "Null check quiet, planted +5 % and +10 % found.";
const red = { ...passedControls, status: "red", reason: "control/null regressed by 1.2 %" } as const;

const missed: ControlsResult = {
  status: "missed",
  reason: "control/planted-5 was not found",
  controls: passedControls.controls.map((control) =>
    control.id === "control/planted-5"
      ? { ...control, passed: false, cell: { ...control.cell, verdict: "incomparable", reason: "4 runs failed" } }
      : control,
  ),
};
const side = { profileId: "", scenario: "", reason: "different-dataset" } as const;
const otherData = { ...side, message: "the datasets differ", remedy: "measure both on one" };
/** Everything at once: each field left out shows the next cause. */
const ruined = { "P1/a/cold/wall": { ...gone, gating: true }, "P1/a/warm/wall": { ...gone, reason: "head failed" } };
const ruinedCount = "0 of 2 verdicts same (proved within ±5 %), 2 could not be judged.";

const headlines: readonly (readonly [string, Comparison, string])[] = [
  [
    "everything the same",
    buildEvidenceComparison({ "P1/a/cold/wall": {}, "P1/a/warm/wall": {} }),
    `Nothing changed. 2 of 2 verdicts same (proved within ±5 %). ${quiet}`,
  ],
  [
    "an improvement",
    buildEvidenceComparison({ "P1/a/cold/wall": { verdict: "improved" }, "P1/a/warm/wall": {} }),
    `No regression. P1/a/cold/wall is 4.1 % faster [2.4, 5.6]. 1 of 2 verdicts same (proved within ±5 %), 1 improved. ${quiet}`,
  ],
  [
    "a regression too small to matter",
    buildEvidenceComparison({ "P1/a/cold/wall": { verdict: "regressed", changePct: 1.2 }, "P1/a/warm/wall": {} }),
    `No alert. Every regression found is below 2 %. 1 of 2 verdicts same (proved within ±5 %), 1 regressed without alert. ${quiet}`,
  ],
  [
    "a regression where nothing gates",
    buildEvidenceComparison({
      "P1/a/cold/wall": {},
      "P1/b/cold/wall": { verdict: "regressed", family: "secondary", isAlert: false, severity: null },
    }),
    `No alert. P1/b/cold/wall is 6.8 % slower [5.3, 8.5], but its scenario does not gate. 1 of 2 verdicts same (proved within ±5 %), 1 regressed in scenarios that do not gate. ${quiet}`,
  ],
  [
    "undecided cells that do not gate",
    buildEvidenceComparison({ "P1/a/cold/wall": {}, "P1/a/cold/cpu": { verdict: "undecided" } }),
    `No regression. 1 of 2 verdicts same (proved within ±5 %), 1 undecided (0 of them gating). ${quiet}`,
  ],
  [
    "a changed metric that is accepted",
    buildEvidenceComparison({ "P1/a/cold/wall": {}, "P1/a/cold/output_bytes": grown }),
    `No regression. 1 of 1 verdict same (proved within ±5 %), 1 of 1 exact verdict changed. ${quiet}`,
  ],
  [
    "an exact metric that was not constant, and the controls of two shards",
    buildEvidenceComparison(
      {
        "P1/a/cold/output_bytes": {
          evidence: { higher: 1, lower: 1, needed: 10, decidedAfterBlocks: 11 },
          interval: bounds(-1, 1),
        },
      },
      {
        controls: {
          ...passedControls,
          controls: [...passedControls.controls.toReversed(), ...passedControls.controls],
        },
      },
    ),
    `Nothing changed. 1 of 1 verdict same (proved within ±5 %). ${quiet}`,
  ],
  [
    "a regression",
    buildEvidenceComparison({ "P2/b/cold/wall": slow, "P1/a/warm/wall": {}, "P1/a/cold/wall": open }),
    `Regression. P2/b/cold/wall is 6.8 % slower [5.1, 8.6] than base. 1 of 3 verdicts same (proved within ±5 %), 1 undecided. ${quiet}`,
  ],
  [
    "several regressions, the largest first, in the words of its metric",
    buildEvidenceComparison({
      "P2/b/cold/wall": slow,
      "P2/b/cold/peak_memory": { ...slow, gating: true, changePct: 21, interval: bounds(18, null) },
    }),
    `Regression. P2/b/cold/peak_memory needs 21.0 % more memory [18.0, not yet] than base, and 1 further verdict raised an alert. 0 of 2 verdicts same (proved within ±5 %). ${quiet}`,
  ],
  [
    "less of what should be more",
    buildEvidenceComparison(
      { "P2/b/cold/throughput": { ...slow, changePct: -7, interval: bounds(-9, -5), isAlert: true } },
      { outcome: "regression" },
    ),
    `Regression. P2/b/cold/throughput has 7.0 % less throughput [5.0, 9.0] than base. 0 of 1 verdict same (proved within ±5 %). ${quiet}`,
  ],
  [
    "a changed metric that the suite gates",
    buildEvidenceComparison({ "P1/a/cold/output_bytes": { ...grown, isAlert: true } }),
    `Regression. P1/a/cold/output_bytes writes 0.0 % more bytes than base (2,100,000 B → 2,100,021 B). 1 of 1 exact verdict changed. ${quiet}`,
  ],
  [
    "undecided gating cells",
    buildEvidenceComparison({ "P1/a/cold/wall": open, "P1/a/warm/wall": {} }),
    `Undecided. 1 of 2 gating verdicts could not be settled: P1/a/cold/wall (+1.1 % [−4.0, +6.3] after 18 blocks, about 20 more). 1 of 2 verdicts same (proved within ±5 %), 1 undecided. ${quiet}`,
  ],
  [
    "an undecided cell of which nobody knows when it would be settled",
    buildEvidenceComparison({ "P1/a/cold/wall": { ...open, moreBlocks: null, reason: "half of it is noise" } }),
    `Undecided. 1 of 1 gating verdict could not be settled: P1/a/cold/wall (+1.1 % [−4.0, +6.3] after 18 blocks: half of it is noise). 0 of 1 verdict same (proved within ±5 %), 1 undecided. ${quiet}`,
  ],
  [
    "a cell that could not be judged",
    buildEvidenceComparison({ "P1/a/cold/wall": gone, "P1/a/warm/wall": {} }),
    `Invalid. 1 of 2 gating verdicts could not be judged: P1/a/cold/wall, since base has no valid run. 1 of 2 verdicts same (proved within ±5 %), 1 could not be judged. ${quiet}`,
  ],
  [
    "a null check that is red, although there are alerts",
    buildEvidenceComparison({ "P2/b/cold/wall": slow }, { outcome: "invalid", controls: red }),
    "Invalid. Null check red: control/null regressed by 1.2 %. Found nevertheless: P2/b/cold/wall is 6.8 % slower [5.1, 8.6] than base. 0 of 1 verdict same (proved within ±5 %).",
  ],
  [
    "a planted slowdown that was missed",
    buildEvidenceComparison(
      { "P1/a/cold/wall": {} },
      { outcome: "invalid", controls: { ...missed, reason: "control/planted-5 undecided." } },
    ),
    "Invalid. Planted slowdown missed: control/planted-5 undecided. 1 of 1 verdict same (proved within ±5 %).",
  ],
  [
    "a control that planted something else",
    buildEvidenceComparison(
      { "P1/a/cold/wall": {} },
      { outcome: "invalid", controls: { ...missed, controls: passedControls.controls } },
    ),
    "Invalid. Self-check failed: control/planted-5 was not found. 1 of 1 verdict same (proved within ±5 %).",
  ],
  [
    "sides that differ, whatever else is wrong",
    buildEvidenceComparison(ruined, { incomparable: [otherData], controls: red }),
    `Invalid. Could not be judged: the comparison (the datasets differ). ${ruinedCount} Null check red: control/null regressed by 1.2 %.`,
  ],
  [
    "a null check that is red, although cells could not be judged",
    buildEvidenceComparison(ruined, { controls: red }),
    `Invalid. Null check red: control/null regressed by 1.2 %. ${ruinedCount}`,
  ],
  [
    "cells that could not be judged, although a planted slowdown was missed",
    buildEvidenceComparison(ruined, { controls: missed }),
    `Invalid. 2 of 2 gating verdicts could not be judged: P1/a/cold/wall and 1 other, the first since base has no valid run. ${ruinedCount} Planted slowdown missed: control/planted-5 was not found.`,
  ],
  [
    "a planted slowdown that was missed, although a cell that does not gate could not be judged",
    buildEvidenceComparison({ "P1/a/cold/wall": {}, "P1/a/cold/cpu": gone }, { outcome: "invalid", controls: missed }),
    "Invalid. Planted slowdown missed: control/planted-5 was not found. 1 of 2 verdicts same (proved within ±5 %), 1 could not be judged.",
  ],
  [
    "a null and nothing planted",
    buildEvidenceComparison(
      { "P1/a/cold/wall": {} },
      {
        controls: {
          status: "passed",
          reason: "the null was quiet; add plantCommand",
          controls: passedControls.controls.slice(0, 1),
        },
      },
    ),
    "Nothing changed. 1 of 1 verdict same (proved within ±5 %). The null was quiet; add plantCommand.",
  ],
  [
    "no controls",
    buildEvidenceComparison(
      { "P1/a/cold/wall": {} },
      { controls: { status: "absent", reason: "--no-controls", controls: [] } },
    ),
    "Nothing changed. 1 of 1 verdict same (proved within ±5 %). The night did not check itself (--no-controls).",
  ],
  [
    "nothing that gates",
    buildEvidenceComparison({ "P1/a/cold/cpu": {} }, { outcome: "invalid" }),
    `Invalid. No cell that gates was measured. 1 of 1 verdict same (proved within ±5 %). ${quiet}`,
  ],
  ["nothing at all", buildEvidenceComparison({}), `Invalid. There is no cell to judge. ${quiet}`],
];

describe("the first line by evidence", () => {
  it.each(headlines)("with %s", (_, comparison, expected) => {
    expect(comparisonHeadline(comparison)).toBe(expected);
    expect(formatComparisonTerminal(comparison, {}, wide).split("\n")[0]).toBe(expected);
    const [line = ""] = formatComparisonMarkdown(comparison).split("\n");
    expect(
      line
        .replace(/^> /, "")
        .replace(/\*\*|`/g, "")
        .replaceAll("\\_", "_"),
    ).toBe(expected);
  });

  it("never claims sameness that nobody proved", () => {
    for (const [, comparison] of headlines) {
      expect(formatComparisonMarkdown(comparison)).not.toMatch(/no significant|no difference|worse/i);
    }
  });

  it("believes no comparison that names no outcome or no cells", () => {
    const { outcome: _, cells: __, ...bare } = buildEvidenceComparison({ "P1/a/cold/wall": {} });
    expect(comparisonHeadline(bare)).toMatch(/^Invalid\. There is no cell to judge\./);
    const { outcome: ___, ...unsaid } = buildEvidenceComparison({ "P1/a/cold/wall": {} });
    expect(comparisonHeadline(unsaid)).toMatch(/^Invalid\. The comparison does not say why\./);
  });

  it("names the commit of the base and calls an alert of one build against itself what it is", () => {
    const subject = { id: "5".repeat(64), commit: "a1b2c3d4e5f60718293a" };
    const warning = { code: "same-subject", message: "m", remedy: "r" } as const;
    const comparison = buildEvidenceComparison({ "P2/b/cold/wall": slow }, { warnings: [warning] });
    const headline = comparisonHeadline(comparison, { base: buildSummary({}, { subject }) });
    expect(headline).toContain("than a1b2c3d4e5f6.");
    expect(headline).toContain("Both sides ran the same build: this is a false alarm.");
  });
});

const warning = (code: ComparedCell["warnings"][number]["code"]) => ({
  code,
  message: `${code} was seen`,
  remedy: "wait",
});
const night = buildEvidenceComparison(
  {
    "P1/a/warm/wall": { warnings: [warning("outliers")] },
    "P1/a/cold/wall": open,
    "P2/b/cold/wall": { ...slow, warnings: [warning("carry-over"), warning("outliers")] },
    "P2/b/warm/wall": { verdict: "regressed", changePct: 1.2 },
    "P2/c/cold/wall": gone,
    "P2/c/warm/wall": gone,
    "P2/d/cold/wall": { verdict: "incomparable" },
    "P1/a/warm/cpu": { verdict: "improved" },
    "P1/a/warm/output_bytes": grown,
  },
  {
    outcome: "regression",
    incomparable: [
      {
        profileId: "P2",
        scenario: "d",
        reason: "missing-in-head",
        message: "head has no runs of it",
        remedy: "run it",
      },
    ],
    dataset: { datasetVersion: "1.0.0", tierId: "tier200", source: "release", sha256: "d".repeat(64) },
  },
);
const head = buildSummary(
  { "P2/c": { passed: false } },
  { machine: { id: "c".repeat(64), cpuModel: "AMD EPYC 7763" } },
);

describe("a red night", () => {
  const markdown = formatComparisonMarkdown(night, { head }, { evidenceBundle: "evidence-7.tar.zst" });
  const terminal = formatComparisonTerminal(night, { head }, { evidenceBundle: "evidence-7.tar.zst", columns: 120 });

  it("has the answer, what asks for something, how far to trust it, and then every cell, in this order", () => {
    const order = [
      "> **Regression.**",
      "> AMD EPYC 7763 class (`cccccccccccc`); dataset 1.0.0 (release, sha256 dddddddddddd…), tier200; 18 blocks a cell; a slowdown of",
      "| `P2/b/cold/wall` | 79.6 s | 85.0 s | **+6.8 %** [+5.1, +8.6] | 18 | minor |",
      "**Regressed without alert, below 2 %**\n\n- `P2/b/warm/wall`: +1.2 % [−0.3, +2.9] in 18 blocks",
      "**Could not be judged**\n\n- `P2/d`: head has no runs of it. Remedy: run it.",
      "- `P2/c/cold/wall`, `P2/c/warm/wall`: base has no valid run. Remedy: look at its stderr.",
      "**Undecided: the limit that ended the blocks is not recorded**\n\n- `P1/a/cold/wall`: +1.1 % [−4.0, +6.3] after 18 blocks, about 20 more\n\nRemedy: continue with bench:run --resume, or measure on a quieter machine.",
      "**Improved**\n\n- `P1/a/warm/cpu`: −4.1 % [−5.6, −2.4]",
      "**Changed, accepted by the suite**\n\n- `P1/a/warm/output_bytes`: 2,100,000 B → 2,100,021 B (0.0 %)",
      "**Failed runs**\n\n- head: P2/c: run 3: exit 1",
      "**Warnings**\n\n- `outliers` (`P2/b/cold/wall`, `P1/a/warm/wall`): outliers was seen. Remedy: wait.",
      "- `carry-over` (`P2/b/cold/wall`)",
      "**How the night checked itself**\n\n- `control/null`: base against its own copy, bias +0.1 % [−1.4, +1.8] in 18 blocks: quiet",
      "- `control/planted-5`: +5.0 % planted, +5.1 % achieved: found as +5.2 % [+3.7, +6.9] in 18 blocks",
      "24 primary verdicts share 0.64 %, 48 secondary 0.16 %, the null check 0.2 %; planted ones have 5 % of their own.",
      "Intervals hold with 95 % for each verdict, whenever it was stopped. Method evidence-1.",
      "Reproduce: `pnpm run bench:run -- --cell P2/b/cold --cli-path HEAD",
      "Evidence: `evidence-7.tar.zst`.",
      "<details><summary>All 9 verdicts</summary>",
      "| `P2/b/cold/wall` | regressed, minor alert | 79.6 s | 85.0 s | +6.8 % [+5.1, +8.6] | 18 | 17 | 2.1 % | evidence 4.2e5, needed 7500 |",
      "| `P2/c/cold/wall` | incomparable | – | – | – | 0 | – | – | base has no valid run |",
      "| `P1/a/warm/wall` | same | 200 ms | 200 ms | +0.2 % [−1.3, +1.9] | 18 | 16 | 2.1 % | within the margin |",
      "</details>",
      "Compared at",
    ];
    for (const part of order) expect(markdown).toContain(part);
    const places = order.map((part) => markdown.indexOf(part));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it("says on the terminal with word and sign what asks for something", () => {
    expect(terminal).toMatch(
      /\n {2}P2\/b\/cold\/wall +79\.6 s +85\.0 s +\+6\.8 % \[\+5\.1, \+8\.6\] {2}✗ regressed, minor alert +2\.1 %\n/,
    );
    expect(terminal).toMatch(/✗ incomparable[\s\S]*~ undecided[\s\S]*~ changed[\s\S]*✓ improved[\s\S]*✓ same/);
    for (const part of [
      "\n    try  look at its stderr\n",
      "18 blocks, about 20 more\n",
      "bias +0.1 %",
      "--cell P2/b/cold",
      "evidence-7",
    ]) {
      expect(terminal).toContain(part);
    }
  });

  it("says what is known when the controls or the shares are not recorded", () => {
    const { controls: _, evidence: __, ...bare } = night;
    const text = formatComparisonMarkdown(bare);
    expect(text).toContain("The night did not check itself (no controls are recorded).");
    expect(text).toContain("How the error was shared is not recorded.");
    expect(text).toContain("same (proved within the margin)");
  });

  it("speaks of one block and of one primary cell as of one", () => {
    const one = buildEvidenceComparison(
      { "P1/a/cold/wall": { verdict: "regressed", changePct: 1.2, blockCount: 1 } },
      { evidence: { ...evidenceShares, family: { primaryCount: 1, secondaryCount: 0 } } },
    );
    const text = formatComparisonMarkdown(one);
    expect(text).toContain("`P1/a/cold/wall`: +1.2 % [−0.3, +2.9] in 1 block\n");
    expect(text).toContain("1 primary verdict has 0.64 %, the null check 0.2 %;");
  });

  it("says where an interval holds only for the number of blocks that was set before", () => {
    const fixed = buildEvidenceComparison({
      "P1/a/cold/wall": { interval: { ...bounds(-1, 1), kind: "fixed-n", levelPct: 95 } as ComparedCell["interval"] },
    });
    expect(formatComparisonMarkdown(fixed)).toContain("within the margin, fixed n");
    expect(formatComparisonMarkdown(fixed)).not.toContain("whenever it was stopped");
  });

  it("says how a control failed", () => {
    const [first, planted] = passedControls.controls;
    if (first === undefined || planted === undefined) throw new Error("no controls were built");
    const controls = {
      ...red,
      controls: [
        { ...planted, passed: false, cell: { ...planted.cell, verdict: "undecided" as const } },
        { ...first, passed: false, cell: { ...first.cell, verdict: "regressed" as const } },
      ],
    };
    const text = formatComparisonMarkdown({ ...night, controls });
    expect(text).toContain(
      "18 blocks: not quiet, regressed\n- `control/planted-5`: +5.0 % planted, +5.1 % achieved: not found, undecided at +5.2 %",
    );
    expect(text).toContain("\n\nRemedy: check load, clock and file system of the machine;");
    const disregarded = { ...red, controls: [first, planted].map((control) => ({ ...control, passed: false })) };
    expect(formatComparisonMarkdown({ ...night, controls: disregarded })).toMatch(
      /18 blocks: quiet, but does not count\n.*5\.1 % achieved: found, but does not count, as \+5\.2 %/,
    );
  });

  it("tells what detectable changes mean, where there are any", () => {
    expect(markdown).toMatch(/\| smallest detectable slowdown \|[\s\S]*\nSmallest detectable slowdown: the slow/);
    expect(terminal).toMatch(/ detects ≥\n[\s\S]*\ndetects ≥ is the smallest detectable slowdown: the slow/);
    const unknown = buildEvidenceComparison({ "P1/a/cold/wall": { detectablePct: null } });
    expect(formatComparisonTerminal(unknown)).not.toContain("detectable");
  });

  it("calls the figures of one cell an example where others differ", () => {
    const outliers = (message: string) => ({ warnings: [{ ...warning("outliers"), message }] });
    const cells = (second: string) => ({ "P1/a/cold/wall": outliers("3 of 18"), "P1/b/cold/wall": outliers(second) });
    const textOf = (second: string) =>
      formatComparisonTerminal(buildEvidenceComparison(cells(second)), {}, { columns: 120 });
    expect(textOf("9 of 18")).toContain("outliers (P1/a/cold/wall, P1/b/cold/wall): for example, 3 of 18\n");
    expect(textOf("3 of 18")).toContain("outliers (P1/a/cold/wall, P1/b/cold/wall): 3 of 18\n");
  });
});

describe("the command that measures again", () => {
  const reproduced = (name: string) => {
    const head = buildSummary({ "P1/a": {} }, { suite: { name, sha256: "5".repeat(64) } });
    const red = buildEvidenceComparison({ "P1/a/cold/wall": { verdict: "regressed" } }, { outcome: "regression" });
    return formatComparisonMarkdown(red, { head, base: head });
  };

  it("asks for the suite file where it is not the one that is taken anyway", () => {
    expect(reproduced("imageforge")).toContain("bench:run -- --cell P1/a/cold --cli-path HEAD");
    expect(reproduced("other")).toMatch(
      /bench:run -- --suite SUITE --cell P1\/a\/cold .*`, with the two CLIs, the file of the suite `other`, the tier/,
    );
  });

  it("asks for no images and no CLI where there are none", () => {
    const dataset = { datasetVersion: "zstd", tierId: "inputs", sha256: "d".repeat(64), source: "suite" };
    const suite = { name: "zstd", sha256: "5".repeat(64) };
    const red = buildEvidenceComparison({ "P1/a/cold/wall": { verdict: "regressed" } }, { outcome: "regression" });
    const textOf = (changes: object) => {
      const head = buildSummary({ "P1/a": {} }, { suite, dataset, ...changes });
      return formatComparisonMarkdown(red, { head, base: head });
    };
    expect(textOf({ slots: undefined })).toContain(
      "`pnpm run bench:run -- --suite SUITE --cell P1/a/cold --workspace DIR`, with the file of the suite `zstd` and a workspace",
    );
    expect(textOf({ slots: { mode: "copied" } })).toContain(
      "--base-cli-path BASE --workspace DIR`, with the two CLIs, the file of the suite `zstd` and a workspace",
    );
  });
});

describe("text from outside, by evidence", () => {
  const hostile = "x|`<script>\n\u001b[31m::error::[l](http://e)@all";
  const texts = {
    reason: hostile,
    remedy: hostile,
    unit: hostile,
    profileId: hostile,
    scenario: hostile,
    metric: "constructor",
  };
  const cell = (verdict: ComparedCell["verdict"], more: ComparedCellSpec = {}): ComparedCellSpec => ({
    verdict,
    ...texts,
    id: hostile,
    isAlert: verdict === "regressed",
    warnings: [{ code: "outliers", message: hostile, remedy: hostile }],
    ...more,
  });
  const comparison = buildEvidenceComparison(
    {
      a: cell("regressed"),
      b: cell("incomparable"),
      c: cell("undecided", { moreBlocks: null, gating: true }),
      d: cell("changed", { family: "exact" }),
      e: cell("improved"),
      f: cell("same"),
    },
    {
      outcome: "regression",
      controls: { ...passedControls, status: "absent", reason: hostile },
      evidence: { ...buildEvidenceComparison({}).evidence, method: hostile } as NonNullable<Comparison["evidence"]>,
    },
  );
  const summary = buildSummary(
    {},
    {
      machine: { id: "c".repeat(64), cpuModel: hostile },
      subject: { id: "5".repeat(64), commit: hostile },
    },
  );
  const extras = { evidenceBundle: hostile };

  it("cannot act in Markdown", () => {
    const text = formatComparisonMarkdown(comparison, { head: summary, base: summary }, extras);
    const prose = text.replace(/\\[`|\\]/g, "E").replace(/`[^`\n]*`/g, "CODE");
    expect(prose.replace(/<\/?(details|summary)>/g, "")).not.toMatch(/<|@(?!\u2060)|(?<!\\)\[[a-z]|(?<!\\):\/\//);
    expect(text).not.toContain("\u001b");
    expect(text).not.toMatch(/^\s*::/m);
    const rows = prose.split("\n").filter((line) => line.startsWith("| CODE"));
    expect(rows.map((row) => row.split("|").length - 2)).toEqual([6, 9, 9, 9, 9, 9, 9]);
    expect(text).not.toContain("Reproduce:");
  });

  it("cannot act in a terminal or a log", () => {
    const text = formatComparisonTerminal(comparison, { head: summary, base: summary }, extras);
    expect(text).not.toContain("\u001b");
    expect(text).not.toMatch(/^\s*(::|##\[)/m);
  });
});

describe("a huge comparison by evidence", () => {
  const many = (count: number, spec: ComparedCellSpec) =>
    buildEvidenceComparison(
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`profile-${index}/a-scenario-with-a-long-name/cold/wall`, spec]),
      ),
    );
  const long = "m".repeat(400);
  const verdicts = ["regressed", "incomparable", "undecided", "improved", "changed", "same"] as const;
  const cells = verdicts.flatMap((verdict) =>
    (many(1700, { verdict, warnings: [warning("outliers"), warning("bimodal")] }).cells ?? []).map((cell, index) => ({
      ...cell,
      reason: `${long} ${index}`,
    })),
  );
  const everything: Comparison = {
    ...buildEvidenceComparison({}, { outcome: "regression" }),
    cells: [...cells, ...cells.filter(({ isAlert }) => isAlert).map((cell) => ({ ...cell, isAlert: false }))],
    incomparable: Array.from({ length: 5000 }, (_, index) => ({
      ...({
        profileId: `P${index}`,
        scenario: "s",
        reason: "missing-in-head",
        message: `${long} ${index}`,
        remedy: long,
      } as const),
    })),
    warnings: Array.from({ length: 5000 }, () => ({ code: "same-file" as const, message: long, remedy: long })),
    controls: { ...passedControls, controls: Array.from({ length: 500 }, () => passedControls.controls).flat() },
  };
  const failures = Array.from({ length: 9999 }, () => "|".repeat(999));
  const failed = buildSummary({}, { validation: { passed: false, failureCount: 9999, failures } });

  it("stays below 60,000 characters in Markdown, the worst first, and says what was left out", () => {
    const text = formatComparisonMarkdown(everything, { head: failed }, { evidenceBundle: long });
    expect(text.length).toBeLessThan(60_000);
    expect(text).toMatch(/\d+ more alerts in compare\.json/);
    expect(text).toMatch(/\d+ more verdicts in compare\.json/);
    expect(text).toMatch(/… \d+ more in the JSON file/);
    expect(text.trimEnd().endsWith(".")).toBe(true);
  });

  it("names a few of the cells that a warning or a reason concerns, and counts the rest", () => {
    const text = formatComparisonMarkdown(many(20, { ...gone, warnings: [warning("outliers")] }));
    expect(text.match(/and 17 more/g)).toHaveLength(2);
    expect(text).toContain(
      "> **Invalid.** 20 of 20 gating verdicts could not be judged: `profile-0/a-scenario-with-a-long-name/cold/wall` and 19 others, the first since base has no valid run.",
    );
  });

  it("keeps to the limit whatever the names and the verdicts", () => {
    const verdict = fc.constantFrom(...verdicts);
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 200 }),
        verdict,
        fc.integer({ min: 0, max: 300 }),
        (name, found, count) => {
          const built = many(count, { verdict: found, id: name, profileId: name, reason: name, remedy: name });
          expect(formatComparisonMarkdown(built).length).toBeLessThan(60_000);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("stays short in a terminal", () => {
    expect(formatComparisonTerminal(everything, { head: failed }).split("\n").length).toBeLessThan(340);
  });
});
