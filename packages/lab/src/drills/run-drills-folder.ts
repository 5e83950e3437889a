import { readFile, realpath, rm } from "node:fs/promises";
import { loadavg } from "node:os";
import path from "node:path";
import { comparison, parseRawRuns } from "@forgebench/artifacts";
import { InvariantError } from "@forgebench/errors";
import { EXIT, lockFolder, makeFolder, readArtifact, type ScriptIo } from "@forgebench/io";
import { runFilesOf, SAMPLING_DEFAULTS } from "@forgebench/runner";
import { median } from "@forgebench/stats";
import { runStep } from "../shared/own-tier-folder.ts";
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
  const builds = { "cli-path": headPath, "base-cli-path": basePath };
  const minBlocks = Math.min(maxBlocks, SAMPLING_DEFAULTS.minBlocks);
  const sampling = { "min-blocks": minBlocks, "max-blocks": maxBlocks };
  const args = { ...builds, ...sampling, "tier-manifest": tierPath, suite, workspace, cell };
  await runStep("run-benchmark", args, io, [EXIT.ok, EXIT.unjudged]);
}

/** Compares what was measured, in strict mode. */
async function compareDrill(folder: string, workspace: string, { io }: DrillBench) {
  const compareJson = path.join(folder, comparison.fileName);
  const { summary } = runFilesOf(workspace);
  const inputs = { "base-summary": summary.base, "head-summary": summary.head };
  const outputs = { "out-json": compareJson, "out-md": path.join(folder, "compare.md") };
  const args = { ...inputs, ...outputs, policy: "evidence", mode: "strict" };
  const exitCode = await runStep("compare-benchmark", args, io, [EXIT.ok, EXIT.gate, EXIT.unjudged]);
  const { cells, controls } = (await readArtifact(comparison, compareJson)).value;
  if (cells === undefined || controls === undefined) throw new InvariantError("a comparison by evidence has no cells");
  return { cells, controls: controls.status, exitCode };
}

/** What the runs of the head say that they have added, in per cent of the rest of the run. */
function achievedOf(rawRuns: string): number | null {
  const achieved = parseRawRuns(rawRuns, "raw-runs.jsonl").runs.flatMap(({ stderr, wallMs }) => {
    const plantedMs = Number(/^planted ([\d.]+)$/m.exec(stderr)?.[1]);
    return plantedMs > 0 ? [(100 * plantedMs) / (wallMs - plantedMs)] : [];
  });
  return achieved.length === 0 ? null : median(achieved);
}
