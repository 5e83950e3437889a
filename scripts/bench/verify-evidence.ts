/**
 * Purpose: computes everything in a night's evidence again from its runs, and lists the differences.
 * Reads: an evidence bundle, or a workspace of run-benchmark or merge-runs with its comparison and suite.
 * Writes: nothing.
 * Network: none.
 * Secrets: none.
 * Rerun: safe.
 * Example: npm run bench:verify -- --evidence .tmp/bench/local-compare
 */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { EvidenceMember } from "@forgebench/artifacts";
import { ArtifactError, counted, UsageError } from "@forgebench/errors";
import {
  byShard,
  checkEvidence,
  countUnexplained,
  type EvidenceFiles,
  evidenceSources,
  imageCountsOf,
  readEvidenceBundle,
  type StoredEvidence,
} from "@forgebench/evidence";
import {
  EXIT,
  type FlagValues,
  inputError,
  launch,
  optionalPath,
  PROJECT_ROOT,
  printOutputs,
  requiredPath,
  runScript,
  type ScriptIo,
  type ScriptSpec,
} from "@forgebench/io";

const flags = {
  evidence: requiredPath({ placeholder: "PATH", description: "evidence-RUN.tar.zst, or the folder of a workspace" }),
  compare: optionalPath({
    placeholder: "FILE",
    description: "of a workspace: the comparison; default: compare.json in it, else ../compare/compare.json from there",
  }),
  suite: optionalPath({
    placeholder: "FILE",
    description: "of a workspace: the suite file; default: suite.yaml in it, else suites/imageforge.yaml",
  }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:verify --",
  purpose: "Computes everything in a night's evidence again from its runs, and lists the differences.",
  flags,
  outputs: { EVIDENCE: "verified, or different: something differs or cannot be read (exit 65)" },
  notes: [
    "Computed again: the hashes that connect the files; for each run its order, slot and number from the order seed, its\nmachine, subject and dataset, and its validity as far as its figures show it; when each cell had to end; both summaries;\nthe family; every verdict; compare.json to the byte.",
    "Not checked: the measured values of the runs; the seed, which was drawn before; the time and the thresholds of the\ncomparison; and who accepted a regression. The number of images of a scenario is that of the summary, and must be the\ntotal that the valid runs report.",
  ],
  examples: [
    "pnpm run bench:verify -- --evidence evidence-22036204221.1.tar.zst",
    "pnpm run bench:verify -- --evidence .tmp/bench/run --compare .tmp/bench/compare/compare.json",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => verify(values, io));
}

async function verify(values: Flags, io: ScriptIo): Promise<number> {
  try {
    const stored = checkEvidence(await readFiles(values), values.evidence);
    await printOutputs(io, { EVIDENCE: "verified" });
    io.stderr.write(describeVerified(stored));
    return EXIT.ok;
  } catch (error) {
    if (error instanceof ArtifactError) await printOutputs(io, { EVIDENCE: "different" });
    throw error;
  }
}

async function readFiles({ evidence, compare, suite }: Flags): Promise<EvidenceFiles> {
  if (!(await kindOf(evidence)).isDirectory) {
    const given = compare === undefined ? suite && "--suite" : "--compare";
    if (given === undefined) return (await readEvidenceBundle(evidence)).members;
    throw new UsageError(`${given}: "${evidence}" is a bundle, which has its own`, [
      { label: "expected", text: `${given} with the folder of a workspace, or --evidence alone` },
    ]);
  }
  const sources = evidenceSources(evidence, {
    compare:
      compare ??
      (await firstThere(path.join(evidence, "compare.json"), path.resolve(evidence, "../compare/compare.json"))),
    suite:
      suite ?? (await firstThere(path.join(evidence, "suite.yaml"), path.join(PROJECT_ROOT, "suites/imageforge.yaml"))),
  });
  const files = new Map<EvidenceMember, Buffer>();
  for (const [member, file] of sources) files.set(member, await readMember(file, member));
  return files;
}

async function kindOf(place: string): Promise<{ readonly isDirectory: boolean }> {
  try {
    return { isDirectory: (await stat(place)).isDirectory() };
  } catch (error) {
    throw inputError(place, "evidence", error);
  }
}

async function firstThere(file: string, other: string): Promise<string> {
  return stat(file).then(
    () => file,
    () => other,
  );
}

/** The most bytes that a bundle may unpack to. */
const MAX_BYTES = 256 << 20;

async function readMember(file: string, member: EvidenceMember): Promise<Buffer> {
  const wrong = (message: string) => new ArtifactError({ path: file, kind: member, issues: [{ path: "", message }] });
  try {
    const found = await stat(file);
    if (found.size > MAX_BYTES) throw wrong(`it has ${found.size} bytes; at most ${MAX_BYTES} are allowed`);
    // Reading a pipe or a device may never end.
    if (!found.isFile() && !found.isDirectory()) throw wrong("it is no file");
    return await readFile(file);
  } catch (error) {
    throw error instanceof ArtifactError ? error : inputError(file, member, error);
  }
}

function describeVerified({ comparison: compared, runs, context, suite, head }: StoredEvidence): string {
  const { evidence, outcome = "no outcome", cells = [], pairs } = compared;
  const judged =
    evidence === undefined
      ? `${counted(pairs.length, "pair")} by fixed thresholds`
      : `${counted(cells.length, "verdict")} by ${evidence.method}`;
  const logged = [...byShard(runs, context.shard.index).values()].flat();
  const unexplained = countUnexplained(logged, { suite, imageCounts: imageCountsOf(head) });
  const note = `note: ${unexplained} runs are invalid for reasons that only the measurement could see; their failures name them\n`;
  return `verified   ${outcome}, ${judged}, from ${counted(runs.length, "run")}\n${unexplained === 0 ? "" : note}`;
}

await launch(import.meta.url, main);
