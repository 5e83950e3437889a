import { rm } from "node:fs/promises";
import { checkArtifact, type RunContext, rawRun, type Summary, summary } from "@forgebench/artifacts";
import { neededBlocks } from "@forgebench/evidence";
import {
  inputReference,
  LineLog,
  makeFolder,
  outputError,
  type ReadArtifact,
  readInputText,
  referencePath,
  sha256OfFile,
  writeArtifact,
  writeFileAtomic,
} from "@forgebench/io";
import {
  type Arm,
  assertSameContext,
  type Bench,
  beginRuns,
  type Measured,
  planMeasurement,
  prepareBench,
  runFilesOf,
  runPlan,
  type Sampling,
  summarize,
} from "@forgebench/runner";
import type { AaLab } from "./aa-lab.ts";

const TIMEOUT_MS = 600_000;

/** The summary of an arm, as it was written. */
export type MeasuredArm = ReadArtifact<Summary>;

/** Measures the build against itself as bench:run does by evidence. @param first a context that this one must be like */
export async function measureBothArms(lab: AaLab, workspace: string, first: RunContext | undefined) {
  const { minBlocks, maxBlocks } = lab.options;
  const place = await openArms(lab, workspace, { mode: "evidence", minBlocks, maxBlocks });
  if (first !== undefined) assertSameContext(first, { ...place.bench.context, orderSeed: first.orderSeed });
  const measured = await measureIn(lab, place);
  const head = await writeSummary(lab, place, measured, "head");
  const base = await writeSummary(lab, place, measured, "base");
  return { ...measured, head, base };
}

/** Measures the build alone, as bench:run does with a fixed number of runs. */
export async function measureArm(lab: AaLab, workspace: string): Promise<MeasuredArm> {
  const place = await openArms(lab, workspace, { mode: "fixed", runCount: lab.options.runCount });
  return writeSummary(lab, place, await measureIn(lab, place), "head");
}

/** A measurement that is ready to begin. */
interface Arms {
  readonly sampling: Sampling;
  readonly bench: Bench;
  readonly files: ReturnType<typeof runFilesOf>;
}

async function openArms(lab: AaLab, workspace: string, sampling: Sampling): Promise<Arms> {
  const { io, suite, suiteSha256, cells, cliPath, tier, options } = lab;
  await makeFolder(workspace);
  const isByEvidence = sampling.mode === "evidence";
  const bench = await prepareBench({
    suite,
    suiteSha256,
    suitePath: options.suite,
    cells,
    chosenCells: cells,
    shard: { index: 1, count: 1 },
    sampling,
    wantsControls: options.controls && isByEvidence,
    waitsForQuiet: !options.noWaiting,
    cliPath,
    baseCliPath: isByEvidence ? cliPath : undefined,
    tier: tier.value,
    tierPath: tier.path,
    workspace,
    timeoutMs: TIMEOUT_MS,
    orderSeed: undefined,
    env: io.env,
    signal: io.signal,
    generatedAt: io.now().toISOString(),
    toolVersion: "bench:aa",
  });
  return { sampling, bench, files: runFilesOf(workspace) };
}

async function measureIn({ io, suite, cells }: AaLab, { sampling, bench, files }: Arms): Promise<Measured> {
  const { context, controlCells, removeRunFolders } = bench;
  const plan = planMeasurement({ cells, chosenCells: cells, sampling, controlCells, design: context.design });
  const access = { readText: readInputText, writeText: writeFileAtomic, outputError };
  const fresh = { isResumed: false, isSeedGiven: false };
  const begun = await beginRuns({ files, plan, context, removeRunFolders, access, ...fresh });
  const log = await LineLog.open(files.rawRuns);
  try {
    const measured = await runPlan({
      plan,
      begun,
      bench,
      suite,
      blocksNeeded: neededBlocks(begun.context),
      timeoutMs: TIMEOUT_MS,
      nodePath: process.execPath,
      signal: io.signal,
      keep: (run) => log.append(JSON.stringify(checkArtifact(rawRun, run, files.rawRuns))),
      show: () => {},
      onAbort: () => {},
    });
    await rm(files.scratch, { recursive: true, force: true });
    return measured;
  } finally {
    await log.close();
  }
}

async function writeSummary(lab: AaLab, place: Arms, measured: Measured, arm: Arm): Promise<MeasuredArm> {
  const { io, cliPath, tier, suite, cells } = lab;
  const { bench, files } = place;
  const file = files.summary[arm];
  const rawRuns = { path: files.rawRuns, sha256: await sha256OfFile(files.rawRuns) };
  const value = summarize({
    ...bench,
    ...measured,
    arm,
    suite,
    cells,
    generatedAt: io.now().toISOString(),
    cliPath: referencePath(cliPath, file, io.cwd),
    tierManifestPath: referencePath(tier.path, file, io.cwd),
    inputs: [rawRuns, tier].map((input) => inputReference(input, file, io.cwd)),
  });
  return { path: file, value, sha256: await writeArtifact(summary, file, value) };
}
