import { ArchiveProblem } from "./archive-problem.ts";
import { BLOCK_BYTES, encodeHeader, paddingBytes } from "./tar-header.ts";
import { TarReader } from "./tar-reader.ts";

/** A plain tar stream (ustar) of files in the given order; the same files and time give the same bytes. */
export function writeTar(files: Iterable<readonly [string, Buffer]>, mtimeSeconds: number): Buffer {
  const pieces = [...files].flatMap(([path, content]) => [
    encodeHeader({ path, sizeBytes: content.length }, mtimeSeconds),
    content,
    Buffer.alloc(paddingBytes(content.length)),
  ]);
  return Buffer.concat([...pieces, Buffer.alloc(2 * BLOCK_BYTES)]);
}

/**
 * Reads a tar stream of plain files with the expected names, each at most once. Nothing of it is trusted: any other kind
 * of entry, name or form is refused, as by {@link TarReader}.
 * @throws {ArchiveProblem} whose message says what is wrong, for a sentence that names the archive.
 */
export function readTar(tar: Buffer, expected: readonly string[]): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  let current = "";
  const reader = new TarReader({
    begin: ({ path }) => {
      if (!expected.includes(path)) {
        throw new ArchiveProblem(
          `it holds ${JSON.stringify(path)}, which does not belong here; expected ${expected.join(", ")}`,
        );
      }
      if (files.has(path)) throw new ArchiveProblem(`it holds "${path}" twice`);
      current = path;
      files.set(path, Buffer.alloc(0));
    },
    // The stream is one piece, and so is each content.
    content: (bytes) => files.set(current, bytes),
    end: () => undefined,
  });
  reader.push(tar);
  reader.finish();
  return files;
}
