/**
 * Purpose: measures what it costs to compare and to verify a large night: CPU time, peak memory, and how they grow; with
 *   --reference against another checkout on the same files. The two of a pair run one after the other, each first in turn.
 * Reads: with --reference another checkout of this project, installed.
 * Writes: nights of its own in .tmp/bench/self-compare or --workspace (some 300 MB for 10,000 cells, one at a time), and the
 *   measurement that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; what it wrote is made anew, and removed at the end.
 * Example: npm run bench:self:compare -- --cells 200 --verify-cells 40 --pairs 1
 */
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { Measurement } from "@forgebench/artifacts";
import { codeOf, OperationError, UsageError } from "@forgebench/errors";
import {
  EXIT,
  endMeasurement,
  type FlagValues,
  integerFlag,
  launch,
  makeFolder,
  makeMeasurement,
  optionalPath,
  outputError,
  PROJECT_ROOT,
  pathFlag,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  startProgress,
} from "@forgebench/io";
import { writeMadeUpNight } from "@forgebench/lab";
import { formatMeasurement } from "@forgebench/report";
import { chooseMeter, type Executor, ProcessExecutor, subjectEnvironment } from "@forgebench/runner";
import { mean, median } from "@forgebench/stats";

/** Of the reference's. */
const MAX_RATIOS = { compareCpu: 0.4, compareMemory: 0.35, verifyCpu: 0.35 };
/** Of CPU time over cells, as an exponent: 1 is linear. */
const MAX_GROWTH = 1;
/** The smaller nights, in parts of the largest. */
const SMALLER = [0.1, 0.3];
const TIMEOUT_MS = 1_800_000;
const SEED = "made-up-night";

const flags = {
  cells: integerFlag({ min: 20, max: 100_000, unit: "cells", fallback: 10_000, description: "of the largest night" }),
  "verify-cells": integerFlag({
    ...{ min: 2, max: 10_000, unit: "cells", fallback: 1000 },
    description: "of the night that is verified",
  }),
  blocks: integerFlag({
    min: 6,
    max: 60,
    unit: "blocks",
    fallback: 13,
    description: "blocks of each cell, of two runs",
  }),
  pairs: integerFlag({ min: 1, max: 100, unit: "rounds", fallback: 2, description: "runs of each, of either side" }),
  reference: optionalPath({
    placeholder: "DIR",
    description: "an installed checkout of the project, whose scripts do the same in turn",
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
  purpose:
    "Measures what it costs to compare and to verify a large night, against another checkout where one is given.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "CPU time, of user and system, so that a busy machine matters little. The nights are made up of wall times alone, all\nof which gate. Growth is the slope of the logarithm of the CPU time over that of the cells; 1 is linear. Ratios are medians of\nthe ratios of pairs. Exit 2 when a goal is missed.",
    "The reference starts its scripts as its own package.json says.",
  ],
  examples: [
    "npm run bench:self:compare -- --cells 3000",
    "npm run bench:self:compare -- --reference ../forgebench-before --out-json compare.json",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) => {
    if (values.makeOnly !== undefined) {
      await makeNight(values.makeOnly, values.cells, values.blocks, io);
      return EXIT.ok;
    }
    const sides = [await readSide("own", PROJECT_ROOT)];
    if (values.reference !== undefined) sides.push(await readSide("reference", values.reference));
    await rm(values.workspace, { recursive: true, force: true });
    try {
      return await measureCompare(values, sides, io);
    } finally {
      await rm(values.workspace, { recursive: true, force: true });
    }
  });
}

/** The scripts that are measured, by their entry in package.json. */
type Entry = "bench:compare" | "bench:verify";

/** A checkout, and how it starts its scripts. */
interface Side {
  /** For the names of its files. */
  readonly name: "own" | "reference";
  readonly root: string;
  readonly commands: Readonly<Record<Entry, readonly string[]>>;
}

