import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import type { RunContext, Suite, SuiteScenario, TierManifest } from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { readBuild } from "./build-folder.ts";
import { type Cell, PHASES_OF_ALL } from "./cells.ts";
import { controlCells, planControls } from "./controls.ts";
import { readResolved } from "./dataset-folder.ts";
import type { Executor } from "./executor.ts";
import { type Inputs, openTier, prepareInputs } from "./inputs-folder.ts";
import { endLeftovers } from "./leftovers-process.ts";
import { probeMachine } from "./machine-probe.ts";
import { chooseMeter } from "./meter-process.ts";
import { type Builds, type PlacedBuilds, placeBuilds, placeCommand } from "./place-builds.ts";
import type { PlantedBy } from "./plant.ts";
import { type Planter, placePlanter } from "./planter-folder.ts";
import { ProcessExecutor } from "./process-executor.ts";
import { QuietWait, realQuietWorld } from "./quiet.ts";
import type { ChangedFiles } from "./resume.ts";
import { type ContextParts, makeContext } from "./run-context.ts";
import { othersRunning } from "./run-queue-probe.ts";
import type { Sampling } from "./sampling.ts";
import type { Shard } from "./shards.ts";
import { shownPlaces } from "./shown-places.ts";
import type { Stage } from "./stage.ts";
import { namesPlace, usesPlace } from "./subject-command.ts";
import { describeChangedInputs, prepareSuiteInputs } from "./suite-inputs-folder.ts";
import { assertProgramsThere, foreignFolders, namesBesideSuite, type SuitePlace } from "./suite-program-folder.ts";
import { OWN_PHASES, subjectEnvironment, WorkspaceStage } from "./workspace-folder.ts";

/** The input of a measurement. */
export interface BenchOptions {
  readonly suite: Suite;
  readonly suitePath: string;
  readonly suiteSha256: string;
  /** Both undefined for a suite that names its own inputs, or has none. */
  readonly tier: TierManifest | undefined;
  readonly tierPath: string | undefined;
  /** Why a tier of this machine is measured instead of a release. */
  readonly fallbackReason?: string | undefined;
  /** All chosen cells, and those of them that this shard measures. */
  readonly chosenCells: readonly Cell[];
  readonly cells: readonly Cell[];
  readonly shard: Shard;
  readonly sampling: Sampling;
  readonly wantsControls: boolean;
  /** Whether a block waits, for a limited time, while other programs use the machine; default: yes. */
  readonly waitsForQuiet?: boolean | undefined;
  /** Undefined for a command without a CLI. */
  readonly cliPath: string | undefined;
  readonly baseCliPath: string | undefined;
  /** The full hash of the commit that the base was built from, if that is known. */
  readonly baseCommit?: string | undefined;
  /** An existing folder that no other process uses. */
  readonly workspace: string;
  /** The environment of the measuring process; the subject gets only its `PATH`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /** Default: fresh randomness of the operating system. */
  readonly orderSeed: string | undefined;
  readonly generatedAt: string;
  readonly toolVersion: string;
  readonly signal: AbortSignal;
}

/** Between the end of a run and the beginning of the next. */
const SETTLE_MS = 10;

/** The prepared workspace, with everything that the runs need. */
export interface Bench {
  readonly context: RunContext;
  /** The cells by which the night checks itself; may be empty. */
  readonly controlCells: readonly Cell[];
  readonly plantedBy: PlantedBy | undefined;
  /** The words before the command of a control that our helper slows. */
  readonly plantPrefix: readonly string[] | undefined;
  readonly executor: Executor;
  /** Absent if the measurement does not wait for a quiet machine. */
  readonly waitForQuiet: (() => Promise<number>) | undefined;
  readonly stage: Stage;
  /** Images by scenario, of those that are measured on images. */
  readonly imageCounts: Readonly<Record<string, number>>;
  /** Makes sure that no subject changed its input. @throws {OperationError} naming what changed (exit 3). */
  readonly checkInputs: () => Promise<void>;
  /** Removes the folders of earlier runs: called before the first run, when it is sure that there will be one. */
  readonly removeRunFolders: () => Promise<void>;
  /** The files that changed since a measurement of this dataset; to be called before the first run. */
  readonly findChanged: (datasetSha256: string) => Promise<ChangedFiles>;
}

/**
 * Readies a workspace: inputs checked and copied, builds copied to both slots, machine and subjects fingerprinted. The
 * processes that a killed measurement left there are ended; the folders of its runs stay for whoever looks at them.
 * @throws {UsageError} for a CLI that is not there, {ArtifactError} for a tier whose files are not those of its manifest
 *   or that is not the one that was resolved.
 */
