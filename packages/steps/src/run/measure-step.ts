import { realpath, rm } from "node:fs/promises";
import { checkArtifact, rawRun } from "@forgebench/artifacts";
import { neededBlocks } from "@forgebench/evidence";
import { type BuiltCommit, buildChosenBase } from "@forgebench/history";
import {
  explainSystemError,
  LineLog,
  lockFolder,
  makeFolder,
  outputError,
  readInputText,
  startProgress,
  writeFileAtomic,
} from "@forgebench/io";
import {
  announce,
  announceFixed,
  type Beginning,
  beginRuns,
  describeUnreadInputs,
  invalidRunsError,
  type Measured,
  planMeasurement,
  runPlan,
} from "@forgebench/runner";
import { type StepIo, tell } from "../step-io.ts";
import { type Job, prepareJob, readTask } from "./run-job.ts";
import type { RunRequest, RunResult } from "./run-request.ts";
import { writeSummaries } from "./write-summaries.ts";

/**
 * Runs a command, or two in turn, in this process; keeps every run and sums each arm up. The process should be small and
 * do nothing else: `runStep` starts one.
 * @throws {UsageError} for a request that contradicts itself or its suite, {ArtifactError} for an input that is wrong,
 *   {OperationError} when the base cannot be built or an output cannot be written.
 */
export async function measureStep(request: RunRequest, io: StepIo): Promise<RunResult> {
  const task = await readTask(request);
  await makeFolder(request.workspace);
  const workspace = await realpath(request.workspace);
  const lock = await lockFolder(workspace);
  let built: BuiltCommit | undefined;
  try {
    built = await buildBase(request, workspace, io);
    const chosen = built === undefined ? request : { ...request, baseCliPath: built.cliPath };
    const job = await prepareJob({ task, request: chosen, workspace, baseCommit: built?.commit }, io);
    return await finish(job, await measureAll(job, io), io);
  } catch (error) {
    throw explainSystemError(error, workspace, request.workspace);
  } finally {
    await built?.remove();
    await lock.release();
  }
}

async function buildBase(request: RunRequest, workspace: string, io: StepIo): Promise<BuiltCommit | undefined> {
  const { cliPath, baseCliPath, base, buildCommand } = request;
  if (cliPath === undefined) return undefined;
  const choice = { cliPath, baseCliPath, base, buildCommand };
  return buildChosenBase(choice, workspace, { env: io.env, signal: io.signal, say: (text) => tell(io, text) });
}

/** Begins a measurement, or goes on with the one that is there, and says what will be measured. */
async function begin({ task, bench, request, files }: Job, io: StepIo): Promise<Beginning> {
  const begun = await beginRuns({
    files,
    plan: planMeasurement({ ...task, ...bench, design: bench.context.design }),
    context: bench.context,
    removeRunFolders: bench.removeRunFolders,
    findChanged: bench.findChanged,
    isResumed: request.resume === true,
    isSeedGiven: request.seed !== undefined,
    isMaxBlocksGiven: request.maxBlocks !== undefined,
    access: { readText: readInputText, writeText: writeFileAtomic, outputError },
  });
  const ownNotes = [...announceFixed(task.sampling, task.chosenCells), ...describeUnreadInputs(task.suite)];
  for (const line of [...begun.notes, ...ownNotes, ...announce(begun.context, begun.plan)]) tell(io, line);
  return begun;
}

async function measureAll(job: Job, io: StepIo): Promise<Measured> {
  const { task, bench, request, files } = job;
  const begun = await begin(job, io);
  const log = await LineLog.open(files.rawRuns);
  const progress = startProgress(io, "measure", 0);
  let kept: string | undefined;
  try {
    return await runPlan({
      plan: begun.plan,
      begun,
      bench,
      suite: task.suite,
      blocksNeeded: neededBlocks(begun.context),
      timeoutMs: request.timeoutSeconds * 1000,
      nodePath: process.execPath,
      signal: io.signal,
      keep: (run) => log.append(JSON.stringify(checkArtifact(rawRun, run, "raw-runs.jsonl"))),
      show: ({ done, total, note, leftMs }) => {
        progress.setTotal(total);
        progress.update(done, note, leftMs);
      },
      onAbort: (text) => {
        kept = text;
      },
    });
  } finally {
    progress.stop();
    if (kept !== undefined) tell(io, `kept       ${kept}; --resume continues`);
    await log.close();
  }
}

/** Sums the arms up; the folders of the runs are kept only where a run was not valid. */
async function finish(job: Job, measured: Measured, io: StepIo): Promise<RunResult> {
  const { files } = job;
  for (const line of measured.notes) tell(io, line);
  const { head, base } = await writeSummaries(job, measured, io);
  const summaries = base === undefined ? [head] : [head, base];
  const place = `${files.rawRuns}, and the runs' folders in scratch beside it`;
  const invalid = invalidRunsError(summaries, measured.runs, place);
  if (invalid === undefined) await rm(files.scratch, { recursive: true, force: true });
  return {
    rawRuns: files.rawRuns,
    headSummary: files.summary.head,
    baseSummary: base === undefined ? undefined : files.summary.base,
    invalid,
  };
}
