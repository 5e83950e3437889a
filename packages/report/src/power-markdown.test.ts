import { describe, expect, it } from "vitest";
import { formatPowerMarkdown } from "./power-markdown.ts";
import type { PowerRecording } from "./power-recording.ts";

const slowdown = (slowdownPct: number, regressed: number, same: number) => ({
  slowdownPct,
  regressed,
  same,
  undecided: 1 - regressed - same,
  meanBlocks: 12.34,
  rivals: { seed: { slower: 0.167 }, repeatedT: { slower: 0.25 }, mannWhitney: { slower: 0 } },
});

const quiet: PowerRecording = {
  recording: { name: "quiet", sampleCount: 300 },
  simulationCount: 2000,
  slowdowns: [slowdown(0, 0.0004, 0.992), slowdown(5, 0.985, 0.01)],
  falseNights: [
    { noise: "as recorded", nightCount: 2000, regressedNights: 1, improvedNights: 3, worstMomentNights: 30 },
    { noise: "bursts", nightCount: 2000, regressedNights: 0, improvedNights: 0, worstMomentNights: 2 },
  ],
  tenRuns: [
    { slowdownPct: 0, ours: 0.012, seed: 0.167 },
    { slowdownPct: 10, ours: 0.7, seed: 0.5 },
  ],
  intervals: { sequenceCoverage: 0.97, widthPctAt20: 6.26, widthPctAtCap: 3, fixedCoverage: { 9: 0.96, 20: 0.93 } },
  detectable: { printedPct: 5.5, replayedPct: 5 },
  plantedMissed: [{ slowdownPct: 5, missed: 0.005 }],
};
const loaded: PowerRecording = {
  ...quiet,
  recording: { name: "lo|ad`ed <b>", sampleCount: 1 },
  falseNights: quiet.falseNights.slice(0, 1),
};

const figure = (name: string, goal: string, met = true, unit = "%") => ({ name, value: 0, unit, goal, met });
const figures = [
  figure("quiet: nothing changed: same", "≥ 99"),
  figure("quiet: nothing changed: blocks until decided, mean", "≤ 12", false, "blocks"),
  figure("quiet: +5 %: regressed", "≥ 99", false),
  figure("quiet: false nights, as recorded: a cell regressed", "≤ 1"),
  figure("quiet: false nights, as recorded: stopped at the worst moment", "≤ 1", false),
  figure("quiet: planted +5 % missed by the control", "≤ 0.5"),
  figure("lo|ad`ed <b>: planted +5 % missed by the control", "≤ 2"),
  figure("quiet: fixed-n intervals of 20 blocks that held the truth", "93.5 to 96.5", false),
  figure("quiet: one cell, 10 + 10 runs, +10 %: regressed", "> 50.0"),
];

describe("what the verdicts reach, in Markdown", () => {
  const lines = formatPowerMarkdown([quiet, loaded], figures).split("\n");

  it("has a table of slowdowns for each recording, beside other rules and what was asked", () => {
    const start = lines.indexOf("`quiet`, 300 runs; 2000 cells a row:");
    expect(lines.slice(start + 2, start + 7)).toEqual([
      "| planted | regressed | same | undecided | blocks, mean | thresholds, 10 + 10 runs | repeated t-test | rank test, 10 + 10 runs | asked |",
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
      "| nothing changed | 0.0 % | 99.2 % | 0.8 % | 12.3 ✗ | 16.7 % | 25.0 % | 0.0 % | same ≥ 99 %, blocks ≤ 12 |",
      "| +5 % | 98.5 % ✗ | 1.0 % | 0.5 % | 12.3 | 16.7 % | 25.0 % | 0.0 % | regressed ≥ 99 % |",
      "",
    ]);
    expect(lines).toContain("`lo¦ad'ed <b>`, 1 run; 2000 cells a row:");
  });

  it("counts false nights by noise, and what a false alarm in a cell makes of the nights of others", () => {
    expect(lines).toContain("| as recorded | 0.05 / 0.15 / 1.50 ✗ | 0.05 / 0.15 / 1.50 | ≤ 1 % |");
    expect(lines).toContain("| bursts | 0.00 / 0.00 / 0.10 | – | – |");
    expect(lines).toContain("| evidence | 0.0 % → 0.1 % | 0.0 % → 0.1 % |");
    expect(lines).toContain("| thresholds, 10 + 10 runs | 16.7 % → 98.8 % | 16.7 % → 98.8 % |");
    expect(lines).toContain("| repeated t-test | 25.0 % → 99.9 % | 25.0 % → 99.9 % |");
    expect(lines).toContain("| rank test, 10 + 10 runs | 0.0 % → 0.0 % | 0.0 % → 0.0 % |");
  });

  it("tells coverage, detectable changes and missed controls, with every goal that there was", () => {
    const rows = [
      "| intervals that held the truth at every block | 97.0 % | 97.0 % | – |",
      "| their width after 20 blocks, points | 6.3 | 6.3 | – |",
      "| intervals of 20 blocks, fixed before, that held it | 93.0 % ✗ | 93.0 % | 93.5 to 96.5 % |",
      "| intervals of 40 blocks, fixed before, that held it | – | – | – |",
      "| printed above found | 10.0 % | 10.0 % | – |",
      "| planted +5 % missed by the control | 0.5 % | 0.5 % | ≤ 0.5 % or ≤ 2 % |",
      "| planted +10 % missed by the control | – | – | – |",
      "| one cell, 10 + 10 runs, nothing changed: regressed (thresholds) | 1.2 % (16.7 %) | 1.2 % (16.7 %) | – |",
      "| one cell, 10 + 10 runs, +10 %: regressed (thresholds) | 70.0 % (50.0 %) | 70.0 % (50.0 %) | more than the thresholds |",
    ];
    for (const row of rows) expect(lines).toContain(row);
  });

  it("gives every row of a table the columns of its head, also without goals or figures", () => {
    for (const text of [
      formatPowerMarkdown([quiet, loaded], figures),
      formatPowerMarkdown([{ ...quiet, slowdowns: [] }]),
    ]) {
      let width = 0;
      for (const line of text.split("\n")) {
        const count = line.startsWith("|") ? line.split("|").length : 0;
        if (width > 0 && count > 0) expect(count).toBe(width);
        width = count;
      }
    }
    expect(formatPowerMarkdown([])).toBe("No recording was replayed.\n");
  });
});
