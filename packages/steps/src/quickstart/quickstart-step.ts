import path from "node:path";
import type { Comparison } from "@forgebench/artifacts";
import { lockFolder, makeFolder, writeFileAtomic } from "@forgebench/io";
import { compareRunStep } from "../compare-run-step.ts";
import type { Compared } from "../compare-step.ts";
import { imagesStep } from "../dataset/images-step.ts";
import { packStep, tierManifestIn } from "../dataset/pack-step.ts";
import { localSiteStep } from "../publish/local-site-step.ts";
import { reportStep } from "../report-step.ts";
import type { RunResult } from "../run/run-request.ts";
import { runStep } from "../run/run-step.ts";
import { type StepIo, tell } from "../step-io.ts";
import { subjectStep } from "../subject-step.ts";
import { localSnapshot, snapshotIn } from "./local-snapshot.ts";
import { measuringMinutes } from "./machine-load.ts";
import type { QuickstartRequest, QuickstartResult, Remedy } from "./quickstart-request.ts";
import { type ShownStep, showSteps } from "./shown-step.ts";

const DATASET_VERSION = "0.0.0-quickstart";
const RUN_TIMEOUT_SECONDS = 600;
const SITE_RETENTION = 20;
const MORE_TIME_MINUTES = 10;

/** One numbered folder a step, in the order of the chain. */
function foldersIn(workspace: string) {
  const at = (name: string) => path.join(workspace, name);
  return {
    sources: at("0-sources"),
    images: at("1-synthetic"),
    build: at("2-build"),
    assets: at("3-assets"),
    run: at("4-run"),
    compare: at("5-compare"),
    report: at("6-report"),
    snapshot: at("7-site"),
    website: at("8-website"),
  };
}

/**
 * Does the whole main job: makes a dataset, measures two arms of a CLI, compares, reports, exports a snapshot and brings it
 * to a website of this machine.
 * @param startedMs when the command began, by the clock that never goes back
 * @throws what its steps throw; runs that are not valid do not end the chain, since the comparison names their effect.
 */
export async function quickstartStep(
  request: QuickstartRequest,
  io: StepIo,
  startedMs: number,
): Promise<QuickstartResult> {
  const lock = await lockFolder(await makeFolder(request.workspace));
  try {
    return await runChain(request, showSteps(io), startedMs);
  } finally {
    await lock.release();
  }
}

type Folders = ReturnType<typeof foldersIn>;

async function runChain(request: QuickstartRequest, step: ShownStep, startedMs: number): Promise<QuickstartResult> {
  const folders = foldersIn(request.workspace);
  const headCli = request.cliPath ?? (await step("subject", () => subjectStep(request.subjectPath)));
  const tierManifest = await makeTier(request, folders, step);
  const measured = await measureArms(request, { headCli, tierManifest, folders, startedMs }, step);
  const compared = await step("compare", (io) =>
    compareRunStep(measured, { folder: folders.compare, policy: "auto", gateMode: request.mode }, io),
  );
  const { headSummary, baseSummary, compare } = compared;
  const judged = { headSummary, baseSummary, compare };
  const reportFile = path.join(folders.report, "report.md");
  const report = await step("report", async () => {
    await writeFileAtomic(reportFile, await reportStep({ ...judged, format: "md", layout: {} }));
    return reportStep({ ...judged, format: "terminal", layout: request.layout });
  });
  return {
    report,
    reportFile,
    ...(await publish(request, judged, folders, step)),
    rawRuns: measured.rawRuns,
    imagesDir: folders.images,
    remedy: request.runCount === undefined ? findRemedy(compared.comparison, request.maxBlocks) : undefined,
    answer: compared.answer,
  };
}

