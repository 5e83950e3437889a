import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { ArtifactError } from "@forgebench/errors";
import { compress } from "@mongodb-js/zstd";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ExpectedTier } from "./compare-tier.ts";
import {
  expectedOf,
  framesOf,
  goodEntries,
  noise,
  type RawEntry,
  rawBlocks,
  rawEntry,
  rawFrame,
  sha256,
  TEST_IMAGES,
  tarOf,
  testManifest,
  withChanged,
  withEntries,
  zeroFrame,
} from "./test-helpers.ts";
import { unpackTier } from "./unpack-archive.ts";

/** The folder around it has a file that links of archives lead to, and must stay as it is. */
let root = "";
let parent = "";
let archive = "";
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "hostile-"));
  parent = path.join(root, "watched", "inner");
  archive = path.join(root, "hostile.tar.zst");
  await mkdir(parent, { recursive: true });
  await writeFile(path.join(root, "watched", "victim.txt"), "untouched");
});
afterAll(() => rm(root, { recursive: true, force: true }));

const place = () => path.join(parent, "tier");

async function expectNothingLeft(): Promise<void> {
  expect((await readdir(root, { recursive: true })).sort()).toEqual([
    "hostile.tar.zst",
    "watched",
    path.join("watched", "inner"),
    path.join("watched", "victim.txt"),
  ]);
  expect(await readFile(path.join(root, "watched", "victim.txt"), "utf8")).toBe("untouched");
}

/** The refusal of an archive whose maker also wrote the dataset manifest, so that its SHA-256 is as expected. */
async function refusalOf(bytes: Buffer, changes: Partial<ExpectedTier> = {}): Promise<string> {
  await writeFile(archive, bytes);
  const error = await unpackTier(archive, place(), { ...expectedOf(bytes), ...changes }).then(
    async () => {
      await rm(place(), { recursive: true });
      return expect.fail("it was unpacked");
    },
    (thrown: unknown) => thrown,
  );
  // Exit 65; anything else would be a bug of ours or blame the disk.
  if (!(error instanceof ArtifactError)) throw error;
  await expectNothingLeft();
  expect(error.message).toContain(archive);
  return [error.message, ...error.details.map(({ text }) => text)].join("\n");
}

/** The images of what was unpacked, as one text, and nothing else beside them. */
async function unpackedImages(): Promise<string> {
  const names = (await readdir(path.join(place(), "images"))).sort();
  expect((await readdir(place())).sort()).toEqual(["ATTRIBUTION.md", "images", "tier-manifest.json"]);
  const hashes = await Promise.all(
    names.map(async (name) => sha256(await readFile(path.join(place(), "images", name)))),
  );
  return names.map((name, index) => `${name} ${hashes[index]}`).join("\n");
}

const IMAGES_TEXT = [...TEST_IMAGES].map(([name, content]) => `${name} ${sha256(content)}`).join("\n");
const VICTIM = "../../victim.txt";
const evil = Buffer.from("evil");

it("takes the archive that all others are made from", async () => {
  const bytes = await framesOf(tarOf(goodEntries()));
  await writeFile(archive, bytes);
  await unpackTier(archive, place(), expectedOf(bytes));
  expect(await unpackedImages()).toBe(IMAGES_TEXT);
  await rm(place(), { recursive: true });
  await expectNothingLeft();
});

type Case = readonly [name: string, tar: Buffer | (() => Buffer), message: string | RegExp];

/** An entry with a name, before the first image or wherever it has to stand to be judged by its name. */
const named = (name: string, before = "tier3/images/a1.jpg"): Buffer =>
  withEntries(before, { path: name, content: evil });
const typed = (type: string, more: Partial<RawEntry> = {}): Buffer =>
  withEntries("tier3/images/a1.jpg", { path: "tier3/images/a0.jpg", type, ...more });
const record = (text: string): Buffer => {
  const length = text.length + 2 + String(text.length + 3).length;
  return Buffer.from(`${length} ${text}\n`);
};

