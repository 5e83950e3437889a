import type { RunContext, Suite } from "@forgebench/artifacts";
import { describe, expect, it } from "vitest";
import { checkPlanting } from "./check-planting.ts";

const suiteOf = (program: string, plantCommand?: string[]): Pick<Suite, "subject" | "plantCommand"> => ({
  subject: { argv: [program, "{cli}"], report: { total: "a", processed: "b", cached: "c", failed: "d" } },
  plantCommand,
});
const node = suiteOf("/opt/node/bin/node");
const native = suiteOf("tool");
const planting = suiteOf("tool", ["slow-by", "{factor}", "{command}"]);

const cell = "P1/one/warm";
const preload: RunContext["controls"] = { cell, plantedBy: "node-preload" };
const command: RunContext["controls"] = { cell, plantedBy: "plant-command" };
const nobody: RunContext["controls"] = { cell, unplantedBecause: "no plantCommand" };

describe("checkPlanting", () => {
  it.each([
    ["a Node subject", preload, node],
    ["a plantCommand", command, planting],
    ["a subject that nothing can be planted into", nobody, native],
    ["no controls", { absentBecause: "--no-controls was given" }, node],
    ["a context from before there were controls", undefined, node],
  ])("believes %s", (_, controls, suite) => {
    expect(checkPlanting({ controls }, suite)).toEqual([]);
  });

  it.each([
    ["planted slowdowns were left out of a Node subject", nobody, node, "nothing", "node-preload"],
    ["a plantCommand was not used", nobody, planting, "nothing", "plant-command"],
    ["something was planted and nobody says how", preload, native, "node-preload", "nothing"],
  ])("objects where %s", (_, controls, suite, stored, recomputed) => {
    expect(checkPlanting({ controls }, suite)).toMatchObject([
      { field: "controls.plantedBy", stored: JSON.stringify(stored), recomputed: JSON.stringify(recomputed) },
    ]);
  });
});
