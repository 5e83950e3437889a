import { OperationError } from "@forgebench/errors";
import { describe, expect, it } from "vitest";
import { inTurn, medianOf, pairRatios, pairs } from "./in-turn.ts";

/** Two sides that write down when they were asked, and count from 1. */
function watched() {
  const order: string[] = [];
  const side = (name: string) => async () => {
    order.push(name);
    return order.filter((one) => one === name).length;
  };
  return { order, own: side("own"), reference: side("reference") };
}

describe("inTurn", () => {
  it("lets each be first in turn: A B B A", async () => {
    const { order, ...sides } = watched();
    expect(await inTurn({ pairs: 3 }, sides)).toEqual({ own: [1, 2, 3], reference: [1, 2, 3] });
    expect(order).toEqual(["own", "reference", "reference", "own", "own", "reference"]);
  });

  it("goes by another order where one is given, and says when a pair is done", async () => {
    const { order, ...sides } = watched();
    let done = 0;
    await inTurn({ pairs: 2, isOwnFirst: () => false, onPair: () => (done += order.length) }, sides);
    expect(order).toEqual(["reference", "own", "reference", "own"]);
    expect(done).toBe(2 + 4);
  });

  it("measures one side alone without a reference", async () => {
    const { order, own } = watched();
    expect(await inTurn({ pairs: 2 }, { own })).toEqual({ own: [1, 2], reference: [] });
    expect(order).toEqual(["own", "own"]);
  });

  it("ends with the first failure", async () => {
    const { order, own } = watched();
    const reference = () => Promise.reject(new OperationError("unjudged", "no luck"));
    await expect(inTurn({ pairs: 5 }, { own, reference })).rejects.toThrow("no luck");
    expect(order).toEqual(["own"]);
  });
});

describe("what pairs say", () => {
  const measured = { own: [{ ms: 3 }, { ms: 8 }], reference: [{ ms: 2 }, { ms: 4 }] };

  it("is the ratio within each pair, NaN where nothing was measured beside", () => {
    expect(pairRatios(measured, ({ ms }) => ms)).toEqual([1.5, 2]);
    expect(pairRatios({ ...measured, reference: [] }, ({ ms }) => ms)).toEqual([Number.NaN, Number.NaN]);
  });

  it("is both sides in one, and the median of one value", () => {
    expect(pairs({ own: [{ a: 1 }, { a: 2 }], reference: [{ b: 3 }] })).toEqual([{ a: 1, b: 3 }]);
    expect(medianOf(measured.own, ({ ms }) => ms)).toBe(5.5);
  });
});