const names: readonly Case[] = [
  ["`..` at the beginning", named("../evil.jpg", "tier3/ATTRIBUTION.md"), '"../evil.jpg", which does not belong'],
  ["`..` as the first entry", tarOf([{ path: "../" }, ...goodEntries()]), 'begins with "../"'],
  [
    "`..` in the middle",
    named("tier3/../evil.jpg", "tier3/ATTRIBUTION.md"),
    '"tier3/../evil.jpg", which does not belong',
  ],
  ["`..` below the images", named("tier3/images/../../evil.jpg"), '"tier3/images/../../evil.jpg" is no bare name'],
  ["`..` at the end", named("tier3/images/.."), '"tier3/images/.." begins with a dot'],
  ["`..` as a folder", named("tier3/images/../"), '"tier3/images/../"'],
  ["`.`", named("tier3/images/."), '"tier3/images/." begins with a dot'],
  ["`./` before the name", named("./tier3/images/a0.jpg"), '"./tier3/images/a0.jpg", which does not belong'],
  ["an absolute path", named("/etc/passwd"), '"/etc/passwd", which does not belong'],
  ["an absolute first entry", tarOf([{ path: "/" }, ...goodEntries()]), 'begins with "/"'],
  [
    "two separators",
    named("tier3//images/a0.jpg", "tier3/ATTRIBUTION.md"),
    '"tier3//images/a0.jpg", which does not belong',
  ],
  ["backslashes", named("tier3/images/..\\..\\evil.jpg"), "is no bare name"],
  ["a drive letter", named("C:/evil.jpg"), '"C:/evil.jpg", which does not belong'],
  ["a drive letter in a name", named("tier3/images/C:evil.jpg"), "is no bare name"],
  ["an alternate stream", named("tier3/images/a0.jpg:evil"), "is no bare name"],
  ["a network path", named("\\\\host\\share\\evil.jpg"), "which does not belong"],
  ["a name of Windows' devices", named("tier3/images/NUL.jpg"), "is reserved on Windows"],
  ["an empty name", named(""), 'it holds ""'],
  ["an empty name of an image", named("tier3/images/", "tier3/tier-manifest.json"), "is not a plain one"],
  ["a hidden name", named("tier3/images/.hidden.jpg"), "begins with a dot"],
  ["a name like an option", named("tier3/images/-rf"), "begins with a dot or a hyphen"],
  ["a dot at the end", named("tier3/images/a0.jpg."), "ends in a dot"],
  ["a space at the end", named("tier3/images/a0.jpg "), "is no bare name"],
  ["a control character", named("tier3/images/a\u001b[31m.jpg"), "is no bare name"],
  ["a newline", named("tier3/images/a\n.jpg"), "is no bare name"],
  [
    "a NUL with more behind it",
    withEntries("tier3/images/a1.jpg", { path: Buffer.from("tier3/images/a0.jpg\0../../evil"), content: evil }),
    "is not a plain one",
  ],
  ["a name of 100 bytes without NUL", named(`tier3/images/${"a".repeat(87)}`), "is not a plain one"],
  [
    "a name of 99 bytes more than there are",
    named(`tier3/images/${"a".repeat(86)}`, "tier3/images/b2.png"),
    "more than the 7 entries",
  ],
  [
    "a name of 91 characters",
    withEntries("tier3/images/b2.png", { path: "a".repeat(91), prefix: "tier3/images" }),
    "has more than 90 characters",
  ],
  [
    "a part of the name in the prefix",
    withEntries("tier3/images/a1.jpg", { path: "a0.jpg", prefix: "tier3/images", content: evil }),
    "is not a plain one",
  ],
  [
    "`..` in the prefix",
    withEntries("tier3/images/a1.jpg", { path: "a0.jpg", prefix: "..", content: evil }),
    "is not a plain one",
  ],
  [
    "an absolute prefix",
    withEntries("tier3/images/a1.jpg", { path: "tier3/images/a0.jpg", prefix: "/", content: evil }),
    "is not a plain one",
  ],
  ["a name in another Unicode form (composed)", named("tier3/images/\u00e9.jpg"), "is not a plain one"],
  ["a name in another Unicode form (decomposed)", named("tier3/images/e\u0301.jpg"), "is not a plain one"],
  [
    "both forms of a name",
    withEntries("tier3/images/b2.png", { path: "tier3/images/b\u00e9.jpg" }, { path: "tier3/images/be\u0301.jpg" }),
    "is not a plain one",
  ],
  [
    "bytes that are no UTF-8",
    withEntries("tier3/images/a1.jpg", { path: Buffer.from("tier3/images/a\xff.jpg", "latin1") }),
    "is not a plain one",
  ],
  [
    "an entry twice",
    withEntries("tier3/images/b2.png", { path: "tier3/images/a1.jpg", content: evil }),
    'holds "tier3/images/a1.jpg" twice',
  ],
  ["the manifest twice", tarOf([...goodEntries(), ...goodEntries().slice(-1)]), "more than the 7 entries"],
  [
    "names that differ by case",
    withEntries("tier3/images/a1.jpg", { path: "tier3/images/A1.jpg" }),
    '"tier3/images/a1.jpg" is there twice, but for case',
  ],
  ["entries out of order", withEntries("tier3/images/c3.gif", { path: "tier3/images/a0.jpg" }), "entries are sorted"],
  ["the tier's folder as a file", withChanged("tier3/", { path: "tier3", type: "0" }), 'begins with "tier3"'],
  [
    "the images' folder as a file",
    withChanged("tier3/images/", { path: "tier3/images", type: "0" }),
    '"tier3/images", which does not belong',
  ],
  [
    "an image as a folder",
    withChanged("tier3/images/a1.jpg", { path: "tier3/images/a1.jpg/", content: Buffer.alloc(0) }),
    "is no bare name",
  ],
  ["a file as the parent of another", named("tier3/images/a1.jpg/evil.jpg", "tier3/images/b2.png"), "is no bare name"],
  [
    "images without their folder",
    tarOf(goodEntries().filter(({ path: name }) => name !== "tier3/images/")),
    "comes without its folder",
  ],
  [
    "a folder below the images",
    withEntries("tier3/tier-manifest.json", { path: "tier3/images/sub/" }),
    "is no bare name",
  ],
  ["a file beside the documents", named("tier3/package.json", "tier3/tier-manifest.json"), "which does not belong"],
  ["another tier's archive", tarOf([{ path: "tier30/" }]), 'begins with "tier30/", not with the folder "tier3/"'],
];