export async function prepareBench(options: BenchOptions): Promise<Bench> {
  const { workspace } = options;
  const meter = chooseMeter();
  const hasHelper = meter.name === "wait4";
  const controlPlan = planControls({ ...options, areWanted: options.wantsControls, hasHelper });
  const builds = await readBuilds(options);
  const suiteDir = await realpath(path.dirname(options.suitePath));
  const own = controlCells(controlPlan);
  await assertProgramsThere(placeOf(options, suiteDir), {
    phases: [...new Set([...options.cells, ...own].map(({ phase }) => phase))],
    usesPlantCommand: controlPlan.plantedBy === "plant-command",
  });
  const marker = createHash("sha256").update(workspace).digest("hex").slice(0, 16);
  await endLeftovers({ marker });
  const scratch = path.join(workspace, "scratch");
  await removeBelow(scratch, ["probe", "inputs", "slots", "plant"]);
  const { inputs, datasetOrigin } = await readyInputs(options, own, path.join(scratch, "inputs"));
  const executor = new ProcessExecutor({ meter, marker, settleMs: SETTLE_MS });
  const placed = await placeSubjects(options, { builds, suiteDir, scratch, executor });
  const planter = await placePlanter(controlPlan, path.join(scratch, "plant"));
  const stage = await makeStage(options, { builds, suiteDir, scratch, inputs, placed, planter });
  return {
    context: contextOf(options, { inputs, datasetOrigin, placed, controlPlan, meter: meter.name }),
    controlCells: own,
    plantedBy: controlPlan.plantedBy,
    plantPrefix: planter.prefix,
    executor,
    stage,
    imageCounts: inputs.imageCounts,
    waitForQuiet: options.waitsForQuiet === false ? undefined : quietWait(options.sampling),
    checkInputs: () => checkAll(inputs),
    ...readyToContinue(scratch, inputs, options.suite),
  };
}

interface StageParts {
  readonly builds: Partial<Builds>;
  readonly suiteDir: string;
  readonly scratch: string;
  readonly inputs: Inputs;
  readonly placed: PlacedBuilds;
  readonly planter: Planter;
}

async function makeStage(options: BenchOptions, parts: StageParts): Promise<WorkspaceStage> {
  const { suite, suitePath, workspace, env } = options;
  const { builds, suiteDir, scratch, inputs, placed, planter } = parts;
  const own = ownFolder(suite, suiteDir);
  return new WorkspaceStage({
    suite,
    suitePath,
    scratch,
    searchPath: env.PATH ?? "",
    inputs,
    ...own,
    cliPlaces: placed.cliPlaces,
    shownPlaces: shownPlaces(workspace, builds, { ...own, foreign: await foreignFolders(suite) }),
    ...planter.forStage,
  });
}

/** The earlier inputs, for a measurement that is continued. */
const LISTING = "inputs.sha256";

/** What is done when it is sure that there will be a run, and what tells why a measurement cannot go on. */
function readyToContinue(
  scratch: string,
  { listing = "" }: Inputs,
  suite: Suite,
): Pick<Bench, "removeRunFolders" | "findChanged"> {
  return {
    removeRunFolders: async () => {
      await removeBelow(scratch, [...PHASES_OF_ALL, OWN_PHASES, "control"]);
      await writeFile(path.join(scratch, LISTING), listing);
    },
    findChanged: async (datasetSha256) => {
      const before = await readFile(path.join(scratch, LISTING), "utf8").catch(() => "");
      const inputs = describeChangedInputs(before, listing, datasetSha256);
      return { inputs, besideSuite: namesBesideSuite(suite) };
    },
  };
}

/** The folder of the suite file, if the suite uses it; else it is not recorded. */
function ownFolder(suite: Suite, suiteDir: string): { readonly suiteDir?: string } {
  const isNamed = usesPlace(suite, "suiteDir") || suite.plantCommand?.some((word) => namesPlace(word, "suiteDir"));
  return isNamed === true ? { suiteDir } : {};
}

/** The inputs of all cells, copied: images of a tier, or what the suite names. */
async function readyInputs(options: BenchOptions, own: readonly Cell[], folder: string) {
  const { suite, suitePath, tier, tierPath, workspace, signal } = options;
  const scenarios = scenariosOf(suite, [...options.cells, ...own]);
  if (tier === undefined || tierPath === undefined) {
    const inputs = await prepareSuiteInputs({ suite, suitePath, scenarios, folder, workspace, signal });
    assertSingleFiles(options, inputs);
    return { inputs, datasetOrigin: {} };
  }
  const datasetOrigin = { resolved: await readResolved(tierPath), fallbackReason: options.fallbackReason };
  const inputs = await prepareInputs(await openTier(tier, tierPath), scenarios, folder, signal);
  assertSingleFiles(options, inputs);
  return { inputs, datasetOrigin };
}

