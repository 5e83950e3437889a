import { type ControlId, checkArtifact, controlFactors, type RawRun, rawRun } from "@forgebench/artifacts";
import { readControlName } from "@forgebench/series";
import type { Phase } from "./cell-names.ts";

/** A cell of a made-up measurement and what each run of it takes. */
export interface MadeUpCell {
  /** `PROFILE/SCENARIO/PHASE`, or `control/null` and so on. */
  readonly id: string;
  readonly wallMs: number;
  readonly blockCount: number;
  /** Between the end of a run and the start of the next one. */
  readonly gapMs?: number;
}

export interface MadeUpLog {
  readonly arms?: readonly ("head" | "base")[];
  readonly shard?: { readonly index: number; readonly count: number };
  readonly changes?: Partial<RawRun>;
}

const STARTED_AT = Date.parse("2026-02-15T00:00:00.000Z");

/** The log of a measurement, cell after cell, each run checked against its schema. */
export function makeRuns(cells: readonly MadeUpCell[], log: MadeUpLog = {}): RawRun[] {
  let nowMs = STARTED_AT;
  return cells.flatMap(({ id, wallMs, blockCount, gapMs = 0 }) =>
    Array.from({ length: blockCount }, (_, block) =>
      (log.arms ?? ["head", "base"]).map((arm, position) => {
        const startedMs = nowMs;
        nowMs += wallMs + gapMs;
        return makeRun(id, {
          arm,
          block,
          position,
          wallMs,
          timestamp: new Date(startedMs).toISOString(),
          ...shardOf(log),
          ...log.changes,
        });
      }),
    ).flat(),
  );
}

function shardOf({ shard }: MadeUpLog): Partial<RawRun> {
  return shard === undefined ? {} : { shard };
}

/** One run; `changes` replaces fields. */
export function makeRun(id: string, changes: Partial<RawRun> = {}): RawRun {
  const control = Object.keys(controlFactors).find((name): name is ControlId => readControlName(id) === name);
  const [profileId = "", scenario = "", phase = ""] = control === undefined ? id.split("/") : ["P1", "one", "cold"];
  return checkArtifact(
    rawRun,
    {
      timestamp: new Date(STARTED_AT).toISOString(),
      profileId,
      scenario,
      phase: phase as Phase,
      run: (changes.block ?? 0) + 1,
      runCount: 10,
      command: ["node", "cli.js"],
      inputDir: "input",
      outDir: "out",
      manifestPath: "manifest.json",
      exitCode: 0,
      wallMs: 100,
      reportDurationMs: 90,
      total: 1,
      processed: 1,
      cached: 0,
      failed: 0,
      totalOriginalSize: 1000,
      totalProcessedSize: 400,
      errorsLength: 0,
      stderr: "",
      jsonParseError: null,
      arm: "head",
      block: 0,
      position: 0,
      slot: "A",
      valid: true,
      failures: [],
      ...(control === undefined ? {} : { control }),
      ...changes,
    },
    "raw-runs.jsonl",
  );
}