/** Makes the images and packs the tier; resolves to the tier's manifest. */
async function makeTier(request: QuickstartRequest, folders: Folders, step: ShownStep): Promise<string> {
  const { count, seed, tier, sourcesDir } = request;
  await step("images", (io) => imagesStep({ outDir: folders.images, count, seed }, io));
  // An empty folder of our own: the default one may hold pictures of an earlier dataset.
  const sources = sourcesDir ?? (await makeFolder(folders.sources));
  const pack = {
    datasetVersion: DATASET_VERSION,
    seed,
    tierSizes: [tier],
    synthetic: { folder: folders.images, required: true },
    sources: { folder: sources, required: sourcesDir !== undefined },
    assetsDir: folders.assets,
    buildDir: folders.build,
  };
  await step("tier", (io) => packStep(pack, io));
  return tierManifestIn(folders.build, DATASET_VERSION, tier);
}

interface Subject {
  readonly headCli: string;
  readonly tierManifest: string;
  readonly folders: Folders;
  readonly startedMs: number;
}

/** Measures the two arms: by evidence, unless a fixed number of runs is asked for. */
async function measureArms(request: QuickstartRequest, subject: Subject, step: ShownStep): Promise<RunResult> {
  const { suite, profiles, scenarios, cell, resume, runCount, maxBlocks, timeBudgetMinutes } = request;
  const { headCli, tierManifest, folders, startedMs } = subject;
  const minutes = timeBudgetMinutes ?? (await measuringMinutes(performance.now() - startedMs));
  const sampling = runCount === undefined ? { maxBlocks, timeBudgetMinutes: minutes } : { runCount };
  const chosen = { suite, profiles, scenarios, cell, resume, timeoutSeconds: RUN_TIMEOUT_SECONDS };
  const builds = { cliPath: headCli, baseCliPath: request.baseCliPath ?? headCli, tierManifest };
  return step("measure", async (io) => {
    const result = await runStep({ ...chosen, ...builds, ...sampling, workspace: folders.run }, io);
    if (result.invalid !== undefined) tell(io, `warning: ${result.invalid.message}`);
    return result;
  });
}

type Judged = Pick<RunResult, "headSummary"> & { readonly baseSummary: string; readonly compare: string };

/** The last steps of a night: a snapshot, a pull request to a website, here one of this machine, and its page. */
async function publish(request: QuickstartRequest, judged: Judged, folders: Folders, step: ShownStep) {
  const snapshot = {
    ...judged,
    out: snapshotIn(folders.snapshot),
    profile: request.profiles[0] ?? "",
    tier: request.tier,
    datasetVersion: DATASET_VERSION,
    cliPath: request.cliPath,
  };
  const snapshotFile = await step("snapshot", (io) => localSnapshot(snapshot, io));
  if (snapshotFile === undefined) return { snapshotFile, pullRequestHtml: undefined, previewHtml: undefined };
  const site = { snapshot: snapshotFile, outDir: folders.website, retention: SITE_RETENTION };
  const { pullRequestHtml, previewHtml } = await step("site", (io) => localSiteStep(site, io));
  return { snapshotFile, pullRequestHtml, previewHtml };
}

/** More time if it was over, else more blocks; undefined if no cell is open. */
function findRemedy({ outcome, cells = [], controls }: Compared["comparison"], maxBlocks: number): Remedy | undefined {
  if (outcome !== "undecided" && outcome !== "invalid") return undefined;
  const blockCounts = openCells({ cells, controls }).map(({ blockCount }) => blockCount);
  if (blockCounts.length === 0) return undefined;
  return blockCounts.some((count) => count < maxBlocks)
    ? { kind: "more time", minutes: MORE_TIME_MINUTES }
    : { kind: "more blocks", maxBlocks: 2 * maxBlocks };
}

/** Undecided cells that decide the outcome, and controls that did not pass. */
function openCells({ cells = [], controls }: Pick<Comparison, "cells" | "controls">) {
  const missed = controls?.controls.filter(({ passed }) => !passed).map(({ cell }) => cell) ?? [];
  return [...missed, ...cells.filter(({ verdict, gating }) => verdict === "undecided" && gating)];
}
