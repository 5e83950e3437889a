import { createHash } from "node:crypto";
import { serializeArtifact, type TierManifest, tierManifest } from "@forgebench/artifacts";
import { compress } from "@mongodb-js/zstd";
import { contentSha256Of } from "../tiers/tier-documents.ts";
import type { ExpectedTier } from "./compare-tier.ts";

/** An entry as bytes can say it, also in ways in which no writer would. */
export interface RawEntry {
  readonly path: string | Buffer;
  readonly content?: Buffer;
  /** What the header claims; that of the content by default. A buffer goes into the field as it is. */
  readonly size?: number | Buffer;
  readonly type?: string;
  readonly mode?: string;
  readonly linkpath?: string;
  readonly prefix?: string;
  readonly magic?: string;
  readonly owner?: string;
  readonly checksum?: string;
  /** After the content, in place of zeros. */
  readonly padding?: number;
}

/** A header and the content, written byte by byte. */
export function rawEntry(entry: RawEntry): Buffer {
  const { content = Buffer.alloc(0), padding = 0 } = entry;
  const isFolder = typeof entry.path === "string" && entry.path.endsWith("/");
  const block = Buffer.alloc(512);
  if (typeof entry.path === "string") block.write(entry.path, 0, 100);
  else entry.path.copy(block, 0, 0, 100);
  block.write(entry.mode ?? (isFolder ? "000755 \0" : "000644 \0"), 100, 8, "latin1");
  block.write("000000 \0", 108, 8, "latin1");
  block.write("000000 \0", 116, 8, "latin1");
  const size = entry.size ?? content.length;
  if (typeof size === "number") block.write(octal(size), 124, 12, "latin1");
  else size.copy(block, 124, 0, 12);
  block.write(octal(1_767_225_600), 136, 12, "latin1");
  block.write(entry.type ?? (isFolder ? "5" : "0"), 156, 1, "latin1");
  block.write(entry.linkpath ?? "", 157, 100);
  block.write(entry.magic ?? USTAR, 257, 8, "latin1");
  block.write(entry.owner ?? "", 265, 32);
  block.write("000000 \0", 329, 8, "latin1");
  block.write("000000 \0", 337, 8, "latin1");
  block.write(entry.prefix ?? "", 345, 155);
  sign(block);
  if (entry.checksum !== undefined) block.write(entry.checksum, 148, 8, "latin1");
  return Buffer.concat([block, content, Buffer.alloc(-content.length & 511, padding)]);
}

const USTAR = "ustar\u000000";

/** As the writer of our archives has it: eleven digits, or at most ten and a space. */
function octal(value: number): string {
  const digits = value.toString(8);
  return digits.length === 11 ? `${digits}\0` : `${digits.padStart(10, "0")} \0`;
}

/** Writes the checksum that the block's bytes have. */
export function sign(block: Buffer): Buffer {
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")} \0`, 148, 8, "latin1");
  return block;
}

export const TAR_END = Buffer.alloc(1024);

export const TEST_IMAGES: ReadonlyMap<string, Buffer> = new Map([
  ["a1.jpg", noise(5000, 1)],
  ["b2.png", noise(700, 2)],
  ["c3.gif", noise(512, 3)],
]);

