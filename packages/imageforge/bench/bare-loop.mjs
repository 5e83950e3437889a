// What imageforge is measured against: the same encodes as `imageforge INPUT --out-dir OUT …`, and nothing else. No cache,
// no manifest, no checks. Run by scripts/bench/measure-subject.ts, which compares the files byte for byte.
//
// node bare-loop.mjs '{"input": DIR, "out": DIR, "formats": [], "quality": N, "blur": true, "widths": [], "concurrency": N}'
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";

const { input, out, formats, quality, blur, widths, concurrency } = JSON.parse(process.argv[2]);
sharp.cache(false);
sharp.concurrency(1);
mkdirSync(out, { recursive: true });

const open = ({ data, info: { width, height, channels } }) => sharp(data, { raw: { width, height, channels } });
const pixelsOf = (image) => image.raw().toBuffer({ resolveWithObject: true });

async function encode(name) {
  const { name: stem } = path.parse(name);
  const full = await pixelsOf(sharp(readFileSync(path.join(input, name))).autoOrient());
  const fitting = widths.filter((width) => width <= full.info.width);
  for (const width of fitting.length === 0 ? [undefined] : fitting) {
    const scaled = width === undefined || width === full.info.width ? full : await pixelsOf(open(full).resize(width));
    for (const format of formats) {
      const file = path.join(out, `${stem}${width === undefined ? "" : `-${width}w`}.${format}`);
      await open(scaled).toFormat(format, { quality }).toFile(file);
    }
  }
  if (blur) await open(full).resize({ width: 16, height: 16, fit: "inside" }).webp({ quality: 40 }).toBuffer();
}

const queue = readdirSync(input).sort().values();
const work = async () => {
  for (const name of queue) await encode(name);
};
await Promise.all(Array.from({ length: concurrency }, work));