/** `{inputFile}` is the one file of an input: there must be one. */
function assertSingleFiles({ suite, suitePath }: BenchOptions, { files }: Inputs): void {
  if (!usesPlace(suite, "inputFile")) return;
  const issues = Object.entries(files).flatMap(([scenario, own]) => {
    const message = `{inputFile} is the one file of the input, and "${scenario}" has ${own.length}; use {input}, which is the folder`;
    return own.length === 1
      ? []
      : [{ path: `scenarios[${suite.scenarios.findIndex(({ name }) => name === scenario)}]`, message }];
  });
  if (issues.length > 0) throw new ArtifactError({ path: suitePath, kind: "suite", issues });
}

interface SubjectParts {
  readonly builds: Partial<Builds>;
  readonly suiteDir: string;
  readonly scratch: string;
  readonly executor: ProcessExecutor;
}

/** The builds in their slots, or the program of a command without a CLI. */
async function placeSubjects(options: BenchOptions, parts: SubjectParts): Promise<PlacedBuilds> {
  const { builds, suiteDir, scratch, executor } = parts;
  const home = path.join(scratch, "probe");
  await mkdir(home, { recursive: true });
  const place = placeOf(options, suiteDir);
  const { head, base } = builds;
  if (head === undefined) return placeCommand(place);
  const env = subjectEnvironment({ searchPath: place.searchPath, home, temporary: home });
  return placeBuilds(base === undefined ? { head } : { head, base }, scratch, {
    ...place,
    executor,
    signal: options.signal,
    cwd: home,
    env,
  });
}

function placeOf({ suite, suitePath, env }: BenchOptions, suiteDir: string): SuitePlace {
  return { suite, suitePath, suiteDir, searchPath: env.PATH ?? "", nodePath: process.execPath };
}

function scenariosOf(suite: Suite, cells: readonly Cell[]): SuiteScenario[] {
  return suite.scenarios.filter(({ name }) => cells.some(({ scenario }) => scenario === name));
}

type Found = Pick<ContextParts, "inputs" | "datasetOrigin" | "placed" | "controlPlan" | "meter">;

function contextOf(options: BenchOptions, found: Found): RunContext {
  const { suite, suiteSha256, tier, chosenCells, cells, shard, sampling, timeoutMs, generatedAt, toolVersion } =
    options;
  return makeContext({
    suite,
    suiteSha256,
    tier,
    chosenCells,
    cells,
    shard,
    sampling,
    timeoutMs,
    generatedAt,
    toolVersion,
    ...found,
    placed: { ...found.placed, subjects: withBaseCommit(found.placed.subjects, options.baseCommit) },
    orderSeed: options.orderSeed ?? randomBytes(16).toString("hex"),
    machine: probeMachine(options.env),
  });
}

/** The commit of a build is not part of its identity: the same build is the same subject. */
function withBaseCommit({ head, base }: RunContext["subjects"], commit: string | undefined): RunContext["subjects"] {
  if (base === undefined) return { head };
  return { head, base: commit === undefined ? base : { ...base, commit } };
}

function quietWait(sampling: Sampling): () => Promise<number> {
  const { timeBudgetMinutes } = sampling.mode === "evidence" ? sampling : { timeBudgetMinutes: undefined };
  const timeBudgetMs = timeBudgetMinutes === undefined ? undefined : 60_000 * timeBudgetMinutes;
  const quiet = new QuietWait(availableParallelism(), realQuietWorld(othersRunning), timeBudgetMs);
  return () => quiet.wait();
}

async function checkAll({ folders, reread }: Inputs): Promise<void> {
  for (const scenario of Object.keys(folders)) await reread(scenario);
}

async function removeBelow(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(path.join(folder, name), { recursive: true, force: true, maxRetries: 3 });
}

async function readBuilds({ suite, cliPath, baseCliPath, workspace }: BenchOptions): Promise<Partial<Builds>> {
  if (cliPath === undefined) return {};
  const head = await readBuild(cliPath, "--cli-path", workspace);
  if (baseCliPath !== undefined) return { head, base: await readBuild(baseCliPath, "--base-cli-path", workspace) };
  // Arms that differ by their arguments need no second CLI.
  return suite.arms === undefined ? { head } : { head, base: head };
}
