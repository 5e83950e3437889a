import { realpath, rm } from "node:fs/promises";
import { comparison, type RunContext } from "@forgebench/artifacts";
import { compareByEvidence, compareByThreshold, readRunLog } from "@forgebench/evidence";
import { LineLog, lockFolder, makeFolder, type ScriptIo, startProgress, writeArtifact } from "@forgebench/io";
import { invalidRunsError } from "@forgebench/runner";
import { standardThresholds } from "@forgebench/verdict";
import { type AaLab, type AaOptions, openAaLab } from "./aa-lab.ts";
import {
  type FinishedNight,
  nightFiles,
  nightsLog,
  readFinishedNights,
  readNight,
  readNightContext,
} from "./finished-nights-folder.ts";
import { type MeasuredArm, measureArm, measureBothArms } from "./measure-arms-folder.ts";
import type { NullNight } from "./null-nights.ts";

/** The nights of a folder. */
export interface MeasuredNights {
  readonly nights: readonly NullNight[];
  /** The log with a line for each. */
  readonly log: string;
}

/**
 * Compares a build with itself until there are as many nights as asked for, or the time is up. Each is kept when it is
 * finished; what is returned is read from the files, since what is kept is what counts.
 */
export async function measureNights(options: AaOptions, io: ScriptIo): Promise<MeasuredNights> {
  await makeFolder(options.outDir);
  const root = await realpath(options.outDir);
  const lock = await lockFolder(root);
  try {
    const finished = await readFinishedNights(root, options.resume);
    await measureMissing(await openAaLab(root, options, io), finished);
    const nights: NullNight[] = [];
    for (const night of await readFinishedNights(root, true)) nights.push(await readNight(root, night));
    return { nights, log: nightsLog(root) };
  } finally {
    await lock.release();
  }
}

async function measureMissing(lab: AaLab, finished: readonly FinishedNight[]): Promise<void> {
  const { root, options, io } = lab;
  const endMs = performance.now() + (options.budgetMinutes ?? Number.POSITIVE_INFINITY) * 60_000;
  let first = finished[0] === undefined ? undefined : await readNightContext(root, finished[0].night);
  const log = await LineLog.open(nightsLog(root));
  const progress = startProgress(io, "nights", options.nights);
  try {
    for (let night = finished.length + 1; night <= options.nights; night += 1) {
      progress.update(night - 1);
      await log.append(JSON.stringify(await measureNight(lab, night, first)));
      first ??= await readNightContext(root, night);
      progress.update(night);
      if (performance.now() >= endMs) break;
    }
  } finally {
    progress.stop();
    await log.close();
  }
}

/** @param first the context of the first night; the others must be like it. */
async function measureNight(lab: AaLab, night: number, first: RunContext | undefined): Promise<FinishedNight> {
  const startedMs = performance.now();
  const files = nightFiles(lab.root, night);
  await rm(files.folder, { recursive: true, force: true });
  const { head, base, runs, context } = await measureBothArms(lab, files.blocked, first);
  // A subject that fails in the first night fails in all of them.
  const failure = invalidRunsError([head.value, base.value], runs, files.folder);
  if (night === 1 && failure !== undefined) throw failure;
  const request = requestOf(lab, head, base);
  await writeArtifact(
    comparison,
    files.compare,
    compareByEvidence({ ...request, context, log: readRunLog(runs, context) }),
  );
  const allHead = await measureArm(lab, files.allHead);
  const allBase = await measureArm(lab, files.allBase);
  await writeArtifact(comparison, files.sequentialCompare, compareByThreshold(requestOf(lab, allHead, allBase)));
  return { night, durationMs: Math.round(performance.now() - startedMs) };
}

function requestOf({ io }: AaLab, head: MeasuredArm, base: MeasuredArm) {
  return {
    head: { summary: head.value, sha256: head.sha256 },
    base: { summary: base.value, sha256: base.sha256 },
    thresholds: standardThresholds,
    gateMode: "strict" as const,
    generatedAt: io.now().toISOString(),
    inputs: [],
  };
}
