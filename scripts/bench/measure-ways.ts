/**
 * Purpose: measures how often sessions that were measured separately, and success counts, are judged wrongly, and how often rightly.
 * Reads: nothing; the samples are made up.
 * Writes: the measurement that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the same seed gives the same figures.
 * Example: npm run bench:self:ways
 */
import { integerFlag, launch, optionalPath, runScript, type ScriptIo, type ScriptSpec, textFlag } from "@forgebench/io";
import { endMeasuring, measureWays } from "@forgebench/lab";

const flags = {
  comparisons: integerFlag({
    min: 100,
    max: 1_000_000,
    unit: "comparisons",
    fallback: 2000,
    description: "made up for each figure",
  }),
  seed: textFlag({
    pattern: /^[\w.-]{1,64}$/,
    expected: "1 to 64 letters, digits, dots, dashes",
    fallback: "ways",
    description: "of the simulation",
  }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:self:ways --",
  purpose:
    "Measures how often sessions measured separately, and success counts, are judged wrongly, and how often rightly.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "One question alone, with an error of 1 % for both directions together. Exit 2 when a goal is missed.\ndocs/sessions-and-successes.md says how each is judged, and has more rows.",
  ],
  examples: ["npm run bench:self:ways", "npm run bench:self:ways -- --comparisons 10000 --out-json ways.json"],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) =>
    endMeasuring(io, "bench:self:ways", await measureWays(values, io), values),
  );
}

await launch(import.meta.url, main);