const kinds: readonly Case[] = [
  ["a link out", typed("2", { linkpath: VICTIM }), "is of the type SymbolicLink"],
  ["a link in", typed("2", { linkpath: "a1.jpg" }), "is of the type SymbolicLink"],
  [
    "a file written through a link",
    withEntries(
      "tier3/images/a1.jpg",
      { path: "tier3/images/a0.jpg", type: "2", linkpath: VICTIM },
      { path: "tier3/images/a0.jpg", content: evil },
    ),
    "is of the type SymbolicLink",
  ],
  [
    "the folder of the images as a link",
    withChanged("tier3/images/", { path: "tier3/images", type: "2", linkpath: "../.." }),
    "is of the type SymbolicLink",
  ],
  [
    "the tier's folder as a link",
    withChanged("tier3/", { path: "tier3/", type: "2", linkpath: "/tmp", mode: "000755 \0" }),
    "is of the type SymbolicLink",
  ],
  ["a hard link out", typed("1", { linkpath: VICTIM }), "is of the type Link"],
  ["a hard link in", typed("1", { linkpath: "tier3/images/a1.jpg" }), "is of the type Link"],
  ["a link name on a plain file", typed("0", { linkpath: VICTIM }), "is not a plain one"],
  ["a character device", typed("3"), "is of the type CharacterDevice"],
  ["a block device", typed("4"), "is of the type BlockDevice"],
  ["a pipe", typed("6"), "is of the type FIFO"],
  ["a contiguous file", typed("7"), "is of the type ContiguousFile"],
  ["a file as old archives have it", typed("\0"), "is not a plain one"],
  ["an unknown type", typed("Z"), "is of the type Unsupported"],
  [
    "a path in an extended header",
    typed("x", { content: record("path=../../evil.jpg") }),
    "is of the type ExtendedHeader",
  ],
  [
    "a size in an extended header",
    typed("x", { content: record("size=99999999999") }),
    "is of the type ExtendedHeader",
  ],
  [
    "a link in an extended header",
    typed("x", { content: record(`linkpath=${VICTIM}`) }),
    "is of the type ExtendedHeader",
  ],
  [
    "a global extended header",
    withEntries("tier3/", { path: "pax_global_header", type: "g", content: record("path=../evil") }),
    "is of the type GlobalExtendedHeader",
  ],
  ["an extended header of Solaris", typed("X"), "is of the type"],
  [
    "a long name of GNU",
    withEntries("tier3/images/a1.jpg", { path: "././@LongLink", type: "L", content: Buffer.from("../../evil.jpg\0") }),
    "is of the type NextFileHasLongPath",
  ],
  [
    "a long link of GNU",
    withEntries("tier3/images/a1.jpg", { path: "././@LongLink", type: "K", content: Buffer.from(`${VICTIM}\0`) }),
    "is of the type NextFileHasLongLinkpath",
  ],
  ["a sparse file of GNU", typed("S", { size: 512, content: Buffer.alloc(512) }), "is of the type"],
  ["a volume label", typed("V"), "is of the type"],
  ["a multi-volume part", typed("M"), "is of the type"],
  ["a GNU dump folder", typed("D"), "is of the type"],
  ["the magic of GNU", typed("0", { magic: "ustar  \0" }), "is not a plain one"],
  ["no magic at all", typed("0", { magic: "\0" }), "is not a plain one"],
  ["an owner's name", typed("0", { owner: "root" }), "is not a plain one"],
  ["a setuid bit", typed("0", { mode: "004755 \0" }), "has the mode 4755, not 0644"],
  ["a setgid bit", typed("0", { mode: "002644 \0" }), "has the mode 2644"],
  ["a sticky bit on the folder", withChanged("tier3/images/", { mode: "001777 \0" }), "has the mode 1777, not 0755"],
  ["mode 777", typed("0", { mode: "000777 \0" }), "has the mode 0777"],
  ["mode 0", typed("0", { mode: "000000 \0" }), "has the mode 0000"],
  ["a mode with a file type in it", typed("0", { mode: "120777 \0" }), "has the mode 120777"],
  ["a mode that is no number", typed("0", { mode: "zzzzzz \0" }), "has the mode"],
];

