import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import { type ArchiveEntry, type EntryContent, tarFrames, zstdFrames } from "@forgebench/archives";
import { InvariantError } from "@forgebench/errors";

/** Twice the window of level 3: larger frames compress no better, but cost memory and page faults. */
const FRAME_BYTES = 4 << 20;
const LEVEL = 3;
/** Frames at work in the compressor's threads while the next one is read. */
const IN_FLIGHT = 2;

/** What the bytes of an archive depend on besides its entries; other versions of the compressor may compress otherwise. */
export const PACKING = {
  format: "ustar, zstd",
  compressor: "@mongodb-js/zstd 1.2.2",
  level: LEVEL,
  frameBytes: FRAME_BYTES,
} as const;

/** A file to pack: where it is, and where it goes. */
interface PackedFile extends ArchiveEntry {
  readonly file: string;
}

/** How a tier is packed; only the time decides about the bytes. */
export interface PackOptions {
  /** Bytes of the tar stream that are in the archive so far. */
  readonly onProgress?: (packedBytes: number) => void;
  readonly signal?: AbortSignal;
  /** The time that every entry bears, in whole seconds since 1970. */
  readonly mtimeSeconds: number;
}

/** An archive that was written. */
export interface PackedArchive {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * Packs files to a new `.tar.zst` and flushes it: frames of 4 MiB at level 3, memory bounded whatever the size. The same
 * files and names give the same bytes. `archive` must not exist; a caller that wants it whole or not at all gives a
 * temporary name and renames. Without it nothing is written, and only the hash computed.
 * @throws {OperationError} when a file has not the size that it is said to have (exit 65)
 */
export async function packArchive(
  archive: string | undefined,
  folders: readonly string[],
  files: readonly PackedFile[],
  { onProgress, signal, mtimeSeconds }: PackOptions,
): Promise<PackedArchive> {
  const fileOf = new Map(files.map(({ path, file }) => [path, file]));
  const tar = tarFrames([...folders.map((path) => ({ path, sizeBytes: 0 })), ...files], {
    mtimeSeconds,
    nextFrame: recycledFrames(IN_FLIGHT + 2),
    openEntry: async ({ path }) => openContent(path, fileOf.get(path)),
  });
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const handle = archive === undefined ? undefined : await open(archive, "wx", 0o644);
  let written = Promise.resolve();
  try {
    for await (const chunk of zstdFrames(observed(tar, onProgress, signal), { level: LEVEL, inFlight: IN_FLIGHT })) {
      // While a chunk is written the next one is read and hashed.
      await written;
      written = handle?.writeFile(chunk) ?? written;
      hash.update(chunk);
      sizeBytes += chunk.length;
    }
    await written;
    await handle?.sync();
  } finally {
    await written.catch(() => undefined);
    await handle?.close();
  }
  return { sha256: hash.digest("hex"), sizeBytes };
}

/** A few buffers in turn, since fresh ones would be collected late and memory would grow. */
function recycledFrames(count: number): () => Buffer {
  const buffers: Buffer[] = [];
  let next = 0;
  return () => {
    const index = next % count;
    next += 1;
    const buffer = buffers[index] ?? Buffer.allocUnsafeSlow(FRAME_BYTES);
    buffers[index] = buffer;
    return buffer;
  };
}

async function* observed(
  frames: AsyncIterable<Buffer>,
  onProgress: PackOptions["onProgress"],
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const frame of frames) {
    signal?.throwIfAborted();
    yield frame;
    bytes += frame.length;
    onProgress?.(bytes);
  }
}

/** Reads synchronously: on a busy machine the way to a thread and back costs more than the read of a small file. */
function openContent(path: string, file: string | undefined): EntryContent {
  if (file === undefined) throw new InvariantError(`"${path}" is not among the files to pack`);
  const descriptor = openSync(file, "r");
  return {
    read: async (target) => readSync(descriptor, target, 0, target.length, null),
    close: async () => closeSync(descriptor),
  };
}
