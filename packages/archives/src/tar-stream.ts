import { InvariantError } from "@forgebench/errors";
import { Header } from "tar";

const BLOCK_BYTES = 512;

/** A plain tar stream (ustar) of files in the given order; the same files and time give the same bytes. */
export function writeTar(files: Iterable<readonly [string, Buffer]>, mtimeSeconds: number): Buffer {
  const pieces = [...files].flatMap(([path, content]) => [
    headerOf(path, content.length, mtimeSeconds),
    content,
    Buffer.alloc(-content.length & (BLOCK_BYTES - 1)),
  ]);
  return Buffer.concat([...pieces, Buffer.alloc(2 * BLOCK_BYTES)]);
}

function headerOf(path: string, sizeBytes: number, mtimeSeconds: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const mtime = new Date(1000 * mtimeSeconds);
  const header = new Header({ path, mode: 0o644, uid: 0, gid: 0, size: sizeBytes, mtime, type: "File" });
  if (header.encode(block)) throw new InvariantError(`"${path}" does not fit a plain tar header`);
  return block;
}

/**
 * Reads a tar stream of plain files with the expected names, each at most once. Nothing of it is trusted: any other kind
 * of entry, name or form is refused.
 * @throws {Error} whose message says what is wrong, for a sentence that names the archive.
 */
export function readTar(tar: Buffer, expected: readonly string[]): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let offset = 0; ; ) {
    const block = tar.subarray(offset, offset + BLOCK_BYTES);
    if (block.length < BLOCK_BYTES) throw new Error("the tar stream is cut");
    if (block.every((byte) => byte === 0)) {
      if (tar.subarray(offset).some((byte) => byte !== 0))
        throw new Error("there is data after the end of the tar stream");
      return files;
    }
    const { path, sizeBytes } = readHeader(block, expected);
    if (files.has(path)) throw new Error(`it holds "${path}" twice`);
    const start = offset + BLOCK_BYTES;
    if (start + sizeBytes > tar.length) throw new Error(`"${path}" is cut`);
    files.set(path, tar.subarray(start, start + sizeBytes));
    offset = start + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
}

function readHeader(block: Buffer, expected: readonly string[]): { readonly path: string; readonly sizeBytes: number } {
  const { path = "", type, size = -1, cksumValid } = new Header(block);
  if (!cksumValid) throw new Error("a tar header has a wrong checksum");
  if (type !== "File" && type !== "OldFile") {
    throw new Error(`${JSON.stringify(path)} is of the type ${type}; only plain files belong here`);
  }
  if (!expected.includes(path)) {
    throw new Error(`it holds ${JSON.stringify(path)}, which does not belong here; expected ${expected.join(", ")}`);
  }
  if (!Number.isSafeInteger(size) || size < 0) throw new Error(`"${path}" has an impossible size`);
  return { path, sizeBytes: size };
}
