export { announce, announceFixed } from "./announce.ts";
export { type Bench, type BenchOptions, prepareBench } from "./bench-folder.ts";
export { type Arm, type Cell, cellId, pairId, selectCells } from "./cells.ts";
export { controlCells, planControls } from "./controls.ts";
export type { BlocksNeeded } from "./evidence-schedule.ts";
export type { Executor, RunResult, RunSpec } from "./executor.ts";
export { familyOf } from "./family.ts";
export { isGivenUp } from "./given-up.ts";
export { invalidRunsError } from "./invalid-runs.ts";
export { type MeasurementPlan, makeSchedule, planMeasurement } from "./make-schedule.ts";
export { type MeasureOptions, measure } from "./measure.ts";
export { chooseMeter, METERS } from "./meter-process.ts";
export { declarationsOf, metricsDeclaredIn } from "./own-metrics.ts";
export { ProcessExecutor } from "./process-executor.ts";
export { factsOf, type RunFacts } from "./record-run.ts";
export { assertSameContext, runsOfWholeBlocks } from "./resume.ts";
export { type Measured, type RunPlanOptions, runPlan } from "./run-plan.ts";
export {
  findValue,
  type MeasuredCell,
  onRuns,
  pipelineIdentity,
  RunSeries,
  type SeriesContext,
  seriesOfRuns,
} from "./run-series.ts";
export { type Beginning, beginRuns, type FileAccess, runFilesOf } from "./runs-folder.ts";
export { chooseSampling, describeSampling, SAMPLING_DEFAULTS, type Sampling } from "./sampling.ts";
export { fixedProtocol, type PlannedBlock, type PlannedRun, planRuns, type Schedule } from "./schedule.ts";
export { ScriptedExecutor, type ScriptedRun } from "./scripted-executor.ts";
export { cellsOfShard, parseShard, type Shard } from "./shards.ts";
export type { RunPlaces, Stage } from "./stage.ts";
export { usesPlace, usesTier } from "./subject-command.ts";
export { assertFlagsFit, assertForImages, type SubjectFlags } from "./suite-flags.ts";
export { describeUnreadInputs } from "./suite-input-problems.ts";
export { assertSuiteRunnable } from "./suite-problems.ts";
export { type SummaryInput, summarize } from "./summarize.ts";
export { holdsRule } from "./validity.ts";
export { subjectEnvironment } from "./workspace-folder.ts";
