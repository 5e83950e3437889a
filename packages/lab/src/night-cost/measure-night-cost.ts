import path from "node:path";
import { codeOf } from "@forgebench/errors";
import { makeFolder, outputError, type ScriptIo, startProgress } from "@forgebench/io";
import { type InTurn, inTurn } from "../shared/in-turn.ts";
import {
  type FullCost,
  type MeasuredProcesses,
  measuredProcesses,
  requireFullCost,
} from "../shared/measured-process.ts";
import { inScratchFolder } from "../shared/scratch-folder.ts";
import type { Checkout, Entry } from "./checkout-folder.ts";
import type { MadeUpNightSize } from "./made-up-night.ts";
import { writeMadeUpNight } from "./made-up-night-folder.ts";

/** The smaller nights, in parts of the largest. */
const SMALLER = [0.1, 0.3];
const SEED = "made-up-night";

/** How large the nights are, and how often each is worked on. */
interface NightCostOptions {
  /** Of the largest night that is compared. */
  readonly cells: number;
  /** Of the night that is verified. */
  readonly verifyCells: number;
  readonly blocks: number;
  readonly pairs: number;
  /** Made anew, and removed at the end. */
  readonly workspace: string;
}

/** What the runs of either side took for a night; the reference has none where there is no reference. */
export interface NightCost extends InTurn<FullCost, FullCost> {
  readonly cellCount: number;
}

/** What nights of three sizes took to be compared, and one to be verified. */
export interface NightCosts {
  readonly compared: readonly NightCost[];
  readonly verified: NightCost;
}

interface Sides {
  readonly own: Checkout;
  readonly reference: Checkout | undefined;
}

interface Bench {
  readonly processes: MeasuredProcesses;
  readonly sides: Sides;
  readonly workspace: string;
  readonly options: NightCostOptions;
  readonly io: ScriptIo;
}

/** Measures what it costs to compare nights of growing size and to verify one, here and in a reference in turn. */
export function measureNightCost(sides: Sides, options: NightCostOptions, io: ScriptIo): Promise<NightCosts> {
  return inScratchFolder(options.workspace, async (workspace) => {
    const { cells, verifyCells } = options;
    const bench: Bench = { processes: measuredProcesses(workspace, io), sides, workspace, options, io };
    const sizes = [...SMALLER.map((part) => Math.round(part * cells)), cells];
    const progress = startProgress(io, "nights", sizes.length + 1);
    const compared: NightCost[] = [];
    try {
      // The first start of a script may bundle what has changed.
      await onEach(sides, (side) => start(bench, side, "bench:compare", ["--help"]));
      for (const [index, size] of sizes.entries()) {
        progress.update(index, `compare ${size} cells`);
        compared.push(await measureNight(bench, size, "bench:compare"));
      }
      progress.update(sizes.length, `verify ${verifyCells} cells`);
      const verified = await measureNight(bench, verifyCells, "bench:verify");
      progress.update(sizes.length + 1);
      return { compared, verified };
    } finally {
      progress.stop();
    }
  });
}

/** Makes a night in a folder. @returns the number of its cells */
export async function makeNight(
  folder: string,
  size: Omit<MadeUpNightSize, "seed">,
  { signal }: Pick<ScriptIo, "signal">,
): Promise<number> {
  await makeFolder(folder);
  try {
    return await writeMadeUpNight(folder, { ...size, seed: SEED }, signal);
  } catch (error) {
    throw codeOf(error) === undefined ? error : outputError(`Cannot write a night in "${folder}"`, error);
  }
}

async function onEach({ own, reference }: Sides, work: (side: Checkout) => Promise<unknown>): Promise<void> {
  await work(own);
  if (reference !== undefined) await work(reference);
}

/** Makes a night, lets each side work on it in turn, and removes it. */
function measureNight(bench: Bench, size: number, entry: Entry): Promise<NightCost> {
  const { sides, options, io } = bench;
  return inScratchFolder(path.join(bench.workspace, "night"), async (folder) => {
    const cellCount = await makeNight(folder, { cellCount: size, blockCount: options.blocks }, io);
    // Each verifies its own comparison: what one says of a night the other may say in other words.
    if (entry === "bench:verify") await onEach(sides, (side) => work(bench, folder, side, "bench:compare"));
    const { own, reference } = sides;
    const costs = await inTurn(options, {
      own: () => work(bench, folder, own, entry),
      reference: reference === undefined ? undefined : () => work(bench, folder, reference, entry),
    });
    return { cellCount, ...costs };
  });
}

/** Lets a side compare a night, or verify what it said of it. */
function work(bench: Bench, folder: string, side: Checkout, entry: Entry): Promise<FullCost> {
  const file = (name: string) => path.join(folder, name);
  const compared = { json: file(`compare-${side.name}.json`), md: file(`compare-${side.name}.md`) };
  const summaries = ["--base-summary", file("base-summary.json"), "--head-summary", file("summary.json")];
  const args = {
    "bench:compare": [...summaries, "--out-json", compared.json, "--out-md", compared.md],
    "bench:verify": ["--evidence", folder, "--compare", compared.json, "--suite", file("suite.yaml")],
  } satisfies Record<Entry, readonly string[]>;
  return start(bench, side, entry, args[entry]);
}

async function start(
  { processes }: Bench,
  { root: cwd, commands }: Checkout,
  entry: Entry,
  args: readonly string[],
): Promise<FullCost> {
  return requireFullCost(await processes.run([...commands[entry], ...args], { cwd }));
}
