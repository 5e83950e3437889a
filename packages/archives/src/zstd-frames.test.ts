import { execFileSync, spawnSync } from "node:child_process";
import { compress } from "@mongodb-js/zstd";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unpackedBoundBytes } from "./zstd-bound.ts";
import { unzstdFrames, zstdFrames } from "./zstd-frames.ts";

const HAS_ZSTD = spawnSync("zstd", ["--version"]).status === 0;

describe("zstdFrames", () => {
  it("keeps the order, and hands a failure on", async () => {
    async function* pieces(fails: boolean) {
      for (let index = 0; index < 9; index += 1) yield Buffer.alloc(index % 2 === 0 ? 300_000 : 10, index);
      if (fails) throw new Error("the reader failed");
    }
    const chunks: Buffer[] = [];
    for await (const chunk of zstdFrames(pieces(false), { level: 3, inFlight: 2 })) chunks.push(chunk);
    expect(chunks).toHaveLength(9);
    const drain = async () => {
      for await (const _ of zstdFrames(pieces(true), { level: 3, inFlight: 2 }));
    };
    await expect(drain()).rejects.toThrow("the reader failed");
    if (!HAS_ZSTD) return;
    const plain = execFileSync("zstd", ["-dc"], { input: Buffer.concat(chunks), maxBuffer: 1 << 24 });
    const lengths = [...new Set(plain)].map((value) => plain.filter((byte) => byte === value).length);
    expect([...new Set(plain)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(lengths).toEqual([300_000, 10, 300_000, 10, 300_000, 10, 300_000, 10, 300_000]);
  });
});

const LIMITS = { maxFrameBytes: 1 << 20, inFlight: 2 };

async function unpack(packed: Buffer, pieceBytes: number, limits = LIMITS): Promise<Buffer> {
  // One buffer for all pieces, since a reader may use it again.
  const buffer = Buffer.alloc(pieceBytes);
  async function* pieces() {
    for (let from = 0; from < packed.length; from += pieceBytes) {
      yield buffer.subarray(0, packed.copy(buffer, 0, from, from + pieceBytes));
    }
  }
  const plain: Buffer[] = [];
  for await (const part of unzstdFrames(pieces(), limits)) plain.push(part);
  return Buffer.concat(plain);
}

describe("unzstdFrames", () => {
  const frames = async (contents: readonly Buffer[]) =>
    Buffer.concat(await Promise.all(contents.map((content) => compress(content, 3))));

  it("gives back what was packed, whatever the pieces and the frames", async () => {
    const content = fc.uint8Array({ maxLength: 300 });
    const contents = fc.array(fc.tuple(content, fc.integer({ min: 1, max: 900 })), { minLength: 1, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(contents, fc.integer({ min: 1, max: 4000 }), async (list, pieceBytes) => {
        const parts = list.map(([bytes, times]) =>
          Buffer.concat(Array.from({ length: times }, () => Buffer.from(bytes))),
        );
        const packed = await frames(parts);
        expect((await unpack(packed, pieceBytes)).equals(Buffer.concat(parts))).toBe(true);
        expect(unpackedBoundBytes(packed)).toBeGreaterThanOrEqual(Buffer.concat(parts).length);
      }),
      { numRuns: 40 },
    );
  });

  it.skipIf(!HAS_ZSTD)("reads what the zstd of the system writes, with and without checksum and size", async () => {
    const content = Buffer.from(Array.from({ length: 60_000 }, (_, index) => (index * index) >> 7));
    for (const options of [[], ["--no-check"], ["--check"], ["-19"], ["--fast"], ["--no-content-size"]]) {
      const packed = execFileSync("zstd", ["-c", ...options], { input: content });
      expect((await unpack(packed, 1000)).equals(content)).toBe(true);
    }
  });

  it("says what is wrong before it unpacks", async () => {
    const packed = await frames([Buffer.alloc(1000, 1), Buffer.alloc(1000, 2)]);
    await expect(unpack(packed, 99, { maxFrameBytes: 999, inFlight: 2 })).rejects.toThrow("could unpack to more than");
    await expect(unpack(packed.subarray(0, -1), 99)).rejects.toThrow("it is cut within a frame");
    await expect(unpack(Buffer.alloc(0), 99)).rejects.toThrow("it is empty");
    await expect(unpack(Buffer.concat([packed, Buffer.from("garbage")]), 99)).rejects.toThrow("no Zstandard frame");
  });
});
