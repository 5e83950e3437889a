import { buildComparison, buildEvidenceComparison, buildSummary } from "@forgebench/artifacts/testing";
import { describe, expect, it } from "vitest";
import { formatComparisonMarkdown, formatComparisonTerminal } from "./comparison-report.ts";
import { datasetText } from "./dataset-sentences.ts";
import { markdownMarkup, plainMarkup } from "./markup.ts";
import { formatSummariesMarkdown, formatSummariesTerminal } from "./summary-report.ts";

const identity = { datasetVersion: "1.0.0", tierId: "tier30", sha256: "d".repeat(64) };
const release = { repository: "o/n", tag: "bench-dataset-v1.0.0", archiveSha256: "e".repeat(64) };
const released = { ...identity, source: "release", release };
const reason = "no release 1.0.0 in o/n";
const fallback = { ...identity, source: "fallback", fallback: { reason } };

type Dataset = Parameters<typeof datasetText>[0] & object;

/** So wide that no sentence wraps. */
const wide = { columns: 2000 };

/** The first lines of every kind of report. */
function reportsOn(dataset: Dataset): readonly (readonly [string, string])[] {
  const byThreshold = buildComparison({ "P1/a": {} }, { dataset });
  const byEvidence = buildEvidenceComparison({ "P1/a/cold/wall": {} }, { dataset });
  const head = buildSummary({ "P1/a": {} }, { dataset });
  const reports = [
    ["a comparison by thresholds, Markdown", formatComparisonMarkdown(byThreshold)],
    ["a comparison by thresholds, terminal", formatComparisonTerminal(byThreshold, {}, wide)],
    ["a comparison by evidence, Markdown", formatComparisonMarkdown(byEvidence)],
    ["a comparison by evidence, terminal", formatComparisonTerminal(byEvidence, {}, wide)],
    ["a summary, Markdown", formatSummariesMarkdown({ head })],
    ["a summary, terminal", formatSummariesTerminal({ head }, wide)],
  ] as const;
  return reports.map(([name, text]) => [name, text.split("\n").slice(0, 3).join("\n")]);
}

describe("the first lines of a report", () => {
  it.each(reportsOn(released))("name the release: %s", (_, text) => {
    expect(text).toMatch(/dataset 1\.0\.0 \(release o\/n, sha256 d{12}…\), tier30/i);
    expect(text).not.toContain("Fallback");
  });

  it.each(reportsOn({ ...identity, source: "local" }))("name a local build: %s", (_, text) => {
    expect(text).toMatch(/dataset 1\.0\.0 \(local build, sha256 d{12}…\), tier30/i);
    expect(text).not.toContain("Fallback");
  });

  it.each(reportsOn(fallback))("say loudly that it is a fallback, and why: %s", (_, text) => {
    const [first = ""] = text.split("\n");
    expect(first).toContain("Fallback dataset:");
    expect(first).toContain(`built where it was measured, not a release (${reason}).`);
    expect(text).toMatch(/dataset 1\.0\.0 \(fallback: no release 1\.0\.0 in o\/n, sha256 d{12}…\), tier30/i);
  });

  it.each(reportsOn({ ...fallback, fallback: { reason: "x|<script>@all [l](http://e)" } }))(
    "let no reason act in Markdown: %s",
    (name, text) => {
      if (name.endsWith("Markdown")) expect(text).not.toMatch(/<script|@(?!\u2060)|(?<!\\)\[l\]|(?<!\\):\/\//);
      else expect(text).toContain("x|<script>@all");
    },
  );
});

it("a dataset that nobody recorded is unknown", () => {
  expect(datasetText(undefined, plainMarkup)).toBe("dataset unknown");
  expect(datasetText({ ...identity, source: "x_y_" }, markdownMarkup)).toContain("\\_");
});
