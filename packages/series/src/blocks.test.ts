import { describe, expect, it } from "vitest";
import { blocksOf, wholeBlocks } from "./blocks.ts";
import { findMetric } from "./metrics.ts";
import type { Sample, Series } from "./model.ts";

function seriesOf(samples: readonly Partial<Sample>[]): Series {
  const metric = findMetric("wall");
  if (metric === undefined) throw new Error("no metric wall");
  return {
    benchmark: "b",
    params: {},
    metric,
    design: "blocked",
    samples: samples.map((sample) => ({ value: 1, status: "valid", ...sample })),
  };
}

const numbers = (...blocks: number[]) => seriesOf(blocks.map((block) => ({ block, value: block })));

describe("blocks", () => {
  it("are one sample of each arm, in the order of their numbers, whatever the order of the samples", () => {
    const { blocks, partialCount } = blocksOf({ base: numbers(10, 2, 1), head: numbers(1, 10, 2) });
    expect(blocks.map(({ base, head }) => [base.value, head.value])).toEqual([
      [1, 1],
      [2, 2],
      [10, 10],
    ]);
    expect(partialCount).toBe(0);
  });

  it.each([
    ["an arm", numbers(0, 1), numbers(0), 1, 1],
    ["a side", numbers(0, 1), undefined, 0, 2],
    ["both sides", undefined, undefined, 0, 0],
  ])("that lack %s are none", (_, base, head, blockCount, partial) => {
    expect(blocksOf({ base, head })).toMatchObject({ partialCount: partial });
    expect(blocksOf({ base, head }).blocks).toHaveLength(blockCount);
  });

  it("with two samples of one arm are none, however many there are", () => {
    const { blocks, partialCount } = blocksOf({ base: numbers(0, 0, 0, 1), head: numbers(0, 1) });
    expect([blocks.length, partialCount]).toEqual([1, 1]);
  });

  it("are whole when both samples are valid", () => {
    const { blocks } = blocksOf({
      base: seriesOf([{ block: 0 }, { block: 1, status: "failed" }, { block: 2 }]),
      head: seriesOf([{ block: 0 }, { block: 1 }, { block: 2, status: "timed-out" }]),
    });
    expect(wholeBlocks(blocks).map(({ base }) => base.block)).toEqual([0]);
  });
});
