import path from "node:path";
import { crc32 } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "./errors.ts";
import { filesBelow, forge, picture, put, putJpeg, temporaryFolder } from "./test-helpers.ts";

let input = "";
let out = "";

beforeEach(async () => {
  const root = await temporaryFolder();
  input = path.join(root, "in");
  out = path.join(root, "out");
});

const run = (...flags: string[]) => forge(input, "--out-dir", out, "--json", ...flags);

type Colour = readonly [number, number, number];
const CORNERS: readonly Colour[] = [
  [220, 30, 30],
  [30, 200, 30],
  [30, 30, 220],
  [230, 230, 40],
];

/** Four fields of one colour each: top left, top right, bottom left, bottom right. */
function fields(width: number, height: number): Sharp {
  const data = Buffer.alloc(width * height * 3);
  for (let index = 0; index < width * height; index += 1) {
    const x = index % width;
    const y = Math.floor(index / width);
    data.set(CORNERS[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)] ?? [], index * 3);
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** The index in CORNERS of the colour in the middle of each field. */
async function cornersOf(file: string): Promise<readonly number[]> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const middles = [0.25, 0.75].flatMap((y) => [0.25, 0.75].map((x) => [x, y] as const));
  return middles.map(([x, y]) => {
    const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels;
    const distances = CORNERS.map((colour) =>
      colour.reduce((sum, value, channel) => sum + Math.abs(value - (data[at + channel] ?? 0)), 0),
    );
    return distances.indexOf(Math.min(...distances));
  });
}

describe("EXIF orientation", () => {
  // For each orientation, which stored field is seen top left, top right, bottom left, bottom right (TIFF 6.0, tag 274).
  const SEEN: readonly (readonly number[])[] = [
    ...[
      [0, 1, 2, 3],
      [1, 0, 3, 2],
      [3, 2, 1, 0],
      [2, 3, 0, 1],
    ],
    ...[
      [0, 2, 1, 3],
      [2, 0, 3, 1],
      [3, 1, 2, 0],
      [1, 3, 0, 2],
    ],
  ];

  it.each(SEEN.map((seen, index) => [index + 1, seen] as const))("%i comes out upright", async (orientation, seen) => {
    const photo = await fields(64, 32).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
    await put(input, "p.jpg", photo);
    expect((await run("--formats", "webp,avif", "--widths", "16,32,64")).exitCode).toBe(EXIT.ok);
    const sideways = orientation >= 5;
    const widths = sideways ? [16, 32] : [16, 32, 64];
    const names = widths.flatMap((width) => [`p-${width}w.avif`, `p-${width}w.webp`]).sort();
    expect([...(await filesBelow(out)).keys()]).toEqual(["manifest.json", ...names].sort());
    for (const name of names) {
      expect(await cornersOf(path.join(out, name))).toEqual(seen);
      const { width, height, orientation: left } = await sharp(path.join(out, name)).metadata();
      expect({ ratio: (width ?? 0) / (height ?? 1), left }).toEqual({ ratio: sideways ? 0.5 : 2, left: undefined });
    }
  });
});

describe("sources of every kind", () => {
  const upright = () => fields(40, 40);
  const kinds: Readonly<Record<string, () => Sharp>> = {
    "grey.jpg": () => upright().toColourspace("b-w").jpeg(),
    "cmyk.jpg": () => upright().toColourspace("cmyk").jpeg({ quality: 95 }),
    "cmyk.tif": () => upright().toColourspace("cmyk").tiff(),
    "sixteen.png": () => upright().toColourspace("rgb16").png(),
    "sixteen.tiff": () => upright().toColourspace("rgb16").tiff(),
    "grey16.png": () => upright().toColourspace("grey16").png(),
    "palette.png": () => upright().png({ palette: true }),
    "alpha.png": () => upright().ensureAlpha(0.5).png(),
    "still.gif": () => upright().gif(),
    "source.webp": () => upright().webp({ quality: 95 }),
    "UPPER.JPEG": () => upright().jpeg(),
  };

  it.each(Object.entries(kinds))("%s keeps its picture", async (name, make) => {
    await put(input, name, await make().toBuffer());
    const done = await run("--formats", "webp,avif", "--quality", "95");
    expect(done.report().errors).toEqual([]);
    const stem = name.replace(/\.\w+$/, "");
    for (const format of ["webp", "avif"]) {
      const file = path.join(out, `${stem}.${format}`);
      if (!name.startsWith("grey")) expect(await cornersOf(file)).toEqual([0, 1, 2, 3]);
    }
    if (name === "alpha.png") {
      for (const format of ["webp", "avif"]) {
        const { channels } = await sharp(path.join(out, `alpha.${format}`)).stats();
        expect(channels[3]?.mean).toBeCloseTo(128, -1);
      }
    }
  });

  it("grey keeps its brightness, in 8 and 16 bits", async () => {
    const grey = sharp({ create: { width: 20, height: 20, channels: 3, background: { r: 90, g: 90, b: 90 } } });
    await put(input, "eight.png", await grey.clone().toColourspace("b-w").png().toBuffer());
    await put(input, "sixteen.png", await grey.clone().toColourspace("grey16").png().toBuffer());
    await run();
    for (const name of ["eight.webp", "sixteen.webp"]) {
      const { channels } = await sharp(path.join(out, name)).stats();
      expect(Math.abs((channels[0]?.mean ?? 0) - 90)).toBeLessThan(3);
    }
  });

  it("takes the first frame of an animation", async () => {
    const frames = await Promise.all(
      CORNERS.slice(0, 3).map(([r, g, b]) =>
        sharp({ create: { width: 20, height: 20, channels: 3, background: { r, g, b } } })
          .png()
          .toBuffer(),
      ),
    );
    await put(
      input,
      "moving.gif",
      await sharp(frames, { join: { animated: true } })
        .gif()
        .toBuffer(),
    );
    await put(
      input,
      "moves.webp",
      await sharp(frames, { join: { animated: true } })
        .webp()
        .toBuffer(),
    );
    await run();
    for (const name of ["moving.webp", "moves.webp"]) {
      const file = path.join(out, name);
      expect((await sharp(file).metadata()).pages ?? 1).toBe(1);
      expect(await cornersOf(file)).toEqual([0, 0, 0, 0]);
    }
  });

  it("goes by the content, not by the name", async () => {
    await put(input, "really-a-png.jpg", await fields(40, 40).png().toBuffer());
    expect((await run()).report().summary).toMatchObject({ processed: 1, failed: 0 });
  });

  it("takes a picture of one pixel, and one of one row", async () => {
    await put(input, "dot.png", await (await picture({ width: 1, height: 1 })).png().toBuffer());
    await put(input, "row.png", await (await picture({ width: 900, height: 1 })).png().toBuffer());
    expect((await run("--widths", "10")).report().summary).toMatchObject({ processed: 2, failed: 0 });
  });
});

