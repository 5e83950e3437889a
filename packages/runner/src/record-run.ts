import type { RawRun, RunContext, Suite } from "@forgebench/artifacts";
import { type Arm, pairId } from "./cells.ts";
import type { RunResult } from "./executor.ts";
import { readOwnMetrics } from "./own-metrics.ts";
import type { PlantedBy } from "./plant.ts";
import type { PlannedRun } from "./schedule.ts";
import type { RunPlaces } from "./stage.ts";
import { readSubjectReport, type SubjectReport } from "./subject-report.ts";
import { findFailures } from "./validity.ts";

/** What is the same for all runs of a workspace. */
export interface RunFacts {
  readonly suite: Suite;
  /** The program for `node` at the start of a command. */
  readonly nodePath: string;
  /** Runs of each arm on a profile and scenario. */
  readonly runCount: number;
  /** Images by scenario. */
  readonly imageCounts: Readonly<Record<string, number>>;
  readonly datasetSha256: string;
  readonly machineId: string;
  readonly subjectIds: Readonly<Partial<Record<Arm, string>>>;
  readonly shard: RunContext["shard"];
  /** How the controls are slowed; absent if there are none. */
  readonly plantedBy?: PlantedBy | undefined;
  /** The words before the command of a control that our helper slows. */
  readonly plantPrefix?: readonly string[] | undefined;
}

/** The result of a run, before it is judged. */
export interface FinishedRun {
  readonly run: PlannedRun;
  readonly places: RunPlaces;
  readonly command: readonly string[];
  readonly result: RunResult;
  readonly outputBytes: number | null;
  /** Failures outside the run itself: while its warm folder was filled, or its slowdown was planted. */
  readonly otherFailures: readonly string[];
  /** Of a control run: the time that was burned in it, null if not known. */
  readonly plantedMs?: number | null;
}

/** Judges a finished run and makes its line of `raw-runs.jsonl`; `shown` takes this machine's places out of texts. */
export function recordRun(finished: FinishedRun, facts: RunFacts, shown: (text: string) => string): RawRun {
  const { run, places, result } = finished;
  const report = readSubjectReport(result, facts.suite.subject.report);
  const imageCount = imageCountOf(facts, run);
  const failures = [
    ...finished.otherFailures,
    ...findFailures(result, report, { suite: facts.suite, phase: run.cell.phase, imageCount }),
  ].map(shown);
  const subjectId = facts.subjectIds[run.cell.control === undefined ? run.arm : "base"];
  const { startedAt, exitCode, signal, timedOut, wallMs } = result;
  return {
    timestamp: startedAt,
    ...run.cell,
    ...placeInPlan(run, facts),
    valid: failures.length === 0,
    failures,
    command: finished.command.map(shown),
    inputDir: shown(places.input),
    outDir: shown(places.outDir),
    manifestPath: shown(places.manifest),
    exitCode,
    signal,
    timedOut,
    wallMs,
    ...figuresOf(report),
    jsonParseError: report.parseError === null ? null : shown(report.parseError),
    ...usageOf(result),
    outputBytes: finished.outputBytes,
    ...ownMetricsOf(result, facts, shown),
    stderr: shown(result.stderr),
    datasetSha256: facts.datasetSha256,
    machineId: facts.machineId,
    ...(subjectId === undefined ? {} : { subjectId }),
    ...(finished.plantedMs === undefined ? {} : { plantedMs: finished.plantedMs }),
    shard: facts.shard,
  };
}

function placeInPlan({ arm, run, block, position, slot }: PlannedRun, { runCount }: RunFacts) {
  return { arm, run, runCount, block, position, slot };
}

function ownMetricsOf(result: RunResult, { suite }: RunFacts, shown: (text: string) => string) {
  if (suite.ownMetrics.length === 0) return {};
  const { metrics, problems } = readOwnMetrics(suite.ownMetrics, result);
  const metricProblems = Object.fromEntries(Object.entries(problems).map(([id, text]) => [id, shown(text)]));
  return { metrics, ...(Object.keys(problems).length === 0 ? {} : { metricProblems }) };
}

function figuresOf({ total, processed, cached, failed, errorsLength, ...report }: SubjectReport) {
  return {
    reportDurationMs: report.durationMs,
    total,
    processed,
    cached,
    failed,
    errorsLength,
    totalOriginalSize: report.originalBytes,
    totalProcessedSize: report.processedBytes,
  };
}

function usageOf({ userCpuMs, systemCpuMs, peakMemoryBytes, stealMs, loadAverage1m }: RunResult) {
  return { userCpuMs, systemCpuMs, peakMemoryBytes, stealMs, loadAverage1m };
}

/** The facts that a context and its suite hold. */
export function factsOf(
  context: RunContext,
  rest: Pick<RunFacts, "suite" | "nodePath" | "imageCounts" | "plantedBy" | "plantPrefix">,
): RunFacts {
  const { head, base } = context.subjects;
  return {
    ...rest,
    runCount: context.runCount,
    datasetSha256: context.dataset.sha256,
    machineId: context.machine.id,
    subjectIds: { head: head.id, ...(base === undefined ? {} : { base: base.id }) },
    shard: context.shard,
  };
}

/**
 * The images that a run is expected to work on; undefined where its input is no tier of images.
 * @throws {RangeError} for a scenario that the facts do not know.
 */
export function imageCountOf(facts: Pick<RunFacts, "imageCounts" | "suite">, run: PlannedRun): number | undefined {
  const count = facts.imageCounts[run.cell.scenario];
  const scenario = facts.suite.scenarios.find(({ name }) => name === run.cell.scenario);
  if (count === undefined && scenario !== undefined && scenario.files === undefined) return undefined;
  if (count === undefined) throw new RangeError(`no image count for ${pairId(run.cell)}`);
  return count;
}
