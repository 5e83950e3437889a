import { readdir } from "node:fs/promises";
import path from "node:path";
import { PROJECT_ROOT, type ScriptIo, scriptFile, startProgress } from "@forgebench/io";
import { atMost, type Figure, type Figures } from "../shared/figures.ts";
import { inTurn, medianOf } from "../shared/in-turn.ts";
import { type FullCost, measuredProcesses, requireFullCost } from "../shared/measured-process.ts";
import { inTemporaryFolder } from "../shared/scratch-folder.ts";

const MAX_RATIO = 3;

/** Measures the CPU time of `--help` of every script, in that of an empty Node program in turn with it. */
export function measureStarts(pairs: number, io: ScriptIo): Promise<Figures> {
  return inTemporaryFolder("forgebench-start-", async (folder) => {
    const files = await readdir(path.join(PROJECT_ROOT, "scripts", "bench"));
    const names = files.filter((name) => name.endsWith(".mjs")).map((name) => path.basename(name, ".mjs"));
    const processes = measuredProcesses(folder, io);
    const run = async (...args: string[]) => requireFullCost(await processes.run([process.execPath, ...args]));
    const progress = startProgress(io, "start", names.length);
    const figures: Figures = [];
    try {
      for (const [index, name] of names.entries()) {
        progress.update(index, name);
        figures.push(await measureStart(name, pairs, run));
      }
      progress.update(names.length);
    } finally {
      progress.stop();
    }
    return figures;
  });
}

async function measureStart(
  name: string,
  pairs: number,
  run: (...args: string[]) => Promise<FullCost>,
): Promise<Figure> {
  const help = () => run(scriptFile(name), "--help");
  // The first start may bundle what has changed.
  await help();
  const { own, reference } = await inTurn({ pairs }, { own: help, reference: () => run("-e", "0") });
  const cpuOf = ({ cpuMs }: FullCost) => cpuMs;
  return atMost(name, medianOf(own, cpuOf) / medianOf(reference, cpuOf), "× node -e 0", MAX_RATIO);
}