const base256 = (value: bigint): Buffer => {
  const field = Buffer.alloc(12, value < 0 ? 0xff : 0);
  field.writeBigInt64BE(value, 4);
  if (value >= 0) field[0] = 0x80;
  return field;
};
const sized = (size: RawEntry["size"]): Buffer =>
  withChanged("tier3/images/a1.jpg", size === undefined ? {} : { size });

const sizes: readonly Case[] = [
  ["a size below the content", sized(4608), /wrong checksum|not a number/],
  ["a size a little below the content", sized(4995), "there is data between"],
  ["a size above the content", sized(5500), /wrong checksum|not a number|data between/],
  ["a size a little above the content", sized(5001), /a1\.jpg: found 5001 bytes, expected 5000 bytes/],
  ["a size above the whole archive", sized(1_000_000), '"tier3/images/a1.jpg" is cut'],
  ["a size of nothing", sized(0), /wrong checksum|not a number/],
  ["a size of 2 GiB and more", sized(2 ** 31 + 1), "at most 2147483648 are allowed"],
  ["a size of 8 GiB less one", sized(2 ** 33 - 1), "at most 2147483648 are allowed"],
  ["a size of 8 GiB in binary", sized(base256(2n ** 33n)), "is not a plain one"],
  ["a small size in binary", sized(base256(5000n)), "is not a plain one"],
  ["a negative size", sized(base256(-1n)), "has an impossible size"],
  ["the most negative size", sized(base256(-(2n ** 62n))), /impossible size|not a number/],
  [
    "a size beyond all numbers",
    sized(Buffer.from(`\x80${"\x7f".repeat(11)}`, "latin1")),
    /impossible size|not a number/,
  ],
  ["a size that is no number", sized(Buffer.from("zzzzzzzzzzz\0")), "has an impossible size"],
  ["a negative octal size", sized(Buffer.from("-0000001000\0")), "has an impossible size"],
  ["a folder with content", withChanged("tier3/images/", { content: Buffer.alloc(512, 1) }), "is not a plain one"],
  ["a wrong checksum", withChanged("tier3/images/a1.jpg", { checksum: "000001\0 " }), "wrong checksum"],
  ["no checksum", withChanged("tier3/images/a1.jpg", { checksum: "\0".repeat(8) }), "wrong checksum"],
  [
    "padding that is not zero",
    withChanged("tier3/images/a1.jpg", { padding: 1 }),
    'data between "tier3/images/a1.jpg"',
  ],
  ["no empty blocks at the end", tarOf(goodEntries(), Buffer.alloc(0)), "the tar stream is cut"],
  ["one empty block at the end", tarOf(goodEntries(), Buffer.alloc(512)), "the tar stream is cut"],
  ["three empty blocks at the end", tarOf(goodEntries(), Buffer.alloc(1536)), "data after the end"],
  [
    "an entry after one empty block",
    tarOf(goodEntries(), Buffer.concat([Buffer.alloc(512), rawEntry({ path: "x" })])),
    "data after the end",
  ],
  ["an archive after the end", Buffer.concat([tarOf(goodEntries()), tarOf(goodEntries())]), "data after the end"],
  ["a byte after the end", tarOf(goodEntries(), Buffer.alloc(1025)), "data after the end"],
  ["only empty blocks", Buffer.alloc(1024), 'holds no "tier3/tier-manifest.json"'],
  ["no manifest", tarOf(goodEntries().slice(0, -1)), 'holds no "tier3/tier-manifest.json"'],
  [
    "one image more than expected",
    withEntries("tier3/images/b2.png", { path: "tier3/images/a9.jpg" }),
    "more than the 7 entries",
  ],
  ["no text but other bytes", tarOf([{ path: "tier3/" }, { path: Buffer.from([0xff, 0xfe]) }]), "is not a plain one"],
];

