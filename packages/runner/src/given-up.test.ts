import type { RawRun } from "@forgebench/artifacts";
import { expect, it } from "vitest";
import { isGivenUp } from "./given-up.ts";

/** A cell whose blocks went well (`.`), had a failed run (`x`) or ran into the time limit (`t`). */
function runsOf(blocks: string): RawRun[] {
  return [...blocks].flatMap((how, block) =>
    (["head", "base"] as const).map((arm) => {
      const isBad = how !== "." && arm === "base";
      return { arm, block, valid: !isBad, timedOut: how === "t" && isBad } as RawRun;
    }),
  );
}

it.each([
  ["xxx", true],
  ["xx", false],
  // The last three count, whatever was before.
  [".xxx", true],
  ["xxx.", false],
  ["xx.xx", false],
  ["..x.xxx", true],
  ["t", true],
  ["..t", true],
  ["t.", false],
  ["", false],
])("of the blocks %j: %s", (blocks, expected) => {
  expect(isGivenUp(runsOf(blocks))).toBe(expected);
});
