import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cosineOfTurn, distanceOf, power, sineOfTurn } from "./arithmetic.ts";

describe("arithmetic", () => {
  it("is near the functions that it stands for", () => {
    fc.assert(
      fc.property(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true }), (x, y) => {
        expect(sineOfTurn(x)).toBeCloseTo(Math.sin(2 * Math.PI * x), 2);
        expect(cosineOfTurn(x)).toBeCloseTo(Math.cos(2 * Math.PI * x), 2);
        expect(distanceOf(x, y)).toBeCloseTo(Math.hypot(x, y), 9);
        expect(power(x, 4)).toBeCloseTo(x ** 4, 9);
      }),
    );
  });

  it("is what the synthesis computes with: nothing that engines may round differently", async () => {
    const folder = import.meta.dirname;
    const names = (await readdir(folder, { recursive: true })).filter(
      (name) => /\.ts$/.test(name) && !/test\.ts$/.test(name),
    );
    expect(names.length).toBeGreaterThan(15);
    for (const name of names.filter((name) => !["arithmetic.ts", "memory.ts"].includes(name))) {
      const text = await readFile(path.join(folder, name), "utf8");
      expect(text, name).not.toMatch(
        /Math\.(random|sin|cos|tan|atan2?|hypot|pow|log\w*|exp|cbrt)\b|\w \*\* |\.normal\(\)|new Date|Date\.now/,
      );
    }
  });
});