const file = (index: number) => JSON.parse(testManifest().toString()).files[index];
const listing = (changes: object): Buffer => tarOf(goodEntries(testManifest(changes)));
const [one, two, three] = [file(0), file(1), file(2)];
const filesWith = (changes: object) => listing({ files: [{ ...one, ...changes }, two, three] });

const manifests: readonly Case[] = [
  [
    "another hash",
    filesWith({ sha256: "0".repeat(64) }),
    `images/a1.jpg: found sha256 ${one.sha256}, expected sha256 000`,
  ],
  ["another size", filesWith({ sizeBytes: 4999 }), "images/a1.jpg: found 5000 bytes, expected 4999 bytes"],
  [
    "a file that is not there",
    listing({ files: [one, two, three, { ...three, path: "d4.gif" }] }),
    "images/d4.gif: found no such file",
  ],
  ["a file less", listing({ files: [one, two] }), "images/c3.gif: found a file that the manifest does not list"],
  ["a file twice", listing({ files: [one, one, two] }), '"a1.jpg", which is listed twice'],
  ["a file with `..`", filesWith({ path: "../../victim.txt" }), "which is no bare name"],
  ["an absolute file", filesWith({ path: "/etc/passwd" }), "which is no bare name"],
  [
    "bare names",
    listing({ files: ["a1.jpg", "b2.png", "c3.gif"] }),
    "files: found only the names of 3, expected sha256 and size of each",
  ],
  ["an absolute folder", listing({ imageRoot: "/etc" }), 'imageRoot: found "/etc", expected "images"'],
  ["a folder with `..`", listing({ imageRoot: "images/../.." }), "imageRoot: found"],
  [
    "a single image elsewhere",
    listing({ singleScenarios: { small: "../../victim.txt", median: "b2.png", large: "a1.jpg" } }),
    "singleScenarios.small: found",
  ],
  ["another content hash", listing({ contentSha256: "1".repeat(64) }), `contentSha256: found "${"1".repeat(64)}"`],
  ["another attribution", listing({ attributionSha256: "1".repeat(64) }), "ATTRIBUTION.md: found sha256 "],
  [
    "an image of another size as the small one",
    listing({ singleScenarios: { small: "a1.jpg", median: "b2.png", large: "a1.jpg" } }),
    'singleScenarios: found {"small":"a1.jpg"',
  ],
  ["another tier", listing({ tierId: "tier30" }), 'tierId: found "tier30", expected "tier3"'],
  ["another version", listing({ datasetVersion: "2.0.0" }), 'datasetVersion: found "2.0.0", expected "1.0.0"'],
  ["another kind", listing({ kind: "dataset-manifest" }), 'kind: expected "tier-manifest"'],
  ["a newer form", listing({ version: "9.0" }), "expected version 1.x"],
  ["no JSON", tarOf(goodEntries(Buffer.from("{"))), "not JSON"],
  ["no UTF-8", tarOf(goodEntries(Buffer.from([0x22, 0xff, 0x22]))), "is not UTF-8"],
  ["nothing", tarOf(goodEntries(Buffer.alloc(0))), "the file is empty"],
  ["too much", () => tarOf(goodEntries(Buffer.alloc(2 << 20, " "))), '"tier3/tier-manifest.json" has 2097152 bytes'],
];

