import type { ComparedCell } from "@forgebench/artifacts";
import { expect, it } from "vitest";
import { resolutionText } from "./resolution.ts";

const side = (median: number) => ({ median, validCount: 20, failedCount: 0 });

/** A gating cell of which a slowdown of so much would be found; a run takes 500 ms. */
const cell = (detectablePct: number | null, more: Partial<ComparedCell> = {}): ComparedCell => ({
  id: "P1/a/warm/wall",
  profileId: "P1",
  scenario: "a",
  phase: "warm",
  metric: "wall",
  unit: "ms",
  better: "lower",
  family: "primary",
  gating: true,
  verdict: "same",
  isAlert: false,
  severity: null,
  base: side(500),
  head: side(500),
  blockCount: 20,
  changePct: 0,
  interval: null,
  evidence: null,
  detectablePct,
  moreBlocks: null,
  warnings: [],
  ...more,
});

it.each<[string, readonly ComparedCell[], number | undefined, string]>([
  ["nothing where no cell tells", [cell(null)], 40, ""],
  ["a fine resolution alone", [cell(3.1)], 40, "a slowdown of 3.1 % or more would have been found"],
  [
    // Twice the size takes four times the blocks: 160, of which 20 are there; the other cell is fine already.
    "what a slowdown of 5 % would take",
    [cell(10), cell(4)],
    40,
    "a slowdown of 10.0 % or more would have been found in every gating cell, of 4.0 % in the quietest (for 5.0 %: up to 140 s more with --max-blocks 160, or close other programs)",
  ],
  [
    "no time where the metric is none",
    [cell(10, { unit: "B" })],
    40,
    "a slowdown of 10.0 % or more would have been found (for 5.0 %: --max-blocks 160, or close other programs)",
  ],
  [
    "quiet alone where too many blocks would be needed",
    [cell(90)],
    40,
    "a slowdown of 90.0 % or more would have been found (for 5.0 %: close other programs)",
  ],
  [
    "no blocks where nobody knows how many there could be",
    [cell(10)],
    undefined,
    "a slowdown of 10.0 % or more would have been found",
  ],
  [
    "in how many cells it would be found",
    [cell(10), cell(null)],
    40,
    "a slowdown of 10.0 % would have been found in 1 of 2 gating cells",
  ],
  [
    "gating cells alone",
    [cell(3), cell(50, { gating: false }), cell(50, { family: "secondary" })],
    40,
    "a slowdown of 3.0 % or more would have been found",
  ],
])("says %s", (_, all, maxBlocks, text) => {
  expect(resolutionText({ all }, maxBlocks)).toBe(text);
});
