import { buildSummary } from "@forgebench/artifacts/testing";
import { standardThresholds } from "@forgebench/verdict";
import { expect, it } from "vitest";
import { compareByThreshold } from "./compare-by-threshold.ts";
import { assertMadeFrom, findForeignInput } from "./provenance.ts";

const base = { summary: buildSummary({ "P1/a": { coldMs: 200 } }), sha256: "1".repeat(64) };
const head = { summary: buildSummary({ "P1/a": { coldMs: 210 } }), sha256: "2".repeat(64) };
const made = compareByThreshold({
  base,
  head,
  thresholds: standardThresholds,
  gateMode: "advisory",
  generatedAt: "2026-02-15T00:00:00Z",
  inputs: [
    { role: "base", path: "base.json", sha256: base.sha256 },
    { role: "head", path: "head.json", sha256: head.sha256 },
  ],
});
const { inputs: _, ...older } = made;

it("knows its own inputs by their hash", () => {
  expect(findForeignInput(made, "base", base)).toBeUndefined();
  expect(findForeignInput(made, "head", head)).toBeUndefined();
  expect(findForeignInput(made, "head", base)).toMatch(/^it was made from the head summary with sha256 222/);
});

it("compares the figures when an older comparison does not name its inputs", () => {
  expect(findForeignInput(older, "base", base)).toBeUndefined();
  expect(findForeignInput(older, "head", base)).toBe(
    'it has 210 ms for "P1/a/cold" of head, but the given summary has 200',
  );
  const empty = { summary: buildSummary({}), sha256: "" };
  expect(findForeignInput(older, "head", empty)).toContain("but the given summary has no figure");
});

it("refuses a comparison of other summaries as wrong input data", () => {
  expect(() => assertMadeFrom(made, "compare.json", "head", head)).not.toThrow();
  expect(() => assertMadeFrom(made, "compare.json", "head", base)).toThrow(
    /^Cannot use comparison "compare.json": inputs: it was made from the head summary with sha256 2+, but the given one has 1+$/,
  );
});
