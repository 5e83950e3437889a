/**
 * Purpose: measures what the runner adds to a wall time: the same commands by its executor and by `hyperfine -N`, in turn.
 * Reads: nothing.
 * Writes: the measurement that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe.
 * Example: npm run bench:overhead
 */
import { integerFlag, launch, optionalPath, runScript, type ScriptIo, type ScriptSpec } from "@forgebench/io";
import { endMeasuring, measureOverhead } from "@forgebench/lab";

const flags = {
  blocks: integerFlag({ min: 2, max: 10_000, unit: "blocks", fallback: 50, description: "blocks of each command" }),
  "runs-per-block": integerFlag({
    min: 2,
    max: 1000,
    unit: "runs",
    fallback: 3,
    description: "runs of each side in a block",
  }),
  "ballast-mb": integerFlag({
    min: 0,
    max: 4000,
    unit: "MB",
    fallback: 200,
    description: "memory that the measuring process holds in the second part",
  }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:overhead --",
  purpose: "Measures what the runner adds to a wall time, against hyperfine -N.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "A block is some runs by the runner and as many by hyperfine, in random order, in the same environment. The difference\nis the median over the blocks of the difference of the two medians. Exit 2 when a goal is missed, 69 without hyperfine.",
  ],
  examples: ["npm run bench:overhead", "npm run bench:overhead -- --blocks 100 --out-json .tmp/overhead.json"],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) =>
    endMeasuring(io, "bench:overhead", await measureOverhead(values, io), values),
  );
}

await launch(import.meta.url, main);