describe.each([
  ["a name", names],
  ["a kind", kinds],
  ["a size", sizes],
  ["a manifest that lists", manifests],
] as const)("refuses %s:", (_, cases) => {
  it.each(cases)("%s", async (__, tar, message) => {
    expect(await refusalOf(await framesOf(typeof tar === "function" ? tar() : tar))).toMatch(message);
  });
});

const plainFrame = (fields?: { readonly descriptor: number; readonly fields: Buffer }) =>
  rawFrame(rawBlocks(tarOf(goodEntries())), fields);
const size64 = (value: bigint) => {
  const field = Buffer.alloc(8);
  field.writeBigUInt64LE(value);
  return Buffer.concat([Buffer.from([10 << 3]), field]);
};

const frames: readonly Case[] = [
  ["an empty file", Buffer.alloc(0), "it is empty"],
  ["text", Buffer.from("not an archive at all"), "no Zstandard frame"],
  ["gzip", gzipSync(tarOf(goodEntries())), "no Zstandard frame"],
  ["a bare tar stream", tarOf(goodEntries()), "no Zstandard frame"],
  ["a frame of an old format", rawFrame(rawBlocks(evil), { magic: 0xfd2fb527 }), "no Zstandard frame"],
  ["a dictionary", plainFrame({ descriptor: 1, fields: Buffer.from([10 << 3, 7]) }), "needs a dictionary"],
  ["a reserved bit", plainFrame({ descriptor: 8, fields: Buffer.from([10 << 3]) }), "sets a reserved bit"],
  [
    "a skippable frame",
    Buffer.concat([rawFrame([], { magic: 0x184d2a50, descriptor: 0 }), plainFrame()]),
    "skippable frame",
  ],
  [
    "a skippable frame at the end",
    Buffer.concat([plainFrame(), Buffer.from("5f2a4d1800000000", "hex")]),
    "skippable frame",
  ],
  [
    "a window of 16 MiB",
    plainFrame({ descriptor: 0, fields: Buffer.from([14 << 3]) }),
    "needs a window of 16777216 bytes",
  ],
  ["the largest window", plainFrame({ descriptor: 0, fields: Buffer.from([255]) }), "needs a window of"],
  [
    "one segment of 1 GB",
    plainFrame({ descriptor: 0xa0, fields: Buffer.from("00ca9a3b", "hex") }),
    "needs a window of 1000000000",
  ],
  ["a reserved block", rawFrame([{ type: 3, size: 4, bytes: evil }]), "a block is of the reserved type"],
  [
    "a block above 128 KiB",
    rawFrame([{ type: 0, size: 200_000, bytes: noise(200_000, 9) }]),
    "a block has 200000 bytes",
  ],
  [
    "a repeated byte above 128 KiB",
    rawFrame([{ type: 1, size: 2_000_000, bytes: evil.subarray(0, 1) }]),
    "a block has 2000000 bytes",
  ],
  [
    "a block above a small window",
    rawFrame(rawBlocks(tarOf(goodEntries())), { fields: Buffer.from([0]) }),
    "at most 1024 are allowed",
  ],
  [
    "a content size above the content",
    plainFrame({ descriptor: 0xc0, fields: size64(1n << 40n) }),
    "claims to unpack to 1099511627776",
  ],
  [
    "a content size below the content",
    plainFrame({ descriptor: 0xc0, fields: size64(5n) }),
    "claims to unpack to 5 bytes",
  ],
  [
    "a content size beyond all numbers",
    plainFrame({ descriptor: 0xc0, fields: size64(2n ** 64n - 1n) }),
    "claims to unpack to",
  ],
  [
    "a wrong checksum of a frame",
    Buffer.concat([plainFrame({ descriptor: 4, fields: Buffer.from([10 << 3]) }), evil]),
    "a frame is damaged",
  ],
  ["a compressed block of garbage", rawFrame([{ type: 2, size: 500, bytes: noise(500, 4) }]), "a frame is damaged"],
  ["a byte after the last frame", Buffer.concat([plainFrame(), Buffer.from([0])]), "is cut within a frame"],
  ["zeros after the last frame", Buffer.concat([plainFrame(), Buffer.alloc(512)]), "no Zstandard frame"],
  ["garbage between two frames", Buffer.concat([plainFrame(), noise(100, 5), plainFrame()]), "no Zstandard frame"],
  [
    "blocks of nothing without end",
    rawFrame([], { fields: Buffer.concat([Buffer.from([10 << 3]), Buffer.alloc(1 << 20)]) }),
    "has so many blocks",
  ],
];

