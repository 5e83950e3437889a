import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { chmodSync, closeSync, createReadStream, fchmodSync, mkdirSync, openSync, writeSync } from "node:fs";
import { chmod, mkdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { ArchiveProblem, TarReader, unzstdFrames } from "@forgebench/archives";
import { parseArtifact, type TierManifest, tierManifest } from "@forgebench/artifacts";
import { ArtifactError, codeOf, messageOf, OperationError } from "@forgebench/errors";
import { contentSha256Of } from "../tiers/tier-documents.ts";
import { compareTier, type Difference, type ExpectedTier } from "./compare-tier.ts";
import { TierIntake, type TierStore } from "./tier-intake.ts";

const PIECE_BYTES = 1 << 20;
/** Four times that of our own frames. */
const MAX_FRAME_BYTES = 16 << 20;
const IN_FLIGHT = 2;
const MAX_UNPACKED_BYTES = 64 * 2 ** 30;
/** Images hardly get smaller; plain bitmaps may, but what unpacks to more than this and a little is a bomb. */
const MAX_RATIO = 200;
const SMALL_BYTES = 64 << 20;
const SHOWN_DIFFERENCES = 20;

interface UnpackOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the archive that were read and worked through. */
  readonly onProgress?: ((readBytes: number) => void) | undefined;
  /** The most that the files of a tier may hold together; default 64 GiB. */
  readonly maxUnpackedBytes?: number | undefined;
}

/** An archive that was read to its end. */
export interface InspectedTier {
  readonly manifest: TierManifest;
  /** Of the archive. */
  readonly sha256: string;
  /** Of the archive. */
  readonly sizeBytes: number;
  /** Of the images and documents in it. */
  readonly unpackedBytes: number;
  /** Computed from the images; undefined when the manifest does not list their hashes. */
  readonly contentSha256: string | undefined;
  /** What is not as manifest and expectation say. */
  readonly differences: readonly Difference[];
}

/**
 * Unpacks the archive of a tier, which may be anybody's, to a new folder and checks all of it: the archive's SHA-256 (in
 * the same reading), its form, and every file against the tier's manifest. The folder is whole and right when this
 * resolves, and gone otherwise, so a caller gives a temporary name and renames.
 * @throws {ArtifactError} naming archive and entry (exit 65)
 * @throws {OperationError} when the folder exists or cannot be written (exit 73)
 */
