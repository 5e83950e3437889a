import type { Comparison } from "@forgebench/artifacts";
import { SeededRandom } from "@forgebench/stats";
import { describe, expect, it } from "vitest";
import {
  buildContext,
  buildRuns,
  compareRuns,
  healthyControls,
  inTurn,
  type MadeUpBlock,
  noisyBlocks,
} from "../test-helpers.ts";

const CELLS = ["P1/one/cold", "P1/one/warm"];

function compare(warm: readonly MadeUpBlock[], controls = healthyControls()): Comparison {
  const cold = buildRuns("P1/one/cold", noisyBlocks("cold", 20));
  return compareRuns(inTurn([...cold, ...buildRuns("P1/one/warm", warm), ...controls]), buildContext(CELLS));
}

const warmCell = ({ cells = [] }: Comparison) => cells.find(({ phase }) => phase === "warm");

/**
 * Head takes 7 % less in every block, but the machine gets slower: two thirds of the blocks ran at one pace, the rest at
 * another, and the runs of head that are left out of the middle make its median lie in the slow part.
 */
function driftingBlocks(): MadeUpBlock[] {
  const random = new SeededRandom("drift");
  return Array.from({ length: 21 }, (_, index) => {
    const pace = index < 10 ? 100 : index < 11 ? 120 : 150;
    const noise = () => Math.exp(0.002 * random.normal());
    const isHeadSlow = index === 10;
    return { baseMs: pace * noise(), headMs: pace * (isHeadSlow ? 1.3 : 0.93) * noise() };
  });
}

describe("the pairs of a comparison by evidence", () => {
  it("have the estimate of the cell as their change, in milliseconds of base, whatever the levels say", () => {
    const made = compare(noisyBlocks("slow", 30, 12));
    const [pair] = made.pairs;
    const changePct = warmCell(made)?.changePct ?? 0;
    expect(changePct).toBeCloseTo(12, -1);
    expect(pair?.deltas.warmP50.regressionPct).toBe(changePct);
    expect(pair?.deltas.warmP50.deltaMs).toBeCloseTo(((pair?.base.warmP50Ms ?? 0) * changePct) / 100, 5);
    expect(pair?.alerts[0]?.regressionPct).toBe(changePct);
    expect(pair?.deltas.cold.regressionPct).toBe(made.cells?.find(({ phase }) => phase === "cold")?.changePct);
  });

  it("have no change where the night is invalid: nothing of it may be believed", () => {
    const nothing = { deltaMs: null, regressionPct: null };
    const red = buildRuns("control/null", noisyBlocks("null", 30, 20));
    const controls = [...red, ...healthyControls().filter(({ control }) => control !== "null")];
    const made = compare(noisyBlocks("slow", 30, 12), controls);
    expect(made).toMatchObject({ outcome: "invalid", controls: { status: "red" } });
    expect(made.pairs[0]?.deltas).toEqual({ warmP50: nothing, warmP95: nothing, cold: nothing });
    expect(warmCell(made)?.changePct).toBeGreaterThan(5);
  });
});

describe("levels that seem to say another change than the blocks", () => {
  it("get a note with both figures", () => {
    const cell = warmCell(compare(driftingBlocks()));
    expect(cell?.changePct).toBeLessThan(-6);
    expect((cell?.head.median ?? 0) / (cell?.base.median ?? 1)).toBeGreaterThan(1);
    const note = cell?.warnings.find(({ code }) => code === "levels-disagree");
    expect(note?.message).toMatch(/the medians of the arms differ by \+\d+\.\d %, the blocks by −[67]\.\d %/);
  });

  it("get none where they agree, or differ by nothing worth a word", () => {
    const codes = (made: Comparison) => (made.cells ?? []).flatMap(({ warnings }) => warnings.map(({ code }) => code));
    expect(codes(compare(noisyBlocks("quiet", 30)))).not.toContain("levels-disagree");
    expect(codes(compare(noisyBlocks("slow", 30, 12)))).not.toContain("levels-disagree");
  });
});
