import { createHash, randomBytes } from "node:crypto";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { RunContext, Suite, SuiteScenario, TierManifest } from "@forgebench/artifacts";
import { type Build, readBuild } from "./build-folder.ts";
import type { Arm, Cell } from "./cells.ts";
import { type ControlPlan, controlCells, planControls } from "./controls.ts";
import { readResolved } from "./dataset-folder.ts";
import type { Executor } from "./executor.ts";
import { type Inputs, openTier, prepareInputs } from "./inputs-folder.ts";
import { endLeftovers } from "./leftovers-process.ts";
import { probeMachine } from "./machine-probe.ts";
import { chooseMeter } from "./meter-process.ts";
import { type Builds, placeBuilds } from "./place-builds.ts";
import type { PlantedBy } from "./plant.ts";
import { ProcessExecutor } from "./process-executor.ts";
import { type ContextParts, makeContext } from "./run-context.ts";
import type { Sampling } from "./sampling.ts";
import type { Shard } from "./shards.ts";
import type { Stage } from "./stage.ts";
import { subjectEnvironment, WorkspaceStage } from "./workspace-folder.ts";

/** What a measurement is to be made of. */
export interface BenchOptions {
  readonly suite: Suite;
  readonly suitePath: string;
  readonly suiteSha256: string;
  readonly tier: TierManifest;
  readonly tierPath: string;
  /** Why a tier of this machine is measured instead of a release. */
  readonly fallbackReason?: string | undefined;
  /** All chosen cells, and those of them that this shard measures. */
  readonly chosenCells: readonly Cell[];
  readonly cells: readonly Cell[];
  readonly shard: Shard;
  readonly sampling: Sampling;
  readonly wantsControls: boolean;
  readonly cliPath: string;
  readonly baseCliPath: string | undefined;
  /** The full hash of the commit that the base was built from, where that is known. */
  readonly baseCommit?: string | undefined;
  /** There, and used by nobody else. */
  readonly workspace: string;
  /** Of the measuring process; the subject sees its `PATH` alone. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /** Default: fresh randomness of the operating system. */
  readonly orderSeed: string | undefined;
  readonly generatedAt: string;
  readonly toolVersion: string;
  readonly signal: AbortSignal;
}

/** All that the runs need, ready in the workspace. */
export interface Bench {
  readonly context: RunContext;
  /** By which the night checks itself; empty where there are none. */
  readonly controlCells: readonly Cell[];
  readonly plantedBy: PlantedBy | undefined;
  readonly executor: Executor;
  readonly stage: Stage;
  /** Images by scenario. */
  readonly imageCounts: Readonly<Record<string, number>>;
  /** Makes sure that no subject changed its input. @throws {OperationError} naming what changed (exit 3). */
  readonly checkInputs: () => Promise<void>;
  /** Removes what earlier runs left: to be called before the first run, when it is sure that there will be one. */
  readonly removeRunFolders: () => Promise<void>;
}

/**
 * Readies a workspace: inputs checked and copied, builds copied to both slots, machine and subjects fingerprinted. The
 * processes that a killed measurement left there are ended; the folders of its runs stay for whoever looks at them.
 * @throws {UsageError} for a CLI that is not there, {ArtifactError} for a tier whose files are not those of its manifest
 *   or that is not the one that was resolved.
 */
export async function prepareBench(options: BenchOptions): Promise<Bench> {
  const { suite, suitePath, workspace, signal } = options;
  const controlPlan = planControls({ ...options, areWanted: options.wantsControls });
  const builds = await readBuilds(options);
  const datasetOrigin = { resolved: await readResolved(options.tierPath), fallbackReason: options.fallbackReason };
  const tier = await openTier(options.tier, options.tierPath);
  const marker = createHash("sha256").update(workspace).digest("hex").slice(0, 16);
  await endLeftovers({ marker });
  const scratch = path.join(workspace, "scratch");
  const home = path.join(scratch, "probe");
  await removeBelow(scratch, ["probe", "inputs", "slots", "plant"]);
  await mkdir(home, { recursive: true });
  const own = controlCells(controlPlan);
  const inputs = await prepareInputs(
    tier,
    scenariosOf(suite, [...options.cells, ...own]),
    path.join(scratch, "inputs"),
    signal,
  );
  const meter = chooseMeter();
  const executor = new ProcessExecutor({ meter, marker });
  const searchPath = options.env.PATH ?? "";
  const placed = await placeBuilds(builds, scratch, {
    ...{ suite, executor, nodePath: process.execPath, signal },
    ...{ cwd: home, env: subjectEnvironment({ searchPath, home, temporary: home }) },
  });
  const stage = new WorkspaceStage({
    ...{ suite, suitePath, scratch, searchPath, inputs },
    ...{ cliPlaces: placed.cliPlaces, shownPlaces: shownPlaces(workspace, builds) },
    plantPreload: await placePreload(controlPlan, path.join(scratch, "plant")),
  });
  return {
    context: contextOf(options, { inputs, datasetOrigin, placed, controlPlan, meter: meter.name }),
    ...{ controlCells: own, plantedBy: controlPlan.plantedBy, executor, stage, imageCounts: inputs.imageCounts },
    checkInputs: () => checkAll(inputs),
    removeRunFolders: () => removeBelow(scratch, ["cold", "warm", "control"]),
  };
}

