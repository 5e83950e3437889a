/**
 * Purpose: measures what it costs to compare and to verify a large night: CPU time, peak memory, and how they grow; with
 *   --reference against another checkout on the same files. The two sides of a pair run one after the other, and take turns to be first.
 * Reads: with --reference another checkout of this project, installed.
 * Writes: nights of its own in .tmp/bench/self-compare or --workspace (some 300 MB for 10,000 cells, one at a time), and the
 *   measurement that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; what it wrote is made anew, and removed at the end.
 * Example: npm run bench:self:compare -- --cells 200 --verify-cells 40 --pairs 1
 */
import {
  EXIT,
  integerFlag,
  launch,
  optionalPath,
  PROJECT_ROOT,
  pathFlag,
  runScript,
  type ScriptIo,
  type ScriptSpec,
} from "@forgebench/io";
import { endMeasuring, makeNight, measureNightCost, nightCostFigures, readCheckout } from "@forgebench/lab";

const flags = {
  cells: integerFlag({
    min: 20,
    max: 100_000,
    unit: "cells",
    fallback: 10_000,
    description: "cells of the largest night",
  }),
  "verify-cells": integerFlag({
    min: 2,
    max: 10_000,
    unit: "cells",
    fallback: 1000,
    description: "cells of the night that is verified",
  }),
  blocks: integerFlag({
    min: 6,
    max: 60,
    unit: "blocks",
    fallback: 13,
    description: "blocks of each cell, of two runs",
  }),
  pairs: integerFlag({
    min: 1,
    max: 100,
    unit: "rounds",
    fallback: 2,
    description: "how often each side runs each command",
  }),
  reference: optionalPath({
    placeholder: "DIR",
    description: "an installed checkout of the project; its scripts do the same, in turn",
  }),
  workspace: pathFlag({ placeholder: "DIR", fallback: ".tmp/bench/self-compare", description: "where the nights go" }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
  "make-only": optionalPath({
    placeholder: "DIR",
    description: "only make a night of --cells in this folder and end, for a profiler to work on",
  }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:self:compare --",
  purpose: "Measures what it costs to compare and to verify a large night, against another checkout if one is given.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "CPU time, of user and system, so that a busy machine matters little. The nights are made up: wall times only, and all\ngate. Growth is the slope of the logarithm of the CPU time over that of the cells; 1 is linear. Ratios are medians of\nthe ratios of pairs. Exit 2 when a goal is missed.",
    "The reference starts its scripts as its own package.json says.",
  ],
  examples: [
    "npm run bench:self:compare -- --cells 3000",
    "npm run bench:self:compare -- --reference ../forgebench-before --out-json compare.json",
  ],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) => {
    const { makeOnly, cells, blocks, reference } = values;
    if (makeOnly !== undefined) {
      await makeNight(makeOnly, { cellCount: cells, blockCount: blocks }, io);
      return EXIT.ok;
    }
    const own = await readCheckout("own", PROJECT_ROOT);
    const sides = { own, reference: reference === undefined ? undefined : await readCheckout("reference", reference) };
    const costs = await measureNightCost(sides, values, io);
    return endMeasuring(io, "bench:self:compare", nightCostFigures(costs), values);
  });
}

await launch(import.meta.url, main);