describe("a bad image", () => {
  /** A PNG whose header announces another size. */
  async function pngOfSize(width: number, height: number): Promise<Buffer> {
    const png = await fields(8, 8).png().toBuffer();
    png.writeUInt32BE(width, 16);
    png.writeUInt32BE(height, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    return png;
  }

  const big = async (format: "jpeg" | "png" | "gif" | "tiff" | "webp") =>
    (await picture({ width: 200, height: 150 })).toFormat(format).toBuffer();
  const cut = (bytes: Buffer, share: number) => bytes.subarray(0, Math.floor(bytes.length * share));

  const bad: Readonly<Record<string, readonly [() => Promise<Buffer>, RegExp]>> = {
    "empty.png": [async () => Buffer.alloc(0), /^is empty \(0 bytes\)$/],
    "text.jpg": [async () => Buffer.from("Dear reader,\n"), /^is not an accepted image/],
    "vector.png": [async () => Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"), /^is not an accepted image/],
    "huge.png": [
      () => pngOfSize(30_000, 30_000),
      /^has 30000 × 30000 = 900000000 pixels, more than .* 100000000 \(--max/,
    ],
    "half.jpg": [async () => cut(await big("jpeg"), 0.5), /^cannot be decoded: ./],
    "almost.jpg": [async () => cut(await big("jpeg"), 0.95), /^cannot be decoded: ./],
    "half.png": [async () => cut(await big("png"), 0.5), /^cannot be decoded: ./],
    "half.gif": [async () => cut(await big("gif"), 0.5), /^cannot be decoded: ./],
    "half.tif": [async () => cut(await big("tiff"), 0.5), /^cannot be decoded: ./],
    "half.webp": [async () => cut(await big("webp"), 0.5), /^cannot be decoded: ./],
    "head.jpg": [async () => Buffer.from([0xff, 0xd8, 0xff, 0xe0]), /^cannot be decoded: ./],
    "wide.png": [
      async () => (await picture({ width: 16_390, height: 1 })).png().toBuffer(),
      /^cannot be written as webp: .*too large/,
    ],
  };

  it.each(Object.entries(bad))("%s fails itself and not the batch", async (name, [make, reason]) => {
    await putJpeg(input, "good.jpg");
    await put(input, name, await make());
    const done = await run("--formats", "webp");
    expect(done.exitCode).toBe(EXIT.someFailed);
    expect(done.report().summary).toMatchObject({ total: 2, processed: 1, cached: 0, failed: 1 });
    expect(done.report().errors).toEqual([{ file: name, reason: expect.stringMatching(reason) }]);
    expect([...(await filesBelow(out)).keys()]).toEqual(["good.webp", "manifest.json"]);
    // A failure is not remembered: the next run tries again, and the good image stays cached.
    expect((await run("--formats", "webp")).report().summary).toMatchObject({ processed: 0, cached: 1, failed: 1 });
  });

  it("is refused by its pixels at the limit, not before", async () => {
    await put(input, "p.png", await (await picture({ width: 20, height: 10 })).png().toBuffer());
    expect((await run("--max-pixels", "199")).exitCode).toBe(EXIT.someFailed);
    expect((await run("--max-pixels", "200")).exitCode).toBe(EXIT.ok);
  });

  it("keeps the outputs that it had when it was good", async () => {
    await putJpeg(input, "p.jpg");
    await run();
    const before = await filesBelow(out);
    await put(input, "p.jpg", cut(await big("jpeg"), 0.5));
    expect((await run()).exitCode).toBe(EXIT.someFailed);
    expect((await filesBelow(out)).get("p.webp")).toEqual(before.get("p.webp"));
  });
});