/** Bytes that do not compress. */
export function noise(length: number, seed: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash("sha256").update(`${seed} ${index}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

/** The manifest of the test images. */
export function testManifest(changes: object = {}): Buffer {
  const files = [...TEST_IMAGES].map(([path, content]) => ({
    path,
    format: "jpg" as const,
    sha256: sha256(content),
    sizeBytes: content.length,
    origin: "synthetic",
    license: "CC0-1.0",
    attribution: "",
  }));
  const manifest: TierManifest = {
    kind: "tier-manifest",
    version: "1.0",
    datasetVersion: "1.0.0",
    tierId: "tier3",
    imageRoot: "images",
    files,
    createdAt: "2026-01-01T00:00:00.000Z",
    formatBreakdown: { jpg: 3, png: 0, gif: 0, tiff: 0 },
    singleScenarios: { small: "c3.gif", median: "b2.png", large: "a1.jpg" },
    contentSha256: contentSha256Of(files),
  };
  const text = serializeArtifact(tierManifest, manifest, "tier-manifest.json");
  return Buffer.from(JSON.stringify({ ...JSON.parse(text), ...changes }));
}

/** The entries of a good archive, in order. */
export function goodEntries(manifest: Buffer = testManifest()): RawEntry[] {
  return [
    { path: "tier3/" },
    { path: "tier3/ATTRIBUTION.md", content: Buffer.from("# Attribution\n") },
    { path: "tier3/images/" },
    ...[...TEST_IMAGES].map(([name, content]) => ({ path: `tier3/images/${name}`, content })),
    { path: "tier3/tier-manifest.json", content: manifest },
  ];
}

/** The good entries with others that come right before the one with the path `before`. */
export function withEntries(before: string, ...added: readonly RawEntry[]): Buffer {
  return tarOf(goodEntries().flatMap((entry) => (entry.path === before ? [...added, entry] : [entry])));
}

/** The good entries, one of them changed. */
export function withChanged(path: string, changes: Partial<RawEntry>): Buffer {
  return tarOf(goodEntries().map((entry) => (entry.path === path ? { ...entry, ...changes } : entry)));
}

export function tarOf(entries: readonly RawEntry[], end: Buffer = TAR_END): Buffer {
  return Buffer.concat([...entries.map(rawEntry), end]);
}

/** What a dataset manifest would say of an archive of the test images, whatever its bytes are. */
export function expectedOf(archive: Buffer): ExpectedTier {
  const files = [...TEST_IMAGES].map(([path, content]) => ({ path, sha256: sha256(content) }));
  const identity = { tierId: "tier3", datasetVersion: "1.0.0", imageCount: TEST_IMAGES.size };
  return { ...identity, sha256: sha256(archive), sizeBytes: archive.length, contentSha256: contentSha256Of(files) };
}

export function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A tar stream in frames of 4 MiB. */
export async function framesOf(tar: Buffer): Promise<Buffer> {
  const frames: Buffer[] = [];
  for (let from = 0; from < tar.length; from += 4 << 20)
    frames.push(await compress(tar.subarray(from, from + (4 << 20)), 3));
  return Buffer.concat(frames);
}

/** A block of a frame: its type (0 raw, 1 one byte many times, 2 compressed, 3 reserved), its size and its bytes. */
export interface RawBlock {
  readonly type: number;
  readonly size: number;
  readonly bytes: Buffer;
}

export interface RawFrame {
  readonly magic?: number;
  /** Frame_Header_Descriptor; by default a window of 1 MiB, no content size, no checksum. */
  readonly descriptor?: number;
  /** Between the descriptor and the blocks. */
  readonly fields?: Buffer;
}

/** A Zstandard frame, written byte by byte. */
export function rawFrame(blocks: readonly RawBlock[], frame: RawFrame = {}): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32LE(frame.magic ?? 0xfd2fb528);
  head.writeUInt8(frame.descriptor ?? 0, 4);
  const parts = blocks.map(({ type, size, bytes }, index) => {
    const header = Buffer.alloc(3);
    header.writeUIntLE((size << 3) | (type << 1) | Number(index === blocks.length - 1), 0, 3);
    return Buffer.concat([header, bytes]);
  });
  return Buffer.concat([head, frame.fields ?? Buffer.from([10 << 3]), ...parts]);
}

/** Bytes as they are, in blocks of at most 128 KiB. */
export function rawBlocks(content: Buffer): RawBlock[] {
  const count = Math.max(1, Math.ceil(content.length / (128 << 10)));
  return Array.from({ length: count }, (_, index) => {
    const bytes = content.subarray(index * (128 << 10), (index + 1) * (128 << 10));
    return { type: 0, size: bytes.length, bytes };
  });
}

/** 16 MiB of zeros in half a kilobyte. */
export function zeroFrame(): Buffer {
  return rawFrame(Array.from({ length: 128 }, () => ({ type: 1, size: 128 << 10, bytes: Buffer.alloc(1) })));
}
