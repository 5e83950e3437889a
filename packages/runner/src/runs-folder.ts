import { access, rename, rm } from "node:fs/promises";
import path from "node:path";
import {
  parseArtifact,
  parseRawRuns,
  type RawRun,
  type RunContext,
  rawRun,
  runContext,
  serializeArtifact,
} from "@forgebench/artifacts";
import { codeOf } from "@forgebench/errors";
import { count } from "./announce.ts";
import type { MeasurementPlan } from "./make-schedule.ts";
import {
  assertRunsOfDataset,
  type ChangedFiles,
  continuedContext,
  describeLimits,
  planWithin,
  runsOfWholeBlocks,
} from "./resume.ts";

/** The files of a workspace. */
export function runFilesOf(workspace: string) {
  return {
    rawRuns: path.join(workspace, "raw-runs.jsonl"),
    context: path.join(workspace, "run-context.json"),
    scratch: path.join(workspace, "scratch"),
    summary: { head: path.join(workspace, "summary.json"), base: path.join(workspace, "base-summary.json") },
  } as const;
}

/** How files are read and written: by the caller's functions, so that refusals have the usual messages. */
interface FileAccess {
  readonly readText: (file: string, kind: string) => Promise<string>;
  /** Leaves the old file or the new one, even after a kill. */
  readonly writeText: (file: string, text: string) => Promise<void>;
  readonly outputError: (message: string, cause: unknown) => Error;
}

interface BeginOptions {
  readonly files: ReturnType<typeof runFilesOf>;
  /** As it would be for a measurement that begins now. */
  readonly context: RunContext;
  readonly plan: MeasurementPlan;
  readonly isResumed: boolean;
  readonly isSeedGiven: boolean;
  /** Whether `--max-blocks` is given: else a resumed measurement keeps its old value. */
  readonly isMaxBlocksGiven?: boolean;
  readonly removeRunFolders: () => Promise<void>;
  /** The known facts about files that changed since a measurement of this dataset. */
  readonly findChanged?: (datasetSha256: string) => Promise<ChangedFiles>;
  readonly access: FileAccess;
}

/** The context of the whole measurement and its earlier runs. */
export interface Beginning {
  readonly context: RunContext;
  /** With the most blocks that the context gives. */
  readonly plan: MeasurementPlan;
  readonly earlierRuns: readonly RawRun[];
  /** Notes for a person about the existing runs: a line each. */
  readonly notes: readonly string[];
}

/**
 * Begins anew and moves existing runs aside; or, to resume, begins with the earlier whole blocks.
 * @throws {UsageError} naming what differs from the measurement that is to be resumed, {ArtifactError} for runs of another dataset.
 */
export async function beginRuns(options: BeginOptions): Promise<Beginning> {
  const { files, context: now, isSeedGiven, isMaxBlocksGiven = true, access: io } = options;
  const earlier = options.isResumed ? await readEarlier(files.rawRuns, io) : undefined;
  if (earlier === undefined) return beginAnew(options);
  const begun = parseArtifact(runContext, await io.readText(files.context, runContext.kind), files.context);
  const changed = await options.findChanged?.(begun.dataset.sha256);
  const context = continuedContext(begun, { now, isSeedGiven, isMaxBlocksGiven, changed });
  assertRunsOfDataset(earlier, context, files.rawRuns);
  const plan = planWithin(options.plan, context);
  const earlierRuns = runsOfWholeBlocks(earlier, plan);
  await removeResults(options);
  if (context !== begun) await io.writeText(files.context, serializeArtifact(runContext, context, files.context));
  await io.writeText(files.rawRuns, earlierRuns.map((run) => `${JSON.stringify(run)}\n`).join(""));
  const dropped = earlier.length - earlierRuns.length;
  const there = `${count(earlierRuns.length, "run")} ${earlierRuns.length === 1 ? "exists" : "exist"} already`;
  const note = `resume     ${there}, ${dropped} of a cut block ${dropped === 1 ? "is" : "are"} removed`;
  return { context, plan, earlierRuns, notes: [note, ...describeLimits(begun, context)] };
}

async function beginAnew(options: BeginOptions): Promise<Beginning> {
  const { files, context, plan, isResumed, access: io } = options;
  await removeResults(options);
  const wasThere = !isResumed && (await moveAside(files.rawRuns, io));
  if (wasThere) await moveAside(files.context, io);
  await io.writeText(files.context, serializeArtifact(runContext, context, files.context));
  const note = "note: the runs that were here are now raw-runs.previous.jsonl; --resume would have continued them";
  return { context, plan, earlierRuns: [], notes: wasThere ? [note] : [] };
}

/** This comes first: after a kill, a summary of other runs than those beside it would be misleading. */
async function removeResults({ files, removeRunFolders }: BeginOptions): Promise<void> {
  for (const file of Object.values(files.summary)) await rm(file, { force: true });
  await removeRunFolders();
}

async function readEarlier(file: string, io: FileAccess): Promise<readonly RawRun[] | undefined> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  return isThere ? parseRawRuns(await io.readText(file, rawRun.kind), file).runs : undefined;
}

async function moveAside(file: string, io: FileAccess): Promise<boolean> {
  try {
    await rename(file, file.replace(/\.(jsonl?)$/, ".previous.$1"));
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw io.outputError(`Cannot move "${file}" aside`, error);
  }
}