describe("refuses a stream with", () => {
  it.each(frames)("%s", async (_, bytes, message) => {
    expect(await refusalOf(typeof bytes === "function" ? bytes() : bytes)).toMatch(message);
  });
});

const refuseAll = async (bytes: Buffer, message: string | RegExp) => {
  const before = process.memoryUsage().rss;
  expect(await refusalOf(bytes, { sizeBytes: undefined })).toMatch(message);
  expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
};

describe("refuses a bomb:", () => {
  const MILLION = 2 ** 20;
  const zeros = Buffer.concat(Array.from({ length: 640 }, zeroFrame));
  const head = (entry: RawEntry) => rawEntry(entry).subarray(0, 512);
  const start = () => goodEntries().slice(0, 3).map(rawEntry);

  it("10 GB of zeros in less than 1 MB, as one file, as many, after the end, and as headers", async () => {
    expect(zeros.length).toBeLessThan(MILLION);
    const file = { path: "tier3/images/a1.jpg", size: 2 ** 31 - 512 };
    const one = Buffer.concat([...start(), head(file)]);
    await refuseAll(Buffer.concat([await framesOf(one), zeros]), "it unpacks to 2147483150 bytes; at most");
    const small = Buffer.concat([...start(), head({ ...file, size: 60 * MILLION })]);
    await refuseAll(Buffer.concat([await framesOf(small), zeros]), "data after the end");
    await refuseAll(Buffer.concat([await framesOf(tarOf(goodEntries())), zeros]), "data after the end");
    await refuseAll(zeros, "data after the end");
  });

  it("zeros that were compressed, in frames as we make them and in one frame", async () => {
    const frame = await compress(Buffer.alloc(4 * MILLION), 3);
    const many = Buffer.concat(Array.from({ length: 2560 }, () => frame));
    await refuseAll(Buffer.concat([await framesOf(Buffer.concat(start())), many]), "data after the end");
    const large = await refusalOf(await compress(Buffer.alloc(17 * MILLION), 3));
    expect(large).toContain("a frame could unpack to more than the 16777216 bytes that are allowed");
    expect(large).toContain("an archive that bench:dataset:build made, in frames of at most 16 MiB");
  });

  it("a million entries", async () => {
    const paths = Array.from({ length: 8192 }, (_, index) => `tier3/images/a${String(index).padStart(6, "0")}.jpg`);
    const frame = await compress(Buffer.concat(paths.map((name) => rawEntry({ path: name }))), 3);
    const bytes = Buffer.concat([await framesOf(Buffer.concat(start())), ...Array.from({ length: 125 }, () => frame)]);
    await refuseAll(bytes, 'it holds more than the 7 entries of 3 images: "tier3/images/a000004.jpg"');
  });
});

