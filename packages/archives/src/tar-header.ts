import { InvariantError } from "@forgebench/errors";
import { Header } from "tar";
import { ArchiveProblem } from "./archive-problem.ts";

/** The unit of a tar stream. */
export const BLOCK_BYTES = 512;

/** A folder or a file of an archive. */
export interface ArchiveEntry {
  /** With `/`; a folder ends in one. */
  readonly path: string;
  /** 0 for a folder. */
  readonly sizeBytes: number;
}

/** The block that stands before an entry's content. @throws {InvariantError} when a plain header cannot hold it. */
export function encodeHeader(entry: ArchiveEntry, mtimeSeconds: number): Buffer {
  const block = plainHeader(entry, mtimeSeconds);
  if (block !== undefined) return block;
  // Our names are short and our files below 8 GiB; anything else would need an extended header.
  throw new InvariantError(`"${entry.path}" (${entry.sizeBytes} bytes) does not fit a plain tar header`);
}

function plainHeader({ path, sizeBytes }: ArchiveEntry, mtimeSeconds: number): Buffer | undefined {
  const isFolder = path.endsWith("/");
  const block = Buffer.alloc(BLOCK_BYTES);
  const header = new Header({
    path,
    mode: isFolder ? FOLDER_MODE : FILE_MODE,
    uid: 0,
    gid: 0,
    size: sizeBytes,
    mtime: new Date(1000 * mtimeSeconds),
    type: isFolder ? "Directory" : "File",
  });
  return header.encode(block) ? undefined : block;
}

const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;

/**
 * Reads the block before an entry, which may be anybody's: it must be what {@link encodeHeader} writes, bit for bit, but
 * for the time. So there are no links, devices, extended headers, owners, odd modes or names in two parts to handle.
 * @throws {ArchiveProblem} whose message names the entry and what is wrong.
 */
export function decodeHeader(block: Buffer): ArchiveEntry {
  const { path = "", type, size = -1, mode = 0, mtime, cksumValid } = parseHeader(block);
  const name = JSON.stringify(path);
  if (!cksumValid) throw new ArchiveProblem("a tar header has a wrong checksum");
  if (type !== "File" && type !== "Directory") {
    throw new ArchiveProblem(`${name} is of the type ${type}; only plain files are allowed`);
  }
  const expectedMode = type === "File" ? FILE_MODE : FOLDER_MODE;
  if (mode !== expectedMode)
    throw new ArchiveProblem(`${name} has the mode ${octal(mode)}, not ${octal(expectedMode)}`);
  if (!Number.isSafeInteger(size) || size < 0) throw new ArchiveProblem(`${name} has an impossible size`);
  const entry = { path, sizeBytes: size };
  if (!(plainHeader(entry, (mtime?.getTime() ?? Number.NaN) / 1000)?.equals(block) ?? false)) {
    throw new ArchiveProblem(`the header of ${name} is not a plain one: it holds more than name, size and time`);
  }
  return entry;
}

function parseHeader(block: Buffer): Header {
  try {
    return new Header(block);
  } catch {
    throw new ArchiveProblem("a tar header has a field that is not a number");
  }
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

/** How many zeros follow a content of this size. */
export function paddingBytes(sizeBytes: number): number {
  return (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;
}