export async function unpackTier(
  archive: string,
  folder: string,
  expected: ExpectedTier,
  options: UnpackOptions = {},
): Promise<InspectedTier> {
  await mkdir(folder, { mode: 0o755 }).catch((error: unknown) => {
    throw new OperationError("output", `Cannot make the folder "${folder}": ${messageOf(error)}`, { cause: error });
  });
  const store = new FolderStore(folder);
  try {
    await chmod(folder, 0o755);
    const inspected = await inspectTierArchive(archive, expected, options, store);
    refuseDifferences(archive, inspected.differences);
    options.signal?.throwIfAborted();
    return inspected;
  } catch (error) {
    store.abandon();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Reads the archive of a tier without keeping anything, and finds what is not as its manifest and `expected` say.
 * @throws {ArtifactError} when it is no whole archive of a tier (exit 65)
 */
export async function inspectTierArchive(
  archive: string,
  expected: Partial<ExpectedTier>,
  options: UnpackOptions = {},
  store: TierStore = NOWHERE,
): Promise<InspectedTier> {
  try {
    const sizeBytes = await sizeOfArchive(archive, expected);
    const limitBytes = Math.max(SMALL_BYTES, MAX_RATIO * sizeBytes);
    const maxBytes = Math.min(limitBytes, options.maxUnpackedBytes ?? MAX_UNPACKED_BYTES);
    const intake = new TierIntake(expected, store, maxBytes);
    const sha256 = await streamTier(archive, intake, options);
    if (expected.sha256 !== undefined && sha256 !== expected.sha256) {
      throw new ArchiveProblem(`its sha256 is ${sha256}, expected ${expected.sha256}`);
    }
    return { sha256, sizeBytes, unpackedBytes: intake.totalBytes, ...judge(archive, intake, expected) };
  } catch (error) {
    throw error instanceof ArchiveProblem ? wrongArchive(archive, error.message) : error;
  }
}

async function sizeOfArchive(archive: string, expected: Partial<ExpectedTier>): Promise<number> {
  const found = await stat(archive).catch((error: unknown) => {
    throw new ArchiveProblem(codeOf(error) === "ENOENT" ? "there is no such file" : messageOf(error));
  });
  // Reading a pipe or a device might never end.
  if (!found.isFile()) throw new ArchiveProblem("it is no file");
  if (expected.sizeBytes === undefined || found.size === expected.sizeBytes) return found.size;
  throw new ArchiveProblem(`it has ${found.size} bytes, expected ${expected.sizeBytes}`);
}

/** Hashes, unpacks and hands on in one reading; resolves to the SHA-256 of the archive. */
async function streamTier(archive: string, intake: TierIntake, { signal, onProgress }: UnpackOptions): Promise<string> {
  const hash = createHash("sha256");
  const reader = new TarReader(intake);
  let readBytes = 0;
  const take = (piece: Buffer) => {
    hash.update(piece);
    readBytes += piece.length;
  };
  const limits = { maxFrameBytes: MAX_FRAME_BYTES, inFlight: IN_FLIGHT };
  for await (const frame of unzstdFrames(readPieces(archive, take), limits)) {
    signal?.throwIfAborted();
    reader.push(frame);
    onProgress?.(readBytes);
  }
  reader.finish();
  return hash.digest("hex");
}

/** The file in pieces; while one is worked on the next one is read. */
async function* readPieces(archive: string, take: (piece: Buffer) => void): AsyncGenerator<Buffer> {
  try {
    for await (const piece of createReadStream(archive, { highWaterMark: PIECE_BYTES })) {
      take(piece);
      yield piece;
    }
  } catch (error) {
    throw new ArchiveProblem(messageOf(error));
  }
}

function judge(archive: string, intake: TierIntake, expected: Partial<ExpectedTier>) {
  const text = decodeManifest(intake.manifestBytes());
  const manifest = parseArtifact(tierManifest, text, `${archive}: ${tierManifest.fileName}`);
  const files = [...intake.files].map(([name, { sha256 }]) => ({ path: name, sha256 }));
  return {
    manifest,
    contentSha256: contentSha256Of(files),
    differences: compareTier(manifest, { images: intake.files, attributionSha256: intake.attributionSha256 }, expected),
  };
}

function decodeManifest(bytes: Buffer): string {
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  throw new ArchiveProblem(`${tierManifest.fileName} is not UTF-8 text`);
}

function refuseDifferences(archive: string, differences: readonly Difference[]): void {
  if (differences.length === 0) return;
  const issues = differences.slice(0, SHOWN_DIFFERENCES).map(({ where, expected, found }) => ({
    path: where,
    message: `found ${found}, expected ${expected}`,
  }));
  const more = differences.length - issues.length;
  const rest = more > 0 ? [{ path: "", message: `and ${more} more` }] : [];
  throw new ArtifactError({ ...about(archive), issues: [...issues, ...rest] });
}

function wrongArchive(archive: string, message: string): ArtifactError {
  const expected = "an archive that bench:dataset:build made, in frames of at most 16 MiB; tar --zstd packs otherwise";
  const details = [{ label: "expected", text: expected }];
  return new ArtifactError({ ...about(archive), issues: [{ path: "", message }], details });
}

function about(archive: string) {
  return { path: archive, kind: "tier archive", action: "Cannot unpack" };
}

/** For a reading that only looks. */
const NOWHERE: TierStore = {
  makeFolder: () => undefined,
  open: () => undefined,
  write: () => undefined,
  close: () => undefined,
};

const FULL: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the disk (ENOSPC)",
  EDQUOT: "the quota is used up (EDQUOT)",
};

/** Writes the entries below a new folder. Synchronously: the way to a thread and back costs more than a small write. */
class FolderStore implements TierStore {
  readonly #folder: string;
  #descriptor: number | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  makeFolder(local: string): void {
    // The tier's own folder is there already.
    if (local === "") return;
    const folder = path.join(this.#folder, local);
    this.#writing(local, () => {
      mkdirSync(folder);
      // Whatever the umask.
      chmodSync(folder, 0o755);
    });
  }

  open(local: string): void {
    this.#writing(local, () => {
      // "wx" neither follows a link nor opens what is there.
      this.#descriptor = openSync(path.join(this.#folder, local), "wx", 0o644);
      fchmodSync(this.#descriptor, 0o644);
    });
  }

  write(bytes: Buffer): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    this.#writing("", () => {
      for (let offset = 0; offset < bytes.length; ) offset += writeSync(descriptor, bytes, offset);
    });
  }

  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) this.#writing("", () => closeSync(descriptor));
  }

  /** After an error: lets go of the file that was being written. */
  abandon(): void {
    try {
      this.close();
    } catch {
      // The first error is the one to report.
    }
  }

  #writing(local: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      const code = codeOf(error) ?? "";
      const place = path.join(this.#folder, local);
      throw new OperationError("output", `Cannot write "${place}": ${FULL[code] ?? messageOf(error)}`, {
        cause: error,
        ...(FULL[code] === undefined ? {} : { details: [{ label: "try", text: "free space, or another disk" }] }),
      });
    }
  }
}