async function readSide(name: Side["name"], root: string): Promise<Side> {
  const file = path.join(root, "package.json");
  const { scripts = {} }: { scripts?: Readonly<Record<string, string>> } = await readFile(file, "utf8")
    .then(JSON.parse)
    .catch(() => ({}));
  const commandOf = (entry: Entry) => {
    const [, program, script] = /^(node|tsx) (scripts\/bench\/[\w-]+\.(?:ts|mjs))$/.exec(scripts[entry] ?? "") ?? [];
    if (script === undefined) {
      throw new UsageError(`--reference: "${root}" has no ${entry} that node or tsx starts`, [
        { label: "expected", text: "an installed checkout of this project" },
      ]);
    }
    return [process.execPath, ...(program === "tsx" ? ["--import", "tsx"] : []), script];
  };
  const commands = { "bench:compare": commandOf("bench:compare"), "bench:verify": commandOf("bench:verify") };
  return { name, root, commands };
}

interface Bench {
  readonly executor: Executor;
  readonly folder: string;
  readonly blocks: number;
  readonly pairs: number;
  readonly sides: readonly Side[];
  readonly io: ScriptIo;
}

/** What one run of a script took. */
interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly peakMb: number;
}

/** What the runs of either side took, one after the other; the reference has none where there is no reference. */
interface Costs {
  readonly cellCount: number;
  readonly own: readonly Cost[];
  readonly reference: readonly Cost[];
}

async function measureCompare(values: Flags, sides: readonly Side[], io: ScriptIo): Promise<number> {
  const { workspace, cells, verifyCells, blocks, pairs } = values;
  const executor = new ProcessExecutor({ meter: chooseMeter(), marker: "compare" });
  const bench: Bench = { executor, folder: path.join(workspace, "night"), blocks, pairs, sides, io };
  const sizes = [...SMALLER.map((part) => Math.round(part * cells)), cells];
  const progress = startProgress(io, "nights", sizes.length + 1);
  const compared: Costs[] = [];
  try {
    await makeFolder(workspace);
    // The first start of a script may bundle what has changed.
    for (const side of sides) await start(bench, side, "bench:compare", ["--help"]);
    for (const [index, size] of sizes.entries()) {
      progress.update(index, `compare ${size} cells`);
      compared.push(await measureNight(bench, size, "bench:compare"));
    }
    progress.update(sizes.length, `verify ${verifyCells} cells`);
    const verified = await measureNight(bench, verifyCells, "bench:verify");
    progress.update(sizes.length + 1);
    const result = makeMeasurement(io, "bench:self:compare", figuresOf(compared, verified));
    return await endMeasurement(io, result, { text: formatMeasurement(result), outJson: values.outJson });
  } finally {
    progress.stop();
  }
}

/** @returns the number of its cells */
async function makeNight(folder: string, cellCount: number, blockCount: number, { signal }: ScriptIo): Promise<number> {
  await makeFolder(folder);
  try {
    return await writeMadeUpNight(folder, { cellCount, blockCount, seed: SEED }, signal);
  } catch (error) {
    throw codeOf(error) === undefined ? error : outputError(`Cannot write a night in "${folder}"`, error);
  }
}

/** Makes a night, lets each side work on it in turn, and removes it. */
async function measureNight(bench: Bench, size: number, entry: Entry): Promise<Costs> {
  const { folder, sides, blocks, pairs } = bench;
  const cellCount = await makeNight(folder, size, blocks, bench.io);
  // Each verifies its own comparison: what one says of a night the other may say in other words.
  if (entry === "bench:verify") for (const side of sides) await runEntry(bench, side, "bench:compare");
  const costs = { own: [] as Cost[], reference: [] as Cost[] };
  for (let pair = 0; pair < pairs; pair += 1) {
    for (const side of pair % 2 === 0 ? sides : sides.toReversed()) {
      costs[side.name].push(await runEntry(bench, side, entry));
    }
  }
  await rm(folder, { recursive: true, force: true });
  return { cellCount, ...costs };
}

/** Lets a side compare a night, or verify what it said of it. */
function runEntry(bench: Bench, side: Side, entry: Entry): Promise<Cost> {
  const file = (name: string) => path.join(bench.folder, name);
  const compared = { json: file(`compare-${side.name}.json`), md: file(`compare-${side.name}.md`) };
  const summaries = ["--base-summary", file("base-summary.json"), "--head-summary", file("summary.json")];
  const args = {
    "bench:compare": [...summaries, "--out-json", compared.json, "--out-md", compared.md],
    "bench:verify": ["--evidence", bench.folder, "--compare", compared.json, "--suite", file("suite.yaml")],
  } satisfies Record<Entry, readonly string[]>;
  return start(bench, side, entry, args[entry]);
}

