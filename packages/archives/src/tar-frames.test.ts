import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tarFrames } from "./tar-frames.ts";
import type { ArchiveEntry } from "./tar-header.ts";

/** A tar stream of contents in memory, with frames of a size; contents come in bites of at most `bite` bytes. */
async function tarOf(contents: ReadonlyMap<string, Buffer>, frameBytes: number, bite: number): Promise<Buffer[]> {
  const entries = [...contents].map(([name, content]) => ({ path: name, sizeBytes: content.length }));
  const frames: Buffer[] = [];
  const openEntry = async ({ path: name }: ArchiveEntry) => {
    let rest = contents.get(name) ?? Buffer.alloc(0);
    return {
      read: async (target: Uint8Array) => {
        const part = rest.subarray(0, Math.min(bite, target.length));
        target.set(part);
        rest = rest.subarray(part.length);
        return part.length;
      },
      close: async () => undefined,
    };
  };
  const options = { mtimeSeconds: 1_767_225_600, openEntry, nextFrame: () => Buffer.alloc(frameBytes, 0xee) };
  for await (const frame of tarFrames(entries, options)) frames.push(frame);
  return frames;
}

describe("tarFrames", () => {
  it("gives the same stream whatever the frames, the bites of the reader and the order of the entries", async () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,30}\.jpg$/), { minLength: 1, maxLength: 6 });
    const content = fc.uint8Array({ maxLength: 2000 });
    await fc.assert(
      fc.asyncProperty(
        names,
        fc.array(content, { minLength: 6, maxLength: 6 }),
        fc.integer({ min: 1, max: 5000 }),
        async (list, data, size) => {
          const contents = new Map(list.map((name, index) => [name, Buffer.from(data[index] ?? [])]));
          const [whole] = await tarOf(contents, 1 << 20, 1 << 20);
          const frames = await tarOf(new Map([...contents].reverse()), size, Math.ceil(size / 3));
          expect(frames.slice(0, -1).every((frame) => frame.length === size)).toBe(true);
          expect(Buffer.concat(frames).equals(whole ?? Buffer.alloc(0))).toBe(true);
          const blocks = [...contents.values()].map(({ length }) => 1 + Math.ceil(length / 512));
          expect(whole?.length).toBe(512 * blocks.reduce((sum, count) => sum + count, 2));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("says when a content is shorter or longer than its entry", async () => {
    const stream = async (given: string) => {
      let rest = Buffer.from(given);
      const read = async (target: Uint8Array) => {
        const part = rest.subarray(0, target.length);
        target.set(part);
        rest = rest.subarray(part.length);
        return part.length;
      };
      const openEntry = async () => ({ read, close: async () => undefined });
      const options = { mtimeSeconds: 0, openEntry, nextFrame: () => Buffer.alloc(4096) };
      for await (const _ of tarFrames([{ path: "a.jpg", sizeBytes: 4 }], options));
    };
    await expect(stream("abcd")).resolves.toBeUndefined();
    await expect(stream("abc")).rejects.toThrow('Cannot pack "a.jpg": it is shorter than the 4 bytes');
    await expect(stream("abcde")).rejects.toThrow('Cannot pack "a.jpg": it is longer than the 4 bytes');
  });

  it("refuses what a plain header cannot hold", async () => {
    await expect(tarOf(new Map([[`${"x".repeat(200)}.jpg`, Buffer.from("a")]]), 4096, 10)).rejects.toThrow(
      "does not fit",
    );
  });
});
