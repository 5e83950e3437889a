import { copyFile } from "node:fs/promises";
import path from "node:path";
import { tierManifest } from "@forgebench/artifacts";
import { OperationError } from "@forgebench/errors";
import { makeFolder, readArtifact } from "@forgebench/io";
import { median } from "@forgebench/stats";
import { measuredProcesses } from "../shared/measured-process.ts";
import { inScratchFolder } from "../shared/scratch-folder.ts";
import type { DrillBench } from "./drill-bench-folder.ts";

const WARM_RUNS = 21;

/**
 * How many times as long a warm run takes as it can know itself, by the meter that measures the drills: work in proportion
 * to what it knows would be too small. A ratio, since on a busy machine both are longer.
 */
export function calibrate(bench: DrillBench): Promise<number> {
  return inScratchFolder(path.join(bench.root, "calibration"), async (folder) => {
    const { probePath, tierPath, io } = bench;
    const input = await makeFolder(path.join(folder, "input"));
    const { imageRoot, singleScenarios } = (await readArtifact(tierManifest, tierPath)).value;
    const image = path.join(path.dirname(tierPath), imageRoot, singleScenarios.small);
    await copyFile(image, path.join(input, path.basename(image)));
    const processes = measuredProcesses(folder, io);
    const outputs = ["--out-dir", path.join(folder, "out"), "--output", path.join(folder, "manifest.json"), "--json"];
    const argv = [process.execPath, probePath, input, "--formats", "webp", ...outputs];
    // Fills the cache.
    await processes.run(argv);
    const ratios: number[] = [];
    while (ratios.length < WARM_RUNS) {
      const { wallMs, stderr } = await processes.run(argv);
      const knownMs = Number.parseFloat(stderr) * 1000;
      if (!(knownMs > 0))
        throw new OperationError("unjudged", `Cannot calibrate the drills: the subject said ${stderr}`);
      ratios.push(wallMs / knownMs);
    }
    return Math.round(median(ratios) * 1000) / 1000;
  });
}