function scenariosOf(suite: Suite, cells: readonly Cell[]): SuiteScenario[] {
  return suite.scenarios.filter(({ name }) => cells.some(({ scenario }) => scenario === name));
}

type Found = Pick<ContextParts, "inputs" | "datasetOrigin" | "placed" | "controlPlan" | "meter">;

function contextOf(options: BenchOptions, found: Found): RunContext {
  const { suite, suiteSha256, tier, chosenCells, cells, shard, sampling, timeoutMs, generatedAt, toolVersion } =
    options;
  return makeContext({
    ...{ suite, suiteSha256, tier, chosenCells, cells, shard, sampling, timeoutMs, generatedAt, toolVersion },
    ...found,
    placed: { ...found.placed, subjects: withBaseCommit(found.placed.subjects, options.baseCommit) },
    orderSeed: options.orderSeed ?? randomBytes(16).toString("hex"),
    machine: probeMachine(options.env),
  });
}

/** A commit is what a build was made from; the same build is the same subject, whatever it was made from. */
function withBaseCommit({ head, base }: RunContext["subjects"], commit: string | undefined): RunContext["subjects"] {
  if (base === undefined) return { head };
  return { head, base: commit === undefined ? base : { ...base, commit } };
}

const PRELOAD = fileURLToPath(new URL("plant-preload.cjs", import.meta.url));

/** The preload beside the runs; undefined when no control loads it. */
async function placePreload(plan: ControlPlan, folder: string): Promise<string | undefined> {
  if (plan.cell === undefined || plan.plantedBy !== "node-preload") return undefined;
  const placed = path.join(folder, path.basename(PRELOAD));
  await mkdir(folder, { recursive: true });
  await copyFile(PRELOAD, placed);
  return placed;
}

async function checkAll({ folders, reread }: Inputs): Promise<void> {
  for (const scenario of Object.keys(folders)) await reread(scenario);
}

async function removeBelow(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(path.join(folder, name), { recursive: true, force: true, maxRetries: 3 });
}

async function readBuilds({ cliPath, baseCliPath, workspace }: BenchOptions): Promise<Builds> {
  const head = await readBuild(cliPath, "--cli-path", workspace);
  return baseCliPath === undefined
    ? { head }
    : { head, base: await readBuild(baseCliPath, "--base-cli-path", workspace) };
}

/** Folders of the system, the same everywhere. */
const SYSTEM_PROGRAMS = /^(\/usr|\/usr\/local)?\/bin$/;

/** What stands in artifacts for the folders of this machine, the innermost first; the first that fits is taken. */
export function shownPlaces(
  workspace: string,
  builds: Readonly<Partial<Record<Arm, Pick<Build, "folder" | "nodeModules">>>>,
  { homeFolder = homedir(), programFolder = path.dirname(process.execPath) } = {},
): (readonly [folder: string, shown: string])[] {
  const ofBuilds = Object.entries(builds).flatMap(([arm, build]) => [
    [build?.folder ?? "", `${arm}-build`] as const,
    ...(build?.nodeModules ?? []).map((folder) => [path.dirname(folder), `${arm}-project`] as const),
  ]);
  const programs = SYSTEM_PROGRAMS.test(programFolder) ? "" : programFolder;
  return [[workspace, "."] as const, ...ofBuilds, [programs, "node-bin"] as const, [homeFolder, "~"] as const]
    .filter(([folder]) => path.isAbsolute(folder))
    .map(([folder, shown]) => [path.resolve(folder), shown] as const)
    .filter(([folder]) => path.dirname(folder) !== folder)
    .sort(([a], [b]) => b.length - a.length);
}
