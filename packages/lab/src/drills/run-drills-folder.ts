import { readFile, realpath, rm } from "node:fs/promises";
import { loadavg } from "node:os";
import path from "node:path";
import { parseRawRuns } from "@forgebench/artifacts";
import { InvariantError } from "@forgebench/errors";
import { EXIT, lockFolder, makeFolder, type ScriptIo } from "@forgebench/io";
import { runFilesOf, SAMPLING_DEFAULTS } from "@forgebench/runner";
import { median } from "@forgebench/stats";
import { compareRunStep, runStep } from "@forgebench/steps";
import { calibrate } from "./calibrate-folder.ts";
import { type DrillBench, type DrillsOptions, openDrillBench, writeBuild } from "./drill-bench-folder.ts";
import type { Drill } from "./drill-list.ts";
import type { DrillResult } from "./judge-drill.ts";
import { plantInto } from "./plant-into.ts";

/** Runs drills one after the other in a folder that belongs to this process meanwhile. */
export async function runDrills(
  drills: readonly Drill[],
  options: DrillsOptions & { readonly outDir: string },
  io: ScriptIo,
): Promise<DrillResult[]> {
  await makeFolder(options.outDir);
  const root = await realpath(options.outDir);
  const lock = await lockFolder(root);
  try {
    const bench = await openDrillBench(root, options, io);
    const results: DrillResult[] = [];
    for (const drill of drills) {
      io.stderr.write(`drill      ${drill.id}, ${drill.cell}\n`);
      results.push(await runDrill(drill, bench));
    }
    return results;
  } finally {
    await lock.release();
  }
}

const RUN_TIMEOUT_SECONDS = 600;

const loadNow = () => loadavg()[0] ?? 0;

async function runDrill(drill: Drill, bench: DrillBench): Promise<DrillResult> {
  const [startedMs, loadBefore] = [performance.now(), loadNow()];
  // Just before it is needed: the machine may be another in a minute.
  const wholePerKnown = drill.planting.kind === "warm-work" ? await calibrate(bench) : 1;
  const text = plantInto(bench.subjectText, drill.planting, wholePerKnown);
  const headPath = await writeBuild(bench.root, drill.id, text);
  const folder = path.join(bench.root, drill.id);
  await rm(folder, { recursive: true, force: true });
  const workspace = path.join(folder, "run");
  await measureDrill(drill, { headPath, workspace }, bench);
  const compared = await compareDrill(folder, workspace, bench);
  const durationMinutes = (performance.now() - startedMs) / 60_000;
  const load = (loadBefore + loadNow()) / 2;
  const achievedPct = achievedOf(await readFile(runFilesOf(workspace).rawRuns, "utf8"));
  return { drill, ...compared, achievedPct, durationMinutes, load };
}

/** Measures a changed build against the unchanged one. */
async function measureDrill(
  { cell }: Drill,
  { headPath, workspace }: { readonly headPath: string; readonly workspace: string },
  { basePath, tierPath, options: { suite, maxBlocks }, io }: DrillBench,
): Promise<void> {
  const minBlocks = Math.min(maxBlocks, SAMPLING_DEFAULTS.minBlocks);
  const builds = { cliPath: headPath, baseCliPath: basePath, tierManifest: tierPath };
  const chosen = { suite, workspace, cell: [cell], minBlocks, maxBlocks, timeoutSeconds: RUN_TIMEOUT_SECONDS };
  await runStep({ ...chosen, ...builds }, io);
}

/** Compares what was measured, in strict mode. */
async function compareDrill(folder: string, workspace: string, { io }: DrillBench) {
  const { summary } = runFilesOf(workspace);
  const arms = { headSummary: summary.head, baseSummary: summary.base };
  const { comparison, answer } = await compareRunStep(arms, { folder, policy: "evidence", gateMode: "strict" }, io);
  const { cells, controls } = comparison;
  if (cells === undefined || controls === undefined) throw new InvariantError("a comparison by evidence has no cells");
  return { cells, controls: controls.status, exitCode: EXIT[answer] };
}

/** What the runs of the head say that they have added, in per cent of the rest of the run. */
function achievedOf(rawRuns: string): number | null {
  const achieved = parseRawRuns(rawRuns, "raw-runs.jsonl").runs.flatMap(({ stderr, wallMs }) => {
    const plantedMs = Number(/^planted ([\d.]+)$/m.exec(stderr)?.[1]);
    return plantedMs > 0 ? [(100 * plantedMs) / (wallMs - plantedMs)] : [];
  });
  return achieved.length === 0 ? null : median(achieved);
}
