import { rm } from "node:fs/promises";
import path from "node:path";
import { type TierManifest, tierManifest } from "@forgebench/artifacts";
import { packTierFolder, writeBulkTier } from "@forgebench/dataset";
import { OperationError } from "@forgebench/errors";
import { readArtifact, runTool, type ScriptIo, scriptFile, sha256OfFile } from "@forgebench/io";
import { inTurn } from "../shared/in-turn.ts";
import { type MeasuredProcesses, measuredProcesses } from "../shared/measured-process.ts";
import { inScratchFolder } from "../shared/scratch-folder.ts";
import { packFigures } from "./pack-figures.ts";
import { showingMegabytes, type TierSpeedOptions } from "./tier-speed.ts";

const TIER_ID = "tier1";

/** What packing took: its process, and of that from the first file to the archive on the disk. */
export interface Packing {
  readonly processMs: number;
  readonly packMs: number;
  readonly peakMb: number | null;
  readonly sha256: string;
}

/** What tar | zstd took, and then until its archive is on the disk, as packing does on its own. */
export interface TarZstd {
  readonly tarMs: number;
  readonly flushMs: number;
}

/** Packs a tier folder to `FOLDER.tar.zst`: what the measured process does. */
export async function packOnly(folder: string, { signal }: Pick<ScriptIo, "signal">) {
  const { value } = await readArtifact(tierManifest, path.join(folder, tierManifest.fileName));
  const startedAt = performance.now();
  const { sha256 } = await packTierFolder(`${folder}.tar.zst`, folder, value, { mtimeSeconds: 0, signal });
  return { sha256, packMs: Math.round(performance.now() - startedAt) };
}

interface Bench {
  readonly folder: string;
  readonly processes: MeasuredProcesses;
  readonly io: ScriptIo;
}

/** Measures the packing of a tier of its own, `packScript` in a process of its own, in turn with tar | zstd. */
export function measurePacking(options: TierSpeedOptions, packScript: string, io: ScriptIo) {
  return inScratchFolder(options.workspace, async (workspace) => {
    const folder = path.join(workspace, TIER_ID);
    const tier = { tierId: TIER_ID, datasetVersion: "0.0.0", sizeBytes: options.sizeMb * 1e6, signal: io.signal };
    const manifest = await showingMegabytes(io, tier.sizeBytes, (onProgress) =>
      writeBulkTier(folder, { ...tier, onProgress }),
    );
    const bench: Bench = { folder, processes: measuredProcesses(workspace, io), io };
    const plan = { pairs: options.pairs, shown: { io, label: "pairs" } };
    const measured = await inTurn(plan, {
      own: () => timePacking(bench, packScript),
      reference: () => timeTarZstd(bench),
    });
    await checkArchive(bench, manifest, measured.own);
    return packFigures(measured, manifest);
  });
}

async function timePacking({ folder, processes, io }: Bench, script: string): Promise<Packing> {
  await rm(`${folder}.tar.zst`, { force: true });
  await settle(io);
  const { wallMs, peakMb, stdout } = await processes.run([process.execPath, scriptFile(script), "--pack-only", folder]);
  const output = (key: string) => new RegExp(`^${key}=(.*)$`, "m").exec(stdout)?.[1] ?? "";
  return { processMs: wallMs, packMs: Number(output("PACK_MS")), sha256: output("ARCHIVE_SHA256"), peakMb };
}

async function timeTarZstd({ folder, processes, io }: Bench): Promise<TarZstd> {
  const file = `${folder}.reference.tar.zst`;
  await rm(file, { force: true });
  await settle(io);
  const command = 'set -o pipefail; tar -c -C "$0" "$1" | zstd -q -3 -T2 -o "$2"';
  const { wallMs: tarMs } = await processes.run(["bash", "-c", command, path.dirname(folder), TIER_ID, file]);
  const { wallMs: flushMs } = await processes.run(["sync", file]);
  return { tarMs, flushMs };
}

/** What earlier runs wrote must not be flushed at the expense of the next. */
export async function settle(io: ScriptIo): Promise<void> {
  await runTool("sync", [], io);
}

/** The archive must be a good one, and the same each time, or its speed says nothing. */
async function checkArchive({ folder, io }: Bench, manifest: TierManifest, made: readonly Packing[]): Promise<void> {
  const archive = `${folder}.tar.zst`;
  const listed = (await runTool("tar", ["--zstd", "-tf", archive], io)).split("\n").length;
  const expected = manifest.files.length + 4;
  if (listed !== expected) {
    throw new OperationError("unjudged", `Cannot measure: tar lists ${listed} entries, expected ${expected}`);
  }
  const sha256 = await sha256OfFile(archive);
  if (made.some((one) => one.sha256 !== sha256)) {
    throw new OperationError("unjudged", "Cannot measure: the archives of two runs differ");
  }
}