async function start(
  { executor, folder, io }: Bench,
  { root: cwd, commands }: Side,
  entry: Entry,
  args: readonly string[],
): Promise<Cost> {
  const argv = [...commands[entry], ...args];
  const env = subjectEnvironment({ searchPath: io.env.PATH ?? "", home: folder, temporary: folder });
  const result = await executor.run({ argv, cwd, env, timeoutMs: TIMEOUT_MS }, io.signal);
  const { exitCode, wallMs, userCpuMs, systemCpuMs, peakMemoryBytes, stderr } = result;
  if (exitCode !== EXIT.ok) {
    throw new OperationError("unjudged", `Cannot measure: ${argv.join(" ")} ended with ${exitCode}: ${stderr}`);
  }
  if (userCpuMs === null || systemCpuMs === null || peakMemoryBytes === null) {
    throw new OperationError("service", "Cannot measure CPU time and memory on this machine", {
      details: [{ label: "try", text: "install perl, which reads them from the system" }],
    });
  }
  return { cpuMs: userCpuMs + systemCpuMs, wallMs, peakMb: peakMemoryBytes / 1e6 };
}

type Figures = Measurement["figures"];

function figuresOf(compared: readonly Costs[], verified: Costs): Figures {
  const largest = compared.at(-1);
  return [
    ...compared.flatMap((costs) => costFigures(`compare ${costs.cellCount} cells`, costs)),
    ...growthFigures(compared),
    ...costFigures(`verify ${verified.cellCount} cells`, verified),
    ...(largest === undefined || largest.reference.length === 0 ? [] : ratioFigures(largest, verified)),
  ];
}

function costFigures(name: string, { own, reference }: Costs): Figures {
  const figures = (of: string, costs: readonly Cost[]): Figures =>
    costs.length === 0
      ? []
      : [
          { name: `${name}${of}: CPU time`, value: median(costs.map(({ cpuMs }) => cpuMs)), unit: "ms" },
          { name: "  wall time", value: median(costs.map(({ wallMs }) => wallMs)), unit: "ms" },
          { name: "  peak memory", value: Math.max(...costs.map(({ peakMb }) => peakMb)), unit: "MB" },
        ];
  return [...figures("", own), ...figures(", reference", reference)];
}

function growthFigures(compared: readonly Costs[]): Figures {
  const growth = (side: Side["name"]) =>
    growthOf(compared.map((costs) => [costs.cellCount, median(costs[side].map(({ cpuMs }) => cpuMs))]));
  const [value, reference] = [growth("own"), growth("reference")];
  const asked = { goal: `< ${MAX_GROWTH}`, met: value < MAX_GROWTH };
  return [
    { name: "growth of CPU time with cells, exponent", value, unit: "", ...asked },
    ...(Number.isNaN(reference) ? [] : [{ name: "  reference", value: reference, unit: "" }]),
  ];
}

function ratioFigures(compared: Costs, verified: Costs): Figures {
  const figure = (name: string, { own, reference }: Costs, key: keyof Cost, limit?: number) => {
    const value = median(own.map((cost, pair) => cost[key] / (reference[pair]?.[key] ?? Number.NaN)));
    return { name, value, unit: "", ...(limit === undefined ? {} : { goal: `≤ ${limit}`, met: value <= limit }) };
  };
  const { compareCpu, compareMemory, verifyCpu } = MAX_RATIOS;
  return [
    figure("compare, CPU time to the reference's", compared, "cpuMs", compareCpu),
    figure("  peak memory", compared, "peakMb", compareMemory),
    figure("verify, CPU time to the reference's", verified, "cpuMs", verifyCpu),
    figure("  peak memory", verified, "peakMb"),
  ];
}

/** The slope of the logarithm of the one over that of the other, by least squares; 1 where both grow alike. */
function growthOf(points: readonly (readonly [size: number, cost: number])[]): number {
  const logs = points.map(([size, cost]) => [Math.log(size), Math.log(cost)] as const);
  const [centerX, centerY] = [mean(logs.map(([x]) => x)), mean(logs.map(([, y]) => y))];
  const sum = (of: (x: number, y: number) => number) =>
    logs.reduce((total, [x, y]) => total + of(x - centerX, y - centerY), 0);
  return sum((x, y) => x * y) / sum((x) => x * x);
}

await launch(import.meta.url, main);
