/**
 * Purpose: measures generate-synthetic: wall time, CPU time against encoding the same pixels, memory, and the size of the JPEGs.
 * Reads: nothing.
 * Writes: a pool in a fresh folder below .tmp/bench/self, removed at the end, and the measurement that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe.
 * Example: npm run bench:self:synthetic -- --count 60
 */
import { integerFlag, launch, optionalPath, runScript, type ScriptIo, type ScriptSpec } from "@forgebench/io";
import { endMeasuring, measureSynthetic } from "@forgebench/lab";

const flags = {
  count: integerFlag({ min: 1, max: 100_000, unit: "images", fallback: 600, description: "images of the pool" }),
  seed: integerFlag({ min: 0, max: 4_294_967_295, unit: "a seed", fallback: 20260215, description: "of the pool" }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:self:synthetic --",
  purpose: "Measures generate-synthetic as a user runs it, then the CPU time that encoding the same pixels takes.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "The generator is a process of its own with its default concurrency; its CPU time (user and system, all threads, start-up,\nhashing and writing included) and peak memory come from the meter of bench:run. Then the same plans are rendered and encoded here, one\nafter the other, and only the encoder's calls are counted: the reference. GIF is left out of both: the time of its rendering and\nencoding in the second pass is subtracted from the time of the process. Exit 2 when a goal is missed.",
  ],
  examples: ["npm run bench:self:synthetic", "npm run bench:self:synthetic -- --count 60 --out-json synthetic.json"],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) =>
    endMeasuring(io, "bench:self:synthetic", await measureSynthetic(values, io), values),
  );
}

await launch(import.meta.url, main);
