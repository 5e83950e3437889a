import type { RawRun, SuiteProfile } from "@forgebench/artifacts";
import { InvariantError } from "@forgebench/errors";
import { cellId } from "./cells.ts";
import type { Executor, RunResult } from "./executor.ts";
import { phaseOf } from "./phases.ts";
import { plantedCommand, plantedFactor, withoutPlant } from "./plant.ts";
import { type FinishedRun, imageCountOf, type RunFacts, recordRun } from "./record-run.ts";
import type { PlannedBlock, PlannedRun, Schedule } from "./schedule.ts";
import type { RunPlaces, Stage } from "./stage.ts";
import { executable, fillPlaces, subjectCommand } from "./subject-command.ts";
import { readSubjectReport } from "./subject-report.ts";
import { describeEnding, findFailures } from "./validity.ts";

/**
 * The parts of a measurement: the order of its runs, the executor, and the place where each ended run
 * goes.
 */
export interface MeasureOptions {
  readonly schedule: Schedule;
  readonly facts: RunFacts;
  readonly executor: Executor;
  readonly stage: Stage;
  readonly timeoutMs: number;
  /** The runs of blocks that an earlier, interrupted measurement completed; the schedule knows them. */
  readonly earlierRuns: readonly RawRun[];
  /** Keeps a run that has just ended; the next one starts when it resolves. */
  readonly keep: (run: RawRun) => Promise<void>;
  readonly onRun?: (run: PlannedRun) => void;
  /** Waits before a block while other programs use the machine; resolves to the time in milliseconds. */
  readonly waitForQuiet?: (() => Promise<number>) | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Runs the blocks that the schedule gives, one process at a time, until it gives no more. Resolves to all runs, the
 * earlier ones first.
 * @throws the signal's reason, or what the schedule throws; the runs kept until then are whole.
 */
export async function measure(options: MeasureOptions): Promise<RawRun[]> {
  const { schedule } = options;
  const runs = [...options.earlierRuns];
  for (let block = schedule.next(); block !== undefined; block = schedule.next()) {
    const waitedMs = (await options.waitForQuiet?.()) ?? 0;
    const startedMs = performance.now();
    const own = await measureBlock(block, options, waitedMs);
    runs.push(...own);
    schedule.finish(block, own, performance.now() - startedMs);
  }
  return runs;
}

async function measureBlock(block: PlannedBlock, options: MeasureOptions, waitedMs: number): Promise<RawRun[]> {
  // All arms first: a fill between the runs of a block would come before one arm and not the other.
  const fillFailures = new Map<PlannedRun, string[]>();
  for (const run of block.runs) fillFailures.set(run, await fillWarmFolder(run, options));
  const records: RawRun[] = [];
  for (const run of block.runs) {
    options.signal?.throwIfAborted();
    options.onRun?.(run);
    const measured = await measureRun(run, options, fillFailures.get(run) ?? []);
    const record = waitedMs > 0 && records.length === 0 ? { ...measured, waitedMs: Math.round(waitedMs) } : measured;
    await options.keep(record);
    records.push(record);
  }
  await options.stage.finishBlock(block);
  return records;
}

/** The failure of a control run in which nothing was planted. */
const NOT_PLANTED = "the subject ended without the work that the control adds to it: it skipped its exit handlers";

async function measureRun(run: PlannedRun, options: MeasureOptions, fillFailures: readonly string[]): Promise<RawRun> {
  const { stage, facts } = options;
  const { places, command, result, prepareFailures } = await execute(run, options);
  const outputBytes = await stage.outputBytes(places);
  const planted =
    run.cell.control === undefined ? {} : { plantedMs: await stage.plantedMs(run, places, result.wallMs) };
  const saysWhatItPlanted = facts.plantedBy === "node-preload" || facts.plantedBy === "plant-helper";
  const isUnplanted = planted.plantedMs === null && saysWhatItPlanted && result.exitCode === 0;
  const otherFailures = [...fillFailures, ...prepareFailures, ...(isUnplanted ? [NOT_PLANTED] : [])];
  const finished: FinishedRun = { run, places, command, result, outputBytes, otherFailures, ...planted };
  return recordRun(finished, facts, (text) => stage.shown(text));
}

/**
 * Before the first warm run of an arm: runs the subject once, untimed, so that the warm runs find their cache.
 * Resolves to its failures.
 */
async function fillWarmFolder(run: PlannedRun, options: MeasureOptions): Promise<string[]> {
  const { stage, facts } = options;
  if (!phaseOf(facts.suite, run.cell.phase).isFilled || !stage.claimFill(run.cell, run.arm)) return [];
  const { result, prepareFailures } = await execute(run, options);
  const report = readSubjectReport(result, facts.suite.subject.report);
  const expected = { suite: facts.suite, phase: "cold", imageCount: imageCountOf(facts, run) } as const;
  const failures = [...prepareFailures, ...findFailures(result, report, expected)];
  const what = run.cell.phase === "warm" ? "the warm folder" : `the folder of ${run.cell.phase}`;
  return failures.map((failure) => `while ${what} was filled: ${failure}`);
}

interface Execution {
  readonly places: RunPlaces;
  readonly command: readonly string[];
  readonly result: RunResult;
  /** The failures of the suite's command that prepares the phase. */
  readonly prepareFailures: readonly string[];
}

async function execute(run: PlannedRun, options: MeasureOptions): Promise<Execution> {
  const { stage, facts, executor, timeoutMs, signal } = options;
  const places = await stage.prepare(run);
  const command = commandOf(run, facts, places);
  const prepareFailures = await prepareByCommand(run, places, options);
  const spec = { argv: executable(command, facts.nodePath), cwd: places.cwd, env: places.env, timeoutMs, run };
  return { places, command, result: await executor.run(spec, signal), prepareFailures };
}

/** Runs the suite's command that prepares a phase, without the slowdown of a control. */
async function prepareByCommand(run: PlannedRun, places: RunPlaces, options: MeasureOptions): Promise<string[]> {
  const { facts, executor, timeoutMs, signal } = options;
  const { prepare } = phaseOf(facts.suite, run.cell.phase);
  if (prepare.length === 0) return [];
  const argv = executable(
    prepare.map((word) => fillPlaces(word, places)),
    facts.nodePath,
  );
  const env = withoutPlant(places.env);
  const result = await executor.run({ argv, cwd: places.cwd, env, timeoutMs }, signal);
  const { exitCode, timedOut, stderr } = result;
  if (exitCode === 0 && !timedOut) return [];
  const said = stderr.trim().split("\n").at(-1) ?? "";
  const ending = exitCode === null || timedOut ? `was ${describeEnding(result)}` : `ended with ${exitCode}`;
  return [`the prepare command of phase ${run.cell.phase} ${ending}${said === "" ? "" : `: ${said.slice(0, 200)}`}`];
}

function commandOf(run: PlannedRun, facts: RunFacts, places: RunPlaces): string[] {
  const { suite, plantedBy, plantPrefix = [] } = facts;
  // Both arms of a control are the base.
  const arm = run.cell.control === undefined ? run.arm : "base";
  const command = subjectCommand(suite, profileOf(facts, run), places, arm);
  if (run.cell.control === undefined) return command;
  if (plantedBy === "plant-helper") return [...plantPrefix, ...command];
  if (plantedBy !== "plant-command") return command;
  const template = (suite.plantCommand ?? ["{command}"]).map((argument) => fillSuiteDir(argument, places.suiteDir));
  return plantedCommand(template, plantedFactor(run), command);
}

function fillSuiteDir(argument: string, suiteDir = ""): string {
  return argument.replaceAll("{suiteDir}", suiteDir);
}

function profileOf({ suite }: RunFacts, { cell }: PlannedRun): SuiteProfile {
  const profile = suite.profiles.find(({ id }) => id === cell.profileId);
  if (profile === undefined) throw new InvariantError(`the plan holds ${cellId(cell)}, which the suite does not`);
  return profile;
}
