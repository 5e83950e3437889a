import { buildSummary } from "@forgebench/artifacts/testing";
import { expect, it } from "vitest";
import { formatSummariesMarkdown, formatSummariesTerminal } from "./summary-report.ts";

const head = buildSummary({ "P1/a": { coldMs: 1920, warmP50Ms: 61.4, imageCount: 30 }, "P1/b": { warmP50Ms: null } });
const base = buildSummary({ "P1/a|<b>": { passed: false } });

it("shows one arm, its validity first", () => {
  expect(formatSummariesTerminal({ head })).toBe(
    [
      "Measured, not compared. 2 pairs of head, 10 runs each, every run valid.",
      "",
      "  pair    cold  warm p50  warm p95  warm runs  cold/warm  runs",
      "  P1/a  1.92 s   61.4 ms   64.5 ms          9      31.3×  valid",
      "  P1/b  200 ms         –         –          0          –  valid",
      "",
      "Verdict: none, measured but not compared; every run valid",
      "",
    ].join("\n"),
  );
  expect(formatSummariesMarkdown({ head })).toContain("| `P1/a` | 1.92 s | 61.4 ms | 64.5 ms | 9 | 31.3× | valid |");
});

it("shows both arms and names failed runs before the figures", () => {
  const text = formatSummariesMarkdown({ head, base });
  expect(text.indexOf("of head")).toBeLessThan(text.indexOf("of base"));
  expect(text).toContain("> **Not valid.** 1 pair of base, 10 runs each, 1 failure.");
  expect(text).toContain("- base: P1/a\\|&lt;b&gt;: run 3: exit 1");
  expect(text).toContain("✗ failed");
});

it("stays bounded", () => {
  const names = Array.from({ length: 3000 }, (_, index) => [`P${index}/scenario`, {}]);
  const large = buildSummary(Object.fromEntries(names));
  expect(formatSummariesMarkdown({ head: large, base: large }).length).toBeLessThan(60_000);
  expect(formatSummariesTerminal({ head: large })).toContain("… 2940 more pairs in the summary");
});

it("shows failures of every form, each with its pair once", () => {
  const failures = [
    "the manifest changed",
    { message: "out of space" },
    { profileId: "P1", scenario: "a", message: "P1/a/cold, run 3: exit 1" },
    { exitCode: 1 },
  ];
  const text = formatSummariesTerminal({
    head: buildSummary({}, { validation: { passed: false, failureCount: 4, failures } }),
  });
  expect(text).toContain(
    [
      "failed runs of head",
      "  head: the manifest changed",
      "  head: out of space",
      "  head: P1/a/cold, run 3: exit 1",
      '  head: {"exitCode":1}',
    ].join("\n"),
  );
});
