import { describe, expect, it } from "vitest";
import { differenceSums, pairedDifference as pairedOfSums, unpairedDifference } from "./cluster-proportions.ts";

const pairedDifference = (differences: readonly number[]) => pairedOfSums(differenceSums(differences));

const repeated = (count: number, value: number) => new Array<number>(count).fill(value);

describe("paired", () => {
  it("is Bonett and Price's interval when each task was tried once", () => {
    // 100 pairs, 12 got better and 3 worse: p₁₂ = 13/102, p₂₁ = 4/102.
    const { mean, error } = pairedDifference([...repeated(12, 1), ...repeated(3, -1), ...repeated(85, 0)]);
    expect(mean).toBeCloseTo(9 / 102, 12);
    const variance = (17 / 102 - (9 / 102) ** 2) / 102;
    // Theirs divides by n + 2, the variance of a sample by n + 1.
    expect(error ** 2).toBeCloseTo((variance * 102) / 101, 12);
  });

  it("is never certain, also where no task differs", () => {
    const { mean, error } = pairedDifference(repeated(200, 0));
    expect(mean).toBe(0);
    expect(error).toBeCloseTo(Math.SQRT2 / Math.sqrt(201 * 202), 6);
    expect(pairedDifference(repeated(20, 1)).error).toBeGreaterThan(0.05);
  });

  it("adds two tasks like those that differ, not larger ones", () => {
    const { error } = pairedDifference([...repeated(100, 0.1), ...repeated(100, -0.1)]);
    expect(error).toBeCloseTo(0.1 / Math.sqrt(201), 8);
  });

  it("mirrors", () => {
    const differences = [0.5, 0, 0, -1, 1, 1, 0.5];
    const mirrored = pairedDifference(differences.map((own) => -own));
    expect(mirrored.mean).toBeCloseTo(-pairedDifference(differences).mean, 14);
    expect(mirrored.error).toBeCloseTo(pairedDifference(differences).error, 14);
  });
});

describe("unpaired", () => {
  it("is Agresti and Caffo's interval when each task was tried once", () => {
    const base = [...repeated(18, 1), ...repeated(2, 0)];
    const head = [...repeated(12, 1), ...repeated(18, 0)];
    const { mean, error } = unpairedDifference(base, head);
    expect(mean).toBeCloseTo(13 / 32 - 19 / 22, 12);
    const variance = ((19 / 22) * (3 / 22)) / 21 + ((13 / 32) * (19 / 32)) / 31;
    expect(error ** 2).toBeCloseTo(variance, 12);
  });

  it("is never certain", () => {
    const { mean, error, freedom } = unpairedDifference(repeated(30, 1), repeated(30, 1));
    expect(mean).toBe(0);
    expect(error).toBeGreaterThan(0.01);
    expect(freedom).toBeCloseTo(62, 8);
  });
});
