/**
 * Purpose: makes a pool of photo-like images, the same bytes for the same seed on every machine.
 * Reads: the files of an earlier run in the folder, to make only missing or damaged images.
 * Writes: the images and synthetic-manifest.json in --out-dir; while it runs also .synthetic-progress.jsonl and a lock.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; correct images are kept. The manifest exists only if the pool is complete.
 * Example: pnpm run bench:dataset:synthetic -- --count 48
 */
import {
  EXIT,
  integerFlag,
  launch,
  optionalInteger,
  pathFlag,
  printOutputs,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  switchFlag,
} from "@forgebench/io";
import { imagesStep } from "@forgebench/steps";

const flags = {
  "out-dir": pathFlag({ placeholder: "DIR", fallback: ".tmp/bench/synthetic", description: "where the images go" }),
  count: integerFlag({ min: 1, max: 100_000, unit: "images", fallback: 800, description: "images to make" }),
  seed: integerFlag({
    min: 0,
    max: 4_294_967_295,
    unit: "a seed",
    fallback: 20260215,
    description: "decides every pixel",
  }),
  concurrency: optionalInteger({
    min: 1,
    max: 256,
    unit: "images",
    description: "images made at the same time; default: the cores of this machine. It does not change the bytes",
  }),
  timings: switchFlag({ description: "print the cost of rendering and encoding; makes one image after the other" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:dataset:synthetic --",
  purpose:
    "Makes a pool of photo-like images: 65 % jpg, 25 % png, 5 % gif, 5 % tiff; 40 % small, 40 % medium, 16 % large, 4 % very large.",
  flags,
  outputs: { SYNTHETIC_MANIFEST: "the manifest of the pool, synthetic-manifest.json" },
  notes: [
    "The same seed and count give the same bytes with the same sharp version (recorded in the manifest), whatever the folder,\ntime zone, locale, umask and number of cores. generatedAt is SOURCE_DATE_EPOCH, else a fixed date.",
    "A second run verifies each image by SHA-256 and makes only missing or damaged ones. With other arguments, images of the\nearlier run that do not belong to the pool are removed if they are unchanged; other files are left alone.",
    "--timings: CPU time (user and system, all threads) of the process while it renders and while it encodes, one image at a\ntime; encoding is the call of the encoder on finished pixels. The last line adds start-up, hashing and writing. Only images\nthat this run makes are counted.",
  ],
  examples: [
    "pnpm run bench:dataset:synthetic -- --count 48",
    "pnpm run bench:dataset:synthetic -- --out-dir /tmp/pool --count 600 --seed 7 --timings",
  ],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) => {
    await printOutputs(io, { SYNTHETIC_MANIFEST: await imagesStep(values, io) });
    return EXIT.ok;
  });
}

await launch(import.meta.url, main);
