import fc from "fast-check";
import { expect, it } from "vitest";
import { TarReader } from "./tar-reader.ts";
import { readTar, writeTar } from "./tar-stream.ts";

const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,30}\.json$/), { minLength: 1, maxLength: 6 });
const contents = fc.array(fc.uint8Array({ maxLength: 1500 }), { minLength: 6, maxLength: 6 });

it("reads what was written, in any pieces", () => {
  fc.assert(
    fc.property(names, contents, fc.integer({ min: 1, max: 3000 }), (list, data, pieceBytes) => {
      const files = list.map((name, index) => [name, Buffer.from(data[index] ?? [])] as const);
      const tar = writeTar(files, 1_767_225_600);
      expect([...readTar(tar, list)]).toEqual(files);
      const found: [string, Buffer][] = [];
      const reader = new TarReader({
        begin: ({ path }) => found.push([path, Buffer.alloc(0)]),
        content: (bytes) => {
          const last = found.at(-1);
          if (last !== undefined) last[1] = Buffer.concat([last[1], bytes]);
        },
        end: () => undefined,
      });
      for (let from = 0; from < tar.length; from += pieceBytes) reader.push(tar.subarray(from, from + pieceBytes));
      reader.finish();
      expect(found).toEqual(files);
    }),
    { numRuns: 60 },
  );
});

it("takes no stream in which a bit of a header was flipped", () => {
  const tar = writeTar([["a.json", Buffer.from("content")]], 1_767_225_600);
  for (let at = 0; at < 512; at += 1) {
    const flipped = Buffer.from(tar);
    flipped.writeUInt8(tar.readUInt8(at) ^ 1, at);
    expect(() => readTar(flipped, ["a.json"])).toThrow();
  }
});
