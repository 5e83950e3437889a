import type { RunContext, Suite } from "@forgebench/artifacts";
import { checkArtifact, suite as suiteKind } from "@forgebench/artifacts";
import { type Cell, cellId, type Phase } from "./cells.ts";
import type { RunFacts } from "./record-run.ts";
import type { PlannedBlock } from "./schedule.ts";
import type { RunPlaces, Stage } from "./stage.ts";

/** A small suite; `changes` replaces whole top-level fields. */
export function makeSuite(changes: Record<string, unknown> = {}): Suite {
  return checkArtifact(
    suiteKind,
    {
      name: "small",
      subject: {
        argv: ["node", "{cli}", "{input}", "{profile}", "--out-dir", "{outDir}", "--output", "{manifest}"],
        report: {
          total: "summary.total",
          processed: "summary.processed",
          cached: "summary.cached",
          failed: "summary.failed",
          durationMs: "summary.durationMs",
          originalBytes: "summary.totalOriginalSize",
          processedBytes: "summary.totalProcessedSize",
          errors: "errors",
        },
      },
      cachePaths: ["{outDir}", "{manifest}"],
      profiles: [
        { id: "P1", arguments: ["--formats", "webp"] },
        { id: "P2", arguments: ["--formats", "avif"] },
      ],
      scenarios: [
        { name: "one", files: "small" },
        { name: "all", files: "all" },
      ],
      ...changes,
    },
    "suite.yaml",
  );
}

export function makeCells(
  profileIds: readonly string[],
  scenarios: readonly string[],
  phases: readonly Phase[],
): Cell[] {
  return profileIds.flatMap((profileId) =>
    scenarios.flatMap((scenario) => phases.map((phase) => ({ profileId, scenario, phase }))),
  );
}

export function makeFacts(suite: Suite, changes: Partial<RunFacts> = {}): RunFacts {
  return {
    suite,
    nodePath: "/usr/bin/node",
    runCount: 4,
    imageCounts: { one: 1, all: 30 },
    datasetSha256: "d".repeat(64),
    machineId: "a".repeat(64),
    subjectIds: { head: "b".repeat(64), base: "c".repeat(64) },
    shard: { index: 1, count: 1 },
    ...changes,
  };
}

export function makeContext(changes: Partial<RunContext> = {}): RunContext {
  return {
    kind: "run-context",
    version: "1.0",
    generatedAt: "2026-02-15T00:00:00.000Z",
    toolVersion: "0.1.0",
    orderSeed: "seed",
    design: "blocked",
    suite: { name: "small", sha256: "5".repeat(64) },
    dataset: { datasetVersion: "0.0.0-dev", tierId: "tier30", sha256: "d".repeat(64), source: "local" },
    machine: {
      id: "a".repeat(64),
      platform: "linux",
      arch: "x64",
      cpuModel: "made up",
      cpuCount: 2,
      memoryGiB: 8,
      virtualization: "none",
      cgroupCpuLimit: "none",
      cgroupMemoryLimit: "none",
      runnerImage: "none",
      nodeMajor: 20,
    },
    subjects: {
      head: { id: "b".repeat(64), cliSha256: "b".repeat(64), nodeVersion: "20.20.2" },
      base: { id: "c".repeat(64), cliSha256: "c".repeat(64), nodeVersion: "20.20.2" },
    },
    runCount: 4,
    profiles: ["P1"],
    scenarios: ["one", "all"],
    shard: { index: 1, count: 1 },
    ...changes,
  };
}

/** The report that a subject of {@link makeSuite} prints. */
export function makeReport(figures: {
  total: number;
  cached?: number;
  failed?: number;
  durationMs?: number;
  errors?: unknown[];
}): string {
  const { total, cached = 0, failed = 0, durationMs = 0.5, errors = [] } = figures;
  const summary = {
    total,
    processed: total - cached - failed,
    cached,
    failed,
    durationMs,
    totalOriginalSize: 1000 * total,
    totalProcessedSize: 400 * total,
  };
  return JSON.stringify({ summary, errors });
}

/** Keeps no folders: hands out names, and notes what it was asked for. */
export class NamesOnlyStage implements Stage {
  readonly finished: PlannedBlock[] = [];
  readonly #filled = new Set<string>();

  async prepare({ cell, arm, slot }: PlannedBlock["runs"][number]): Promise<RunPlaces> {
    const folder = `/work/${cell.control ?? cell.phase}/${arm}`;
    return {
      cli: `/work/${slot}/${arm}/cli.js`,
      input: `/work/in/${cell.scenario}`,
      outDir: `${folder}/out`,
      manifest: `${folder}/manifest.json`,
      cwd: folder,
      env: {},
    };
  }

  claimFill(cell: Cell, arm: string): boolean {
    const key = `${arm}/${cellId(cell)}`;
    if (this.#filled.has(key)) return false;
    this.#filled.add(key);
    return true;
  }

  async outputBytes(): Promise<number> {
    return 400;
  }

  async plantedMs(_run: PlannedBlock["runs"][number], _places: RunPlaces, wallMs: number): Promise<number | null> {
    return wallMs / 16;
  }

  async finishBlock(block: PlannedBlock): Promise<void> {
    this.finished.push(block);
  }

  shown(text: string): string {
    return text.replaceAll("/work/", "");
  }
}
