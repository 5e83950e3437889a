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
const helper: RunContext["controls"] = { cell, plantedBy: "plant-helper" };
const old: RunContext["controls"] = { cell, unplantedBecause: "no Node program: add plantCommand to its suite" };
const nobody: RunContext["controls"] = { cell, unplantedBecause: "no plantCommand" };

describe("checkPlanting", () => {
  it.each([
    ["a Node subject", preload, node],
    ["a plantCommand", command, planting],
    ["a helper", helper, native, "wait4" as const],
    ["a subject that nothing can be planted into", nobody, native],
    ["a night of before there was a helper", old, native, "wait4" as const],
    ["no controls", { absentBecause: "--no-controls was given" }, node],
    ["a context from before there were controls", undefined, node],
  ])("believes %s", (_, controls, suite, meter: "wait4" | "none" = "none") => {
    expect(checkPlanting({ controls, meter }, suite)).toEqual([]);
  });

  it.each([
    ["planted slowdowns were left out of a Node subject", nobody, node, "nothing", "node-preload"],
    ["a plantCommand was not used", nobody, planting, "nothing", "plant-command"],
    ["a preload was not that of Node", preload, native, "node-preload", "plant-helper"],
    ["a helper that runs there was not used", nobody, native, "nothing", "plant-helper"],
  ])("objects where %s", (_, controls, suite, stored, recomputed) => {
    expect(checkPlanting({ controls, meter: "wait4" }, suite)).toMatchObject([
      { field: "controls.plantedBy", stored: JSON.stringify(stored), recomputed: JSON.stringify(recomputed) },
    ]);
  });
});
