import type { RawRun, SuiteProfile } from "@forgebench/artifacts";
import { InvariantError } from "@forgebench/errors";
import { cellId } from "./cells.ts";
import type { Executor, RunResult } from "./executor.ts";
import { type FinishedRun, imageCountOf, type RunFacts, recordRun } from "./record-run.ts";
import type { PlannedBlock, PlannedRun } from "./schedule.ts";
import type { RunPlaces, Stage } from "./stage.ts";
import { executable, subjectCommand } from "./subject-command.ts";
import { readSubjectReport } from "./subject-report.ts";
import { findFailures } from "./validity.ts";

/** A cell is given up after so many blocks in a row with a failed run; after one if a run hit the time limit. */
const MAX_FAILED_BLOCKS = 3;

export interface MeasureOptions {
  readonly plan: readonly PlannedBlock[];
  readonly facts: RunFacts;
  readonly executor: Executor;
  readonly stage: Stage;
  readonly timeoutMs: number;
  /** The runs of blocks that an earlier, interrupted measurement completed. */
  readonly earlierRuns: readonly RawRun[];
  /** Keeps a run that has just ended; the next one starts when it resolves. */
  readonly keep: (run: RawRun) => Promise<void>;
  readonly onRun?: (run: PlannedRun) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs the blocks of a plan that are not done yet, one process at a time. A cell whose runs keep failing is given up for
 * both arms alike, without looking at which arm failed. Resolves to all runs, the earlier ones first.
 * @throws the signal's reason; the runs kept until then are whole.
 */
export async function measure(options: MeasureOptions): Promise<RawRun[]> {
  const runs = [...options.earlierRuns];
  const done = new Set(runs.map((run) => blockKey(run, run.block ?? 0)));
  for (const block of options.plan) {
    if (done.has(blockKey(block.cell, block.block)) || isGivenUp(block, runs)) continue;
    // All arms first: a fill between the runs of a block would come before one arm and not the other.
    const fillFailures = new Map<PlannedRun, string[]>();
    for (const run of block.runs) fillFailures.set(run, await fillWarmFolder(run, options));
    for (const run of block.runs) {
      options.signal?.throwIfAborted();
      options.onRun?.(run);
      const record = await measureRun(run, options, fillFailures.get(run) ?? []);
      await options.keep(record);
      runs.push(record);
    }
    await options.stage.finishBlock(block);
  }
  return runs;
}

/** `PROFILE/SCENARIO/PHASE` and the number of a block in it. */
export function blockKey(cell: Parameters<typeof cellId>[0], block: number): string {
  return `${cellId(cell)}#${block}`;
}

/** Whether the runs of a cell failed so often in a row that a further block would tell nothing new. */
export function isGivenUp({ cell }: Pick<PlannedBlock, "cell">, runs: readonly RawRun[]): boolean {
  const own = runs.filter((run) => cellId(run) === cellId(cell));
  const lastBlocks = [...new Set(own.map(({ block }) => block))].slice(-MAX_FAILED_BLOCKS);
  const inBlock = (block: number | undefined) => own.filter((run) => run.block === block);
  if (inBlock(lastBlocks.at(-1)).some(({ timedOut }) => timedOut === true)) return true;
  return (
    lastBlocks.length === MAX_FAILED_BLOCKS &&
    lastBlocks.every((block) => inBlock(block).some(({ valid }) => valid === false))
  );
}

async function measureRun(
  run: PlannedRun,
  options: MeasureOptions,
  earlierFailures: readonly string[],
): Promise<RawRun> {
  const { stage, facts } = options;
  const { places, command, result } = await execute(run, options);
  const outputBytes = await stage.outputBytes(places);
  const finished: FinishedRun = { run, places, command, result, outputBytes, earlierFailures };
  return recordRun(finished, facts, (text) => stage.shown(text));
}

/**
 * Before the first warm run of an arm: runs the subject once, untimed, so that the warm runs find their cache.
 * Resolves to what went wrong with it.
 */
async function fillWarmFolder(run: PlannedRun, options: MeasureOptions): Promise<string[]> {
  const { stage, facts } = options;
  if (run.cell.phase === "cold" || !stage.claimFill(run.cell, run.arm)) return [];
  const { result } = await execute(run, options);
  const report = readSubjectReport(result, facts.suite.subject.report);
  const expected = { suite: facts.suite, phase: "cold", imageCount: imageCountOf(facts, run) } as const;
  return findFailures(result, report, expected).map((failure) => `when the warm folder was filled: ${failure}`);
}

interface Execution {
  readonly places: RunPlaces;
  readonly command: readonly string[];
  readonly result: RunResult;
}

async function execute(run: PlannedRun, options: MeasureOptions): Promise<Execution> {
  const { stage, facts, executor, timeoutMs, signal } = options;
  const places = await stage.prepare(run);
  const command = subjectCommand(facts.suite, profileOf(facts, run), places);
  await stage.settle();
  const spec = { argv: executable(command, facts.nodePath), cwd: places.cwd, env: places.env, timeoutMs, run };
  return { places, command, result: await executor.run(spec, signal) };
}

function profileOf({ suite }: RunFacts, { cell }: PlannedRun): SuiteProfile {
  const profile = suite.profiles.find(({ id }) => id === cell.profileId);
  if (profile === undefined) throw new InvariantError(`the plan holds ${cellId(cell)}, which the suite does not`);
  return profile;
}
