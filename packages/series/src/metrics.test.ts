import { describe, expect, it } from "vitest";
import { declareMetric, findMetric, metrics, PRIMARY_METRIC, REPORTED_DURATION, wordsOf } from "./metrics.ts";

describe("what is known of metrics", () => {
  it("has each once, the one that decides among them, with words for more and for less of it", () => {
    const ids = metrics.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining([PRIMARY_METRIC, REPORTED_DURATION]));
    for (const { words } of metrics) expect([words.more, words.less].every((text) => text.includes("{}"))).toBe(true);
  });

  it("says that what takes no time or memory was not measured, and that an output may be empty", () => {
    const allowing = metrics.filter(({ allowsZero }) => allowsZero).map(({ id }) => id);
    expect(allowing).toEqual(["output_bytes", "throughput"]);
  });

  it("takes one that somebody declares, but never in the place of a known one", () => {
    const ops = declareMetric({ id: "ops", unit: "ops/s", better: "higher", kind: "rate" });
    const wall = declareMetric({ id: "wall", better: "higher", kind: "count" });
    expect(findMetric("ops", [ops])).toBe(ops);
    expect(findMetric("ops")).toBeUndefined();
    expect(findMetric("wall", [wall])?.unit).toBe("ms");
  });

  it.each([
    ["time", "ratio", false],
    ["size", "ratio", true],
    ["count", "ratio", true],
    ["proportion", "difference", true],
  ] as const)("of a declared %s is a %s, and whether it may be 0: %s", (kind, effect, allowsZero) => {
    expect(declareMetric({ id: "own", better: "lower", kind })).toMatchObject({ effect, allowsZero, noise: "noisy" });
  });

  it("has words for those that nobody knows", () => {
    expect(wordsOf("own")).toEqual({ more: "is {} higher", less: "is {} lower" });
    expect(wordsOf("constructor").more).toBe("is {} higher");
  });
});
