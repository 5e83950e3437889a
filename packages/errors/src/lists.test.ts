import { expect, it } from "vitest";
import { counted, groupBy } from "./lists.ts";

it("things are counted", () => {
  expect([0, 1, 2].map((count) => counted(count, "cell"))).toEqual(["0 cells", "1 cell", "2 cells"]);
});

it("items are grouped in the order of their first ones", () => {
  const groups = groupBy([3, 1, 5, 2], (number) => number % 2);
  expect([...groups]).toEqual([
    [1, [3, 1, 5]],
    [0, [2]],
  ]);
});
