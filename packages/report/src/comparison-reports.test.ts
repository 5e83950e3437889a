import { buildComparison, buildSummary, type ComparedPairSpec } from "@forgebench/artifacts/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparisonHeadline, formatComparisonMarkdown, formatComparisonTerminal } from "./comparison-report.ts";

const slow: ComparedPairSpec = { baseMs: 102, headMs: 125.6, alerts: ["cold"] };
const gap = {
  profileId: "P2",
  scenario: "b",
  reason: "missing-in-head",
  message: 'Cannot compare "P2/b": head has no runs of it',
  remedy: "run it",
} as const;

/** So wide that no sentence wraps. */
const wide = { columns: 2000 };

describe("the first line", () => {
  it.each([
    [
      "nothing above a threshold",
      buildComparison({ "P1/a": {} }),
      "No alert. None of 3 figures of 1 pair is above its threshold.",
    ],
    [
      "an alert",
      buildComparison({ "P1/a": slow, "P1/b": {} }),
      "Alert. P1/a/cold is 23.1 % slower (102 ms → 126 ms, threshold +15 %); 5 figures without alert.",
    ],
    [
      "several alerts, the worst first",
      buildComparison({ "P1/a": slow, "P1/b": { baseMs: 100, headMs: 300, alerts: ["warm-p50", "cold"] } }),
      "Alert. P1/b/warm-p50 is 200.0 % slower (100 ms → 300 ms, threshold +10 %), and 2 further figures are above the threshold; 3 figures without alert.",
    ],
    ["nothing to judge", buildComparison({}, { incomparable: [gap] }), "Could not be judged: P2/b (missing in head)."],
    [
      "an alert and something that could not be judged",
      buildComparison({ "P1/a": slow }, { incomparable: [gap, { ...gap, profileId: "", reason: "different-suite" }] }),
      "Alert. P1/a/cold is 23.1 % slower (102 ms → 126 ms, threshold +15 %); 2 figures without alert. Could not be judged: P2/b (missing in head), and 1 further reason below.",
    ],
    [
      "nothing above a threshold, and something that could not be judged",
      buildComparison(
        { "P1/a": {} },
        { incomparable: [{ ...gap, profileId: "", scenario: "", reason: "different-dataset" }] },
      ),
      "Could not be judged: the comparison (different datasets). No alert among the 3 figures that could be judged.",
    ],
  ])("with %s", (_, comparison, expected) => {
    expect(comparisonHeadline(comparison)).toBe(expected);
    const [markdownLine = ""] = formatComparisonMarkdown(comparison).split("\n");
    expect(markdownLine.replace(/^> /, "").replace(/\*\*|`/g, "")).toBe(expected);
    expect(formatComparisonTerminal(comparison, {}, wide).split("\n")[0]).toBe(expected);
  });
});

describe("both reports", () => {
  const comparison = buildComparison(
    {
      "P1/a": slow,
      "P1/b": { baseMs: 80, headMs: 92 },
      "P1/c": { baseMs: null, headMs: 5 },
      "P1/d": { baseMs: null, headMs: null },
    },
    {
      incomparable: [gap],
      warnings: [{ code: "same-subject", message: "both sides ran the same build", remedy: "compare two" }],
      inputs: [{ role: "base", path: "base.json", sha256: "1".repeat(64) }],
    },
  );
  const head = buildSummary({ "P2/b": { passed: false } });

  it.each([
    ["Markdown", formatComparisonMarkdown(comparison, { head })],
    ["terminal", formatComparisonTerminal(comparison, { head }, wide)],
  ])("say what was compared and how far to trust it (%s)", (_, text) => {
    for (const part of [
      "10 runs of each pair on both sides; dataset unknown; policy threshold; mode advisory: an alert does not fail the step.",
      "ignore the noise",
      "Cold is a single run on each side.",
      "p95 of 9 warm runs is the slowest of them.",
      "✗ alert",
      "no alert: only +12.0 ms",
      "not judged",
      "not measured",
      "head: P2/b: run 3: exit 1",
      "both sides ran the same build",
      "run it",
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toMatch(/\bsame within|no significant|no difference/i);
  });

  it("has the alerts, what could not be judged, and then all figures, in this order", () => {
    const text = formatComparisonMarkdown(comparison);
    const order = [
      "**+23.1 %**",
      "**Could not be judged**",
      "**Warnings**",
      "**How far",
      "<details>",
      "</details>",
      "base `base.json`",
    ];
    expect(order.map((part) => text.indexOf(part))).toEqual(
      order.map((part) => text.indexOf(part)).toSorted((a, b) => a - b),
    );
    expect(order.every((part) => text.includes(part))).toBe(true);
  });

  it("puts alerts first in the terminal's table and aligns the figures", () => {
    const lines = formatComparisonTerminal(comparison).split("\n");
    const at = lines.findIndex((line) => line.startsWith("  cell"));
    expect(lines[at + 1]).toMatch(/^ {2}P1\/a\/cold +102 ms +126 ms +\+23\.1 % +\+15 % {2}✗ alert$/);
    const ends = lines.slice(at, at + 4).map((line) => line.search(/%|threshold/));
    expect(new Set(ends.slice(1)).size).toBe(1);
  });

  it("do not claim a single cold run or a maximum where that is not so, nor runs that nobody counted", () => {
    const many = { warmP50Ms: 1, warmP95Ms: 1, coldMs: 1, runCount: 40, warmCount: 20 };
    const [pair] = buildComparison({ "P1/a": {} }).pairs;
    if (pair === undefined) throw new Error("no pair was built");
    const larger = buildComparison({}, { pairs: [{ ...pair, base: many, head: many }] });
    expect(formatComparisonMarkdown(larger)).not.toMatch(/single run|slowest/);
    const { runCount: _, warmCount: __, ...bare } = many;
    const older = buildComparison({}, { pairs: [{ ...pair, base: bare, head: { ...bare, runCount: 4 } }] });
    expect(formatComparisonMarkdown(older)).toContain("an unknown number of runs of each pair in base, 4 runs in head");
  });
});

describe("text from outside", () => {
  const hostile = "x|`<script>\n\u001b[31m::error::[l](http://e)@all";
  const comparison = buildComparison(
    { [`${hostile}/${hostile}`]: slow },
    {
      incomparable: [{ ...gap, profileId: hostile, scenario: hostile, message: hostile, remedy: hostile }],
      warnings: [{ code: "same-file", message: hostile, remedy: hostile }],
      inputs: [{ path: hostile, sha256: "1".repeat(64) }],
      dataset: { datasetVersion: hostile, tierId: hostile, source: hostile, sha256: "1".repeat(64) },
    },
  );
  const head = buildSummary({ [`${hostile}/a`]: { passed: false } });

  it("cannot act in Markdown", () => {
    const text = formatComparisonMarkdown(comparison, { head });
    const prose = text.replace(/`[^`\n]*`/g, "CODE");
    expect(prose.replace(/<\/?(details|summary)>/g, "")).not.toMatch(/<|@(?!\u2060)|(?<!\\)\[|(?<!\\):\/\//);
    expect(text).not.toContain("\u001b");
    expect(text).not.toMatch(/^\s*::/m);
    for (const row of prose.split("\n").filter((line) => line.startsWith("| CODE"))) {
      expect(row.split("|").length - 2).toSatisfy((cells: number) => cells === 5 || cells === 6);
    }
  });

  it("cannot act in a terminal or a log", () => {
    const text = formatComparisonTerminal(comparison, { head });
    expect(text).not.toContain("\u001b");
    expect(text).not.toMatch(/^\s*(::|##\[)/m);
  });
});

describe("a huge comparison", () => {
  const pairs = (count: number, spec: ComparedPairSpec) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`profile-${index}/a-scenario-with-a-long-name`, spec]),
    );
  const everything = buildComparison(pairs(10_000, { ...slow, alerts: ["warm-p50", "warm-p95", "cold"] }), {
    incomparable: Array.from({ length: 10_000 }, () => ({ ...gap, message: "@".repeat(500) })),
    warnings: Array.from({ length: 10_000 }, () => ({
      code: "same-file" as const,
      message: "m".repeat(500),
      remedy: "r",
    })),
  });
  const head = buildSummary(
    {},
    {
      validation: { passed: false, failureCount: 9999, failures: Array.from({ length: 9999 }, () => "|".repeat(999)) },
    },
  );

  it("stays below 60,000 characters in Markdown and says what was left out", () => {
    const text = formatComparisonMarkdown(everything, { head });
    expect(text.length).toBeLessThan(60_000);
    expect(text).toMatch(/\d+ more alerts in compare\.json/);
    expect(text).toMatch(/\d+ more figures in compare\.json/);
    expect(text).toMatch(/… \d+ more in the JSON file/);
    expect(text.trimEnd().endsWith(".")).toBe(true);
  });

  it("keeps to the limit whatever the names", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.integer({ min: 0, max: 900 }), (name, count) => {
        const comparison = buildComparison(
          Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}${name}/s`, slow])),
        );
        expect(formatComparisonMarkdown(comparison).length).toBeLessThan(60_000);
      }),
      { numRuns: 20 },
    );
  });

  it("stays short in a terminal", () => {
    expect(formatComparisonTerminal(everything, { head }).split("\n").length).toBeLessThan(250);
  });
});
