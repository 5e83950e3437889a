import { createHash, randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import type { RunContext, Suite, TierManifest } from "@forgebench/artifacts";
import { type Build, readBuild } from "./build-folder.ts";
import type { Arm, Cell } from "./cells.ts";
import type { Executor } from "./executor.ts";
import { type Inputs, openTier, prepareInputs } from "./inputs-folder.ts";
import { endLeftovers } from "./leftovers-process.ts";
import { probeMachine } from "./machine-probe.ts";
import { chooseMeter } from "./meter-process.ts";
import { type Builds, placeBuilds } from "./place-builds.ts";
import { ProcessExecutor } from "./process-executor.ts";
import { makeContext } from "./run-context.ts";
import type { Stage } from "./stage.ts";
import { subjectEnvironment, WorkspaceStage } from "./workspace-folder.ts";

/** What a measurement is to be made of. */
export interface BenchOptions {
  readonly suite: Suite;
  readonly suitePath: string;
  readonly suiteSha256: string;
  readonly tier: TierManifest;
  readonly tierPath: string;
  readonly cells: readonly Cell[];
  readonly cliPath: string;
  readonly baseCliPath: string | undefined;
  /** There, and used by nobody else. */
  readonly workspace: string;
  /** Of the measuring process; the subject sees its `PATH` alone. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly runCount: number;
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
 * @throws {UsageError} for a CLI that is not there, {ArtifactError} for a tier whose files are not those of its manifest.
 */
export async function prepareBench(options: BenchOptions): Promise<Bench> {
  const { suite, suitePath, suiteSha256, tier: manifest, cells, workspace, signal } = options;
  const builds = await readBuilds(options);
  const tier = await openTier(manifest, options.tierPath);
  const marker = createHash("sha256").update(workspace).digest("hex").slice(0, 16);
  await endLeftovers({ marker });
  const scratch = path.join(workspace, "scratch");
  await removeBelow(scratch, ["probe", "inputs", "slots"]);
  const home = path.join(scratch, "probe");
  await mkdir(home, { recursive: true });
  const scenarios = suite.scenarios.filter(({ name }) => cells.some(({ scenario }) => scenario === name));
  const inputs = await prepareInputs(tier, scenarios, path.join(scratch, "inputs"), signal);

  const meter = chooseMeter();
  const executor = new ProcessExecutor({ meter, marker });
  const searchPath = options.env.PATH ?? "";
  const placed = await placeBuilds(builds, scratch, {
    ...{ suite, executor, nodePath: process.execPath, signal },
    ...{ cwd: home, env: subjectEnvironment({ searchPath, home, temporary: home }) },
  });
  const { generatedAt, toolVersion, runCount, timeoutMs } = options;
  const orderSeed = options.orderSeed ?? randomBytes(16).toString("hex");
  const context = makeContext({
    ...{ suite, suiteSha256, tier: manifest, inputs, placed, cells, generatedAt, toolVersion, orderSeed },
    ...{ runCount, timeoutMs, meter: meter.name, machine: probeMachine(options.env) },
  });
  const stage = new WorkspaceStage({
    ...{ suite, suitePath, scratch, searchPath, inputs },
    ...{ cliPlaces: placed.cliPlaces, shownPlaces: shownPlaces(workspace, builds) },
  });
  return {
    context,
    executor,
    stage,
    imageCounts: inputs.imageCounts,
    checkInputs: () => checkAll(inputs),
    removeRunFolders: () => removeBelow(scratch, ["cold", "warm"]),
  };
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
