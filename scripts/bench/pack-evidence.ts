/**
 * Purpose: packs into one archive all that is needed to compute the verdicts of a run again.
 * Reads: the workspace of run-benchmark, the comparison, the suite file.
 * Writes: evidence-RUN.tar.zst, by default in .tmp/bench/evidence.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the same inputs give the same bytes.
 * Example: npm run bench:evidence -- --workspace .tmp/bench/local-compare --run-id 1
 */
import path from "node:path";
import { evidenceSources, packEvidence } from "@forgebench/evidence";
import {
  EXIT,
  type FlagValues,
  integerFlag,
  launch,
  optionalText,
  pathFlag,
  printOutputs,
  requiredPath,
  requiredText,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  writeFileAtomic,
} from "@forgebench/io";

const commit = { placeholder: "SHA", pattern: /^[0-9a-f]{40}$/, expected: "40 lower-case hexadecimal digits" };

const flags = {
  workspace: requiredPath({ placeholder: "DIR", description: "the folder that run-benchmark wrote, with a base" }),
  compare: pathFlag({
    placeholder: "FILE",
    fallback: ".tmp/bench/compare/compare.json",
    description: "the comparison of its two summaries",
  }),
  suite: pathFlag({
    placeholder: "FILE",
    fallback: "suites/imageforge.yaml",
    description: "the suite file that the runs were made with",
  }),
  "out-dir": pathFlag({ placeholder: "DIR", fallback: ".tmp/bench/evidence", description: "where the archive goes" }),
  "run-id": requiredText({
    placeholder: "ID",
    pattern: /^[A-Za-z0-9][\w-]{0,63}$/,
    expected: "1 to 64 letters, digits, - and _",
    description: "the run's id",
  }),
  "run-attempt": integerFlag({
    min: 1,
    max: 1_000_000,
    unit: "attempts",
    fallback: 1,
    description: "which attempt of the run",
  }),
  "head-sha": optionalText({ ...commit, description: "the commit of head" }),
  "base-sha": optionalText({ ...commit, description: "the commit of base" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:evidence --",
  purpose: "Packs into one archive all that is needed to compute the verdicts of a run again.",
  flags,
  outputs: { EVIDENCE_BUNDLE: "the archive", EVIDENCE_SHA256: "of the archive" },
  notes: [
    "The comparison must be made of these summaries, the summaries of these runs, and the runs with this suite; else exit 65.",
  ],
  examples: ["pnpm run bench:evidence -- --workspace .tmp/bench/run --run-id 22036204221 --run-attempt 1"],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => pack(values, io));
}

async function pack(values: FlagValues<typeof flags>, io: ScriptIo): Promise<number> {
  const { workspace, compare, suite, outDir, runId, runAttempt, headSha, baseSha } = values;
  const sources = evidenceSources(workspace, { compare, suite });
  const packed = await packEvidence(sources, { runId, runAttempt, headSha, baseSha });
  const file = path.join(outDir, packed.name);
  await writeFileAtomic(file, packed.bytes);
  const { members, outcome } = packed.bundle;
  io.stderr.write(`evidence   ${outcome}, ${members.length} files in ${(packed.bytes.length / 1000).toFixed(1)} kB\n`);
  await printOutputs(io, { EVIDENCE_BUNDLE: file, EVIDENCE_SHA256: packed.sha256 });
  return EXIT.ok;
}

await launch(import.meta.url, main);
