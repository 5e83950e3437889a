import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { finished } from "node:stream/promises";
import { type RawRun, runContext, type Summary, serializeArtifact, summary } from "@forgebench/artifacts";
import { type Arm, runFilesOf, summarize } from "@forgebench/runner";
import { type MadeUpNight, type MadeUpNightSize, measureMadeUp, planMadeUpNight } from "./made-up-night.ts";

/**
 * Writes a made-up night as `run-benchmark` leaves one, with its suite beside it in `suite.yaml`. The folder is there.
 * @returns the number of its cells
 */
export async function writeMadeUpNight(folder: string, size: MadeUpNightSize, signal: AbortSignal): Promise<number> {
  const night = planMadeUpNight(size);
  const files = runFilesOf(folder);
  await writeFile(path.join(folder, "suite.yaml"), night.suiteText);
  await writeFile(files.context, serializeArtifact(runContext, night.context, files.context));
  const { runs, sha256 } = await writeRuns(files.rawRuns, night, signal);
  const inputs = [{ path: path.basename(files.rawRuns), sha256 }];
  for (const arm of ["head", "base"] as const) {
    const file = files.summary[arm];
    await writeFile(file, serializeArtifact(summary, summaryOf(arm, night, { runs, inputs }), file));
  }
  return night.cells.length;
}

function summaryOf(
  arm: Arm,
  { context, suite, cells, imageCounts }: MadeUpNight,
  made: { readonly runs: readonly RawRun[]; readonly inputs: NonNullable<Summary["inputs"]> },
): Summary {
  const { generatedAt } = context;
  const places = { cliPath: "dist/cli.js", tierManifestPath: "tier-manifest.json" };
  return summarize({ arm, context, suite, cells, imageCounts, generatedAt, ...places, ...made });
}

/** So many characters are written at once. */
const CHUNK_LENGTH = 1 << 20;

async function writeRuns(
  file: string,
  night: MadeUpNight,
  signal: AbortSignal,
): Promise<{ readonly runs: readonly RawRun[]; readonly sha256: string }> {
  const [hash, stream] = [createHash("sha256"), createWriteStream(file)];
  const isWritten = finished(stream);
  // Told where it is waited for, and not before.
  isWritten.catch(() => undefined);
  let chunk = "";
  const flush = async () => {
    hash.update(chunk);
    const hasRoom = stream.write(chunk);
    chunk = "";
    if (!hasRoom) await Promise.race([once(stream, "drain"), isWritten]);
  };
  const keep = async (run: RawRun) => {
    signal.throwIfAborted();
    chunk += `${JSON.stringify(run)}\n`;
    if (chunk.length > CHUNK_LENGTH) await flush();
  };
  const runs = await measureMadeUp(night, keep).finally(() => stream.end(chunk));
  hash.update(chunk);
  await isWritten;
  return { runs, sha256: hash.digest("hex") };
}
