import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { OperationError } from "@forgebench/errors";
import { type ArchiveEntry, type EntryContent, tarFrames } from "./tar-frames.ts";
import { zstdFrames } from "./zstd-frames.ts";

const FRAME_BYTES = 8 << 20;
const LEVEL = 3;
/** Frames at work in the compressor's threads. */
const IN_FLIGHT = 2;

/** A file to pack: where it is, and where it goes. */
export interface PackedFile extends ArchiveEntry {
  readonly file: string;
  /** Of the content; what is packed is checked against it. */
  readonly sha256: string;
}

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
 * Packs files to a new `.tar.zst` and flushes it: frames of 8 MiB at level 3, memory bounded whatever the size. The same
 * files and names give the same bytes. `archive` must not exist; a caller that wants it whole or not at all gives a
 * temporary name and renames.
 * @throws {OperationError} when a file is not what its size and SHA-256 say (exit 65)
 */
export async function packArchive(
  archive: string,
  folders: readonly string[],
  files: readonly PackedFile[],
  { onProgress, signal, mtimeSeconds }: PackOptions,
): Promise<PackedArchive> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const frames = recycledFrames(IN_FLIGHT + 2);
  const entries = [...folders.map((path) => ({ path, sizeBytes: 0 })), ...files];
  const tar = tarFrames(entries, {
    mtimeSeconds,
    nextFrame: frames,
    openEntry: async ({ path }) => openChecked(byPath.get(path) as PackedFile),
  });
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const handle = await open(archive, "wx", 0o644);
  try {
    for await (const chunk of zstdFrames(counted(tar, onProgress, signal), { level: LEVEL, inFlight: IN_FLIGHT })) {
      const written = handle.writeFile(chunk);
      hash.update(chunk);
      await written;
      sizeBytes += chunk.length;
    }
    await handle.sync();
  } finally {
    await handle.close();
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

async function* counted(
  frames: AsyncIterable<Buffer>,
  onProgress: PackOptions["onProgress"],
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const frame of frames) {
    signal?.throwIfAborted();
    bytes += frame.length;
    yield frame;
    onProgress?.(bytes);
  }
}

async function openChecked({ file, path, sha256 }: PackedFile): Promise<EntryContent> {
  const handle = await open(file, "r");
  const hash = createHash("sha256");
  let ended = false;
  return {
    read: async (target) => {
      const { bytesRead } = await handle.read(target, 0, target.length);
      hash.update(target.subarray(0, bytesRead));
      if (bytesRead === 0 && !ended) {
        ended = true;
        if (hash.digest("hex") !== sha256) throw changedError(path);
      }
      return bytesRead;
    },
    close: () => handle.close(),
  };
}

function changedError(path: string): OperationError {
  return new OperationError(
    "data",
    `Cannot pack "${path}": its content changed after it was read; run the build again`,
  );
}
