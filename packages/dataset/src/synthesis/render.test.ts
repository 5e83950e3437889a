import { createHash } from "node:crypto";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeImage, settleEncoders } from "./encode.ts";
import { type ImagePlan, planSynthesis } from "./plan.ts";
import { SYNTHESIS_VERSION } from "./pool.ts";
import { Renderer } from "./render.ts";

const SEED = 20260215;

interface Made {
  readonly plan: ImagePlan;
  readonly content: Buffer;
  readonly pixelHash: string;
}

const made: Made[] = [];

async function make(plan: ImagePlan, renderer: Renderer): Promise<Made> {
  const raster = renderer.render(plan);
  const { buffer, byteOffset, byteLength } = raster.samples;
  const pixelHash = createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");
  const content = await encodeImage(raster, plan);
  raster.release();
  return { plan, content, pixelHash };
}

beforeAll(async () => {
  settleEncoders();
  const renderer = new Renderer(SEED);
  for (const plan of planSynthesis(SEED, 40)) made.push(await make(plan, renderer));
});

describe("a pool of 40 images", () => {
  it("holds what the plan says: sizes, orientation, alpha, depth, colour space, frames", async () => {
    for (const { plan, content } of made) {
      const found = await sharp(content, { pages: -1 }).metadata();
      expect(found.format, plan.file).toBe(plan.format === "jpg" ? "jpeg" : plan.format);
      expect([found.width, found.pageHeight ?? found.height], plan.file).toEqual([plan.width, plan.height]);
      expect(found.orientation ?? 1, plan.file).toBe(plan.orientation);
      expect(found.pages ?? 1, plan.file).toBe(plan.frames);
      if (plan.format === "gif") continue;
      expect(found.hasAlpha, plan.file).toBe(plan.encoding.hasAlpha);
      expect(found.depth, plan.file).toBe(plan.encoding.bitsPerSample === 16 ? "ushort" : "uchar");
      expect(found.channels, plan.file).toBe(channelsInFile(plan));
      expect(found.isProgressive ?? false, plan.file).toBe(plan.encoding.progressive);
    }
  });

  it("has no two images with the same pixels or bytes", () => {
    expect(new Set(made.map(({ pixelHash }) => pixelHash)).size).toBe(made.length);
    expect(new Set(made.map(({ content }) => content.toString("base64"))).size).toBe(made.length);
  });

  it("weighs what photographs weigh as JPEG", () => {
    const jpegs = made.filter(({ plan }) => plan.format === "jpg");
    const bytesPerPixel = jpegs.map(({ plan, content }) => content.length / (plan.width * plan.height));
    const inRange = bytesPerPixel.filter((value) => value >= 0.15 && value <= 0.6).length;
    expect(inRange / jpegs.length).toBeGreaterThanOrEqual(0.9);
  });

  it("is decoded in full by a strict decoder", { tags: ["slow"] }, async () => {
    for (const { plan, content } of made) {
      const stats = await sharp(content, { failOn: "warning" }).stats();
      expect(stats.channels.length, plan.file).toBeGreaterThan(0);
      expect(stats.entropy, plan.file).toBeGreaterThan(0.5);
    }
  });

  it("has transparent and opaque pixels where there is alpha", async () => {
    const withAlpha = made.filter(({ plan }) => plan.content === "cut-out");
    expect(withAlpha.length).toBeGreaterThan(0);
    for (const { plan, content } of withAlpha) {
      const alpha = (await sharp(content).stats()).channels[3];
      expect([alpha?.min, alpha?.max], plan.file).toEqual([0, 255]);
    }
  });

  it("has frames that differ from one another", async () => {
    for (const { plan, content } of made.filter(({ plan: { frames } }) => frames > 1)) {
      const frames = await Promise.all([0, 1].map((page) => sharp(content, { page }).raw().toBuffer()));
      expect(frames[0]?.equals(frames[1] ?? Buffer.alloc(0)), plan.file).toBe(false);
    }
  });
});

describe("Renderer", () => {
  it("gives the pixels of synthesis version 1; raise SYNTHESIS_VERSION when they change", () => {
    expect(SYNTHESIS_VERSION).toBe("1");
    const all = made.map(({ plan, pixelHash }) => `${plan.file} ${pixelHash}\n`).join("");
    expect(createHash("sha256").update(all).digest("hex")).toBe(
      "69b7b9968dce4dca9c56fcf96cf72458e266f86167ecd16e4e2730b9306a757b",
    );
  });

  it("gives the same pixels whatever it rendered before", async () => {
    const [first, second] = [made[3], made[20]];
    if (first === undefined || second === undefined) throw new Error("too few images");
    const renderer = new Renderer(SEED);
    for (const { plan, pixelHash } of [second, first, second, first]) {
      expect((await make(plan, renderer)).pixelHash, plan.file).toBe(pixelHash);
    }
  });

  it("stores an oriented picture so that a viewer who applies the orientation sees it upright", async () => {
    const plan = made.find(
      ({ plan: { format, encoding } }) => format === "jpg" && encoding.colourSpace === "rgb",
    )?.plan;
    if (plan === undefined) throw new Error("no colour jpg");
    const renderer = new Renderer(SEED);
    const upright = Buffer.from(renderer.render({ ...plan, width: 300, height: 200, orientation: 1 }).samples);
    for (const orientation of [2, 3, 4, 5, 6, 7, 8]) {
      const [width, height] = orientation >= 5 ? [200, 300] : [300, 200];
      const { samples, channels } = renderer.render({ ...plan, width, height, orientation });
      const stored = sharp(samples, { raw: { width, height, channels } }).withMetadata({ orientation });
      const seen = await sharp(await stored.png().toBuffer())
        .autoOrient()
        .raw()
        .toBuffer();
      expect(seen.equals(upright), `orientation ${orientation}`).toBe(true);
    }
  });
});

function channelsInFile({ encoding }: ImagePlan): number {
  if (encoding.hasAlpha || encoding.colourSpace === "cmyk") return 4;
  return encoding.colourSpace === "grey" ? 1 : 3;
}
