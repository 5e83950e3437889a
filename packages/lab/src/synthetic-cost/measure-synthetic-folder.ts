import { readdir } from "node:fs/promises";
import path from "node:path";
import { syntheticManifest } from "@forgebench/artifacts";
import { planSynthesis, produceImages, Renderer, settleEncoders, Timings } from "@forgebench/dataset";
import { makeFolder, PROJECT_ROOT, readArtifact, type ScriptIo, scriptFile, startProgress } from "@forgebench/io";
import type { Figures } from "../shared/figures.ts";
import { measuredProcesses, type ProcessCost } from "../shared/measured-process.ts";
import { inTemporaryFolder } from "../shared/scratch-folder.ts";
import { generatorFigures, poolFigures } from "./synthetic-figures.ts";

/** The pool that is made. */
interface SyntheticOptions {
  readonly count: number;
  readonly seed: number;
}

/** Measures generate-synthetic as a user runs it, then what encoding the same pixels takes. */
export async function measureSynthetic(options: SyntheticOptions, io: ScriptIo): Promise<Figures> {
  const parent = await makeFolder(path.join(PROJECT_ROOT, ".tmp", "bench", "self"));
  const measure = async (folder: string) => {
    const cost = await runGenerator(options, folder, io);
    const { value: manifest } = await readArtifact(syntheticManifest, path.join(folder, syntheticManifest.fileName));
    const timings = await timeParts(options, io);
    return [...poolFigures(manifest), ...generatorFigures(cost, timings, options.count)];
  };
  return inTemporaryFolder("synthetic-", measure, parent);
}

async function runGenerator({ count, seed }: SyntheticOptions, folder: string, io: ScriptIo): Promise<ProcessCost> {
  const flags = ["--out-dir", folder, "--count", String(count), "--seed", String(seed)];
  const progress = startProgress(io, "images", count);
  // What the process says meanwhile is not passed on: its images are counted.
  const countImages = () => readdir(folder).then(({ length }) => progress.update(Math.min(length, count)));
  const timer = setInterval(() => void countImages(), PROGRESS_MS);
  try {
    const processes = measuredProcesses(folder, io);
    return await processes.run([process.execPath, scriptFile("generate-synthetic"), ...flags]);
  } finally {
    clearInterval(timer);
    progress.stop();
  }
}

const PROGRESS_MS = 1000;

/** Renders and encodes the same images here, one after the other, so that CPU time can be told apart. */
async function timeParts({ count, seed }: SyntheticOptions, io: ScriptIo): Promise<Timings> {
  settleEncoders();
  const timings = new Timings();
  const progress = startProgress(io, "reference", count);
  let done = 0;
  try {
    await produceImages(planSynthesis(seed, count), {
      renderer: new Renderer(seed),
      concurrency: 1,
      signal: io.signal,
      timings,
      finish: async () => {
        done += 1;
        progress.update(done);
      },
    });
  } finally {
    progress.stop();
  }
  return timings;
}
