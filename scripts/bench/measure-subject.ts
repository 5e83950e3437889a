/**
 * Purpose: measures the cost of the reference subject: a warm run of one image against `node -e 0`, and a cold batch against a
 *   bare sharp loop that does the same encodes. The two sides of a pair run one after the other, and take turns to be first.
 * Reads: dist/cli.js or --cli-path, the pictures of --images, packages/imageforge/bench/bare-loop.mjs.
 * Writes: .tmp/bench/self-subject or --workspace, and the measurement that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; its files there are made anew.
 * Example: npm run bench:self:subject
 */
import {
  integerFlag,
  launch,
  listFlag,
  optionalPath,
  pathFlag,
  runScript,
  type ScriptIo,
  type ScriptSpec,
} from "@forgebench/io";
import { endMeasuring, measureSubject } from "@forgebench/lab";

const flags = {
  "cli-path": pathFlag({ placeholder: "FILE", fallback: "dist/cli.js", description: "the built subject" }),
  images: optionalPath({
    placeholder: "DIR",
    description: "a flat folder of pictures; default: 30 generated ones",
  }),
  profiles: listFlag({
    fallback: ["P1", "P2"],
    pattern: /^P[123]$/,
    expected: "P1, P2 or P3",
    description: "profiles of the cold batch",
  }),
  "warm-runs": integerFlag({ min: 1, max: 10_000, unit: "pairs", fallback: 40, description: "pairs of warm runs" }),
  runs: integerFlag({ min: 1, max: 1000, unit: "pairs", fallback: 7, description: "pairs of cold runs a profile" }),
  workspace: pathFlag({ placeholder: "DIR", fallback: ".tmp/bench/self-subject", description: "where the runs write" }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:self:subject --",
  purpose: "Measures the reference subject: warm start against plain Node, cold batch against a bare sharp loop.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "Figures are medians of the ratios of pairs; beside each stands the middle half of the ratios. Both sides of a cold pair\nmust have made the same files to the byte. Exit 2 when a goal is missed.",
  ],
  examples: ["npm run bench:self:subject", "npm run bench:self:subject -- --profiles P1,P2,P3 --runs 15"],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) =>
    endMeasuring(io, "bench:self:subject", await measureSubject(values, io), values),
  );
}

await launch(import.meta.url, main);
