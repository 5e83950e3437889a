import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseSuite, type TierManifest, tierManifest } from "@forgebench/artifacts";
import { choosesBase } from "@forgebench/history";
import { PROJECT_ROOT, type ReadArtifact, readArtifact, readInputText, sha256Of } from "@forgebench/io";
import {
  assertFlagsFit,
  assertSuiteRunnable,
  type Bench,
  type BenchOptions,
  cellsOfShard,
  chooseSampling,
  parseShard,
  prepareBench,
  runFilesOf,
  selectCells,
} from "@forgebench/runner";
import type { StepIo } from "../step-io.ts";
import type { RunRequest } from "./run-request.ts";

/** The task, read from the request and the files that it names. */
export interface Task
  extends Pick<BenchOptions, "suite" | "suiteSha256" | "sampling" | "shard" | "chosenCells" | "cells"> {
  /** Undefined where the suite names its own inputs, or has none. */
  readonly tier: ReadArtifact<TierManifest> | undefined;
}

/** Reads what a request names. @throws {UsageError} or {ArtifactError} for values that contradict one another. */
export async function readTask(request: RunRequest): Promise<Task> {
  const { cliPath, baseCliPath, base, buildCommand, tierManifest: tierPath, shardCells = [] } = request;
  const isBaseChosen = choosesBase({ cliPath: cliPath ?? "", baseCliPath, base, buildCommand });
  const shard = parseShard(request.shard, shardCells);
  const suiteText = await readInputText(request.suite, "suite");
  const suite = parseSuite(suiteText, request.suite);
  assertSuiteRunnable(suite, request.suite);
  assertFlagsFit(suite, {
    cliPath,
    baseCliPath,
    base,
    tierManifest: tierPath,
    datasetFallback: request.datasetFallback,
  });
  const { runCount, coldRuns, minBlocks, maxBlocks, timeBudgetMinutes } = request;
  const hasBase = isBaseChosen || suite.arms !== undefined;
  const sampling = chooseSampling({ hasBase, runCount, coldRuns, minBlocks, maxBlocks, timeBudgetMinutes });
  const { profiles = [], scenarios = [], cell = [] } = request;
  const chosenCells = selectCells(suite, { profiles, scenarios, cells: cell });
  return {
    suite,
    suiteSha256: sha256Of(suiteText),
    sampling,
    shard,
    chosenCells,
    cells: cellsOfShard(chosenCells, shard, shardCells),
    tier: tierPath === undefined ? undefined : await readArtifact(tierManifest, tierPath),
  };
}

/** A task with the folders that it is measured in. */
export interface Job {
  readonly task: Task;
  readonly request: RunRequest;
  readonly bench: Bench;
  readonly files: ReturnType<typeof runFilesOf>;
}

/** The input of a job. */
export interface JobParts extends Pick<Job, "task" | "request"> {
  readonly workspace: string;
  readonly baseCommit: string | undefined;
}

/** Makes the folders of a measurement ready: builds in their slots, inputs copied, controls chosen. */
export async function prepareJob({ task, request, workspace, baseCommit }: JobParts, io: StepIo): Promise<Job> {
  const bench = await prepareBench({
    ...task,
    suitePath: request.suite,
    tier: task.tier?.value,
    tierPath: task.tier?.path,
    workspace,
    fallbackReason: request.datasetFallback,
    wantsControls: request.noControls !== true,
    waitsForQuiet: request.noWaiting !== true,
    cliPath: request.cliPath,
    baseCliPath: request.baseCliPath,
    baseCommit,
    timeoutMs: request.timeoutSeconds * 1000,
    orderSeed: request.seed,
    env: io.env,
    signal: io.signal,
    generatedAt: io.now().toISOString(),
    toolVersion: await readToolVersion(),
  });
  return { task, request, bench, files: runFilesOf(workspace) };
}

async function readToolVersion(): Promise<string> {
  const { version }: { version?: string } = JSON.parse(await readFile(path.join(PROJECT_ROOT, "package.json"), "utf8"));
  return version ?? "unknown";
}
