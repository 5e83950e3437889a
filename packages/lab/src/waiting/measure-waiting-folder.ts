import { rm } from "node:fs/promises";
import path from "node:path";
import { makeFolder, type ScriptIo } from "@forgebench/io";
import { compareRunStep, quietIo, runStep } from "@forgebench/steps";
import { atLeast, type Figures, figure } from "../shared/figures.ts";
import { type OwnDataset, ownSubject, ownTier } from "../shared/own-tier-folder.ts";
import { startChangingLoad } from "./changing-load-process.ts";

const DATASET: OwnDataset = { version: "0.0.0-waiting", images: 4, pool: 8 };
/** Waiting is worth it where it decides so many times as many cells in the same time. */
const GOAL_RATIO = 1.2;
const LOAD = { busyMs: 5_000, periodMs: 15_000 };
const RUN_TIMEOUT_SECONDS = 600;

/** How waiting for a quiet machine is measured. */
export interface WaitingOptions {
  readonly suite: string;
  /** Pairs of measurements: one that waits and one that does not. */
  readonly pairs: number;
  /** A cell of a measurement has at most so many blocks; then it stays undecided. */
  readonly maxBlocks: number;
  readonly outDir: string;
}

interface Outcome {
  readonly durationMs: number;
  readonly decidedCount: number;
  readonly alertCount: number;
  readonly controls: string;
}

/**
 * Compares the reference subject with itself under a load that comes and goes, in turn with and without waiting for a quiet
 * machine. Resolves to the cells that either way decides, and in which time; an alert is a false one.
 */
export async function measureWaiting(options: WaitingOptions, io: ScriptIo): Promise<Figures> {
  const { pairs, outDir } = options;
  await makeFolder(outDir);
  const cliPath = await ownSubject();
  const tierManifest = await ownTier(path.join(outDir, "dataset"), DATASET, io);
  const outcomes: Record<"waiting" | "not waiting", Outcome[]> = { waiting: [], "not waiting": [] };
  for (let pair = 1; pair <= pairs; pair += 1) {
    // Who goes first changes, so that neither always meets the warmer machine.
    const ways = ["waiting", "not waiting"] as const;
    for (const way of pair % 2 === 1 ? ways : ways.toReversed()) {
      const workspace = path.join(outDir, `${pair}-${way.replace(" ", "-")}`);
      const outcome = await measureOnce(
        { ...options, cliPath, tierManifest, workspace, noWaiting: way !== "waiting" },
        io,
      );
      outcomes[way].push(outcome);
      io.stderr.write(`pair ${pair}, ${way}: ${outcome.decidedCount} cells decided, controls ${outcome.controls}\n`);
    }
  }
  return figuresOf(outcomes.waiting, outcomes["not waiting"]);
}

interface Turn extends WaitingOptions {
  readonly cliPath: string;
  readonly tierManifest: string;
  readonly workspace: string;
  readonly noWaiting: boolean;
}

async function measureOnce(turn: Turn, io: ScriptIo): Promise<Outcome> {
  const { suite, cliPath, tierManifest, workspace, noWaiting, maxBlocks } = turn;
  await rm(workspace, { recursive: true, force: true });
  const quiet = quietIo(io);
  const endLoad = startChangingLoad(LOAD);
  const startedMs = performance.now();
  try {
    const builds = { cliPath, baseCliPath: cliPath, tierManifest };
    const chosen = { suite, workspace, profiles: ["P1"], noWaiting, timeoutSeconds: RUN_TIMEOUT_SECONDS };
    const result = await runStep({ ...chosen, ...builds, maxBlocks }, quiet);
    const durationMs = performance.now() - startedMs;
    const how = { folder: workspace, policy: "evidence", gateMode: "advisory" } as const;
    const { comparison } = await compareRunStep(result, how, quiet);
    const gating = (comparison.cells ?? []).filter((cell) => cell.gating);
    return {
      durationMs,
      decidedCount: gating.filter(({ verdict }) => verdict !== "undecided" && verdict !== "incomparable").length,
      alertCount: comparison.summary.alertCount,
      controls: comparison.controls?.status ?? "absent",
    };
  } finally {
    endLoad();
  }
}

function figuresOf(waiting: readonly Outcome[], notWaiting: readonly Outcome[]): Figures {
  const [own, other] = [totalOf(waiting), totalOf(notWaiting)];
  const ratio = own.perMinute / Math.max(other.perMinute, Number.MIN_VALUE);
  return [
    figure("with waiting: cells decided", own.decidedCount, "cells"),
    figure("  time", own.minutes, "min"),
    figure("  false alarms", own.alertCount, "cells"),
    figure("without: cells decided", other.decidedCount, "cells"),
    figure("  time", other.minutes, "min"),
    figure("  false alarms", other.alertCount, "cells"),
    atLeast("decided a minute with waiting, over without", ratio, "×", GOAL_RATIO),
  ];
}

function totalOf(outcomes: readonly Outcome[]) {
  const sum = (of: "durationMs" | "decidedCount" | "alertCount") =>
    outcomes.reduce((total, outcome) => total + outcome[of], 0);
  const [decidedCount, minutes] = [sum("decidedCount"), sum("durationMs") / 60_000];
  return { decidedCount, minutes, alertCount: sum("alertCount"), perMinute: decidedCount / minutes };
}
