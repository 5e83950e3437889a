/**
 * Purpose: measures the start of every script: the CPU time of `node scripts/bench/NAME.mjs --help` as a multiple of that of `node -e 0`.
 * Reads: the launchers in scripts/bench.
 * Writes: the measurement that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe.
 * Example: npm run bench:self:start
 */
import { integerFlag, launch, optionalPath, runScript, type ScriptIo, type ScriptSpec } from "@forgebench/io";
import { endMeasuring, measureStarts } from "@forgebench/lab";

const flags = {
  pairs: integerFlag({
    min: 1,
    max: 1000,
    unit: "pairs",
    fallback: 7,
    description: "starts of each script, beside Node's",
  }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:self:start --",
  purpose: "Measures what it costs to start each script, against an empty Node program.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "CPU time, of user and system, so that a busy machine matters little; the ratio is that of the two medians. The two\ntake turns. Exit 2 when a script is above the limit.",
  ],
  examples: ["npm run bench:self:start", "npm run bench:self:start -- --pairs 21"],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) =>
    endMeasuring(io, "bench:self:start", await measureStarts(values.pairs, io), values),
  );
}

await launch(import.meta.url, main);