describe("an archive that was damaged", () => {
  const pack = async () => {
    const tar = tarOf(goodEntries());
    const frames = Array.from({ length: Math.ceil(tar.length / 2048) }, (_, index) =>
      compress(tar.subarray(index * 2048, (index + 1) * 2048), 3),
    );
    return Buffer.concat(await Promise.all(frames));
  };

  it("is refused when it ends too early, at any of 60 places", async () => {
    const bytes = await pack();
    for (let index = 0; index < 60; index += 1) {
      const cut = bytes.subarray(0, Math.floor((index * bytes.length) / 60));
      expect(await refusalOf(cut)).toMatch(/is cut|is empty|holds no/);
      if (index % 6 !== 0) continue;
      expect(await refusalOf(cut, expectedOf(bytes))).toContain(`${cut.length} bytes, expected ${bytes.length}`);
    }
  });

  it("is refused when a bit was flipped, at any of 60 places, or its images are as they were", () => flipBits(60));
  it("is refused when a bit was flipped, at any of 240 places", { tags: ["slow"] }, () => flipBits(240));

  async function flipBits(places: number): Promise<void> {
    const bytes = await pack();
    let taken = 0;
    for (let index = 0; index < places; index += 1) {
      const at = Math.floor((index * bytes.length) / places);
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(bytes.readUInt8(at) ^ (1 << (index % 8)), at);
      // Whoever knows the SHA-256 of the good archive takes no other.
      if (index % 8 === 3) await refusalOf(flipped, expectedOf(bytes));
      await writeFile(archive, flipped);
      const failed = await unpackTier(archive, place(), expectedOf(flipped)).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failed === undefined) {
        taken += 1;
        expect(await unpackedImages()).toBe(IMAGES_TEXT);
        await rm(place(), { recursive: true });
      } else expect(failed).toBeInstanceOf(ArtifactError);
      await expectNothingLeft();
    }
    // Bits of times, and of words in the documents.
    expect(taken).toBeLessThan(places / 6);
  }
});

it("has far more than sixty kinds of them", () => {
  expect(names.length + kinds.length + sizes.length + manifests.length + frames.length).toBeGreaterThan(120);
});
