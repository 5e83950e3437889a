/**
 * Purpose: measures whether waiting for a quiet machine decides more cells under a load that comes and goes.
 * Reads: the reference subject; the images that it makes for itself.
 * Writes: the measurements in --out-dir, and the figures that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the measurements are made anew.
 * Example: npm run bench:self:waiting
 */
import { integerFlag, launch, optionalPath, pathFlag, runScript, type ScriptIo, type ScriptSpec } from "@forgebench/io";
import { endMeasuring, measureWaiting } from "@forgebench/lab";

const flags = {
  pairs: integerFlag({ min: 1, max: 1000, unit: "pairs", fallback: 4, description: "measurements with and without" }),
  "max-blocks": integerFlag({
    min: 13,
    max: 1000,
    unit: "blocks",
    fallback: 30,
    description: "of a cell at most; then it stays undecided",
  }),
  suite: pathFlag({ placeholder: "FILE", fallback: "suites/imageforge.yaml", description: "how the subject is run" }),
  "out-dir": pathFlag({ fallback: ".tmp/bench/self/waiting", description: "the folder of the measurements" }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the figures as JSON" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:self:waiting --",
  purpose: "Measures whether waiting for a quiet machine decides more cells under a load that comes and goes.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "The load: a program on each processor that is busy for 5 s of every 15. The reference subject is compared with itself, in\nturn with and without waiting, so every alert is a false one. Exit 2 if waiting decides less than 1.2 times as many a minute.",
  ],
  examples: ["npm run bench:self:waiting", "npm run bench:self:waiting -- --pairs 10 --out-json waiting.json"],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) =>
    endMeasuring(io, "bench:self:waiting", await measureWaiting(values, io), values),
  );
}

await launch(import.meta.url, main);
