/**
 * Purpose: computes all that a night's evidence says again, from its runs, and says what comes out otherwise.
 * Reads: an evidence bundle, or a workspace of run-benchmark or merge-runs with its comparison and suite.
 * Writes: nothing.
 * Network: none.
 * Secrets: none.
 * Rerun: safe.
 * Example: npm run bench:verify -- --evidence .tmp/bench/local-compare
 */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import {
  type ArtifactKind,
  comparison,
  type EvidenceMember,
  parseArtifact,
  parseRawRuns,
  parseSuite,
  rawRun,
  runContext,
  suite as suiteKind,
  summary,
} from "@forgebench/artifacts";
import { ArtifactError, printableLine, UsageError } from "@forgebench/errors";
import { type EvidenceFiles, evidenceSources, readEvidenceBundle } from "@forgebench/history";
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
  sha256Of,
} from "@forgebench/io";
import {
  type Cell,
  cellId,
  familyOf,
  fixedProtocol,
  isGivenUp,
  planRuns,
  selectCells,
  summarize,
} from "@forgebench/runner";
import {
  byShard,
  type ComputedAgain,
  chooseShown,
  countUnexplained,
  EVIDENCE_METHOD,
  type EvidenceDifference,
  foreignMethod,
  imageCountsOf,
  type OrderRules,
  type SamplingRules,
  type ShardFacts,
  type StoredEvidence,
  shardsOf,
  stopRule,
  verifyEvidence,
} from "@forgebench/verdict";

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

const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:verify --",
  purpose: "Computes all that a night's evidence says again, from its runs, and says what comes out otherwise.",
  flags,
  outputs: { EVIDENCE: "verified, or different: something comes out otherwise or cannot be read (exit 65)" },
  notes: [
    "Computed again: the hashes that tie the files together; of each run its order, slot and number from the order seed, its\nmachine, subject and dataset, and its validity as far as its figures tell; when each cell was to end; both summaries;\nthe family; every verdict; compare.json to the byte.",
    "Believed: what the runs say that they measured, and the seed, which was drawn before. The number of images of a scenario\nis that of the summary, and must be the total that the valid runs report.",
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
    const stored = parseEvidence(await readFiles(values), values.evidence);
    assertSameRules(stored, values.evidence);
    const differences = recompute(stored, values.evidence);
    if (differences.length > 0) throw differencesError(differences, values.evidence);
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
    throw new UsageError(`${given}: "${evidence}" is a bundle, which holds its own`, [
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

/** As many bytes as a bundle may unpack to. */
const MAX_BYTES = 256 << 20;

async function readMember(file: string, member: EvidenceMember): Promise<Buffer> {
  const wrong = (message: string) => new ArtifactError({ path: file, kind: member, issues: [{ path: "", message }] });
  try {
    const found = await stat(file);
    if (found.size > MAX_BYTES) throw wrong(`it has ${found.size} bytes; at most ${MAX_BYTES} are allowed`);
    // Reading a pipe or a device might never end.
    if (!found.isFile() && !found.isDirectory()) throw wrong("it is no file");
    return await readFile(file);
  } catch (error) {
    throw error instanceof ArtifactError ? error : inputError(file, member, error);
  }
}

function parseEvidence(files: EvidenceFiles, place: string): StoredEvidence {
  const nameOf = (member: EvidenceMember) => `${place}: ${member}`;
  const bytes = (member: EvidenceMember) => files.get(member) ?? Buffer.alloc(0);
  const text = (member: EvidenceMember, kind: string) => decoded(bytes(member), nameOf(member), kind);
  const parse = <T>(kind: ArtifactKind<T>, member: EvidenceMember) =>
    parseArtifact(kind, text(member, kind.kind), nameOf(member));
  const log = parseRawRuns(text("raw-runs.jsonl", rawRun.kind), nameOf("raw-runs.jsonl"));
  const hash = (member: EvidenceMember) => sha256Of(bytes(member));
  return {
    ...{ runs: log.runs, isCut: log.truncated },
    context: parse(runContext, "run-context.json"),
    head: parse(summary, "summary.json"),
    base: parse(summary, "base-summary.json"),
    comparison: parse(comparison, "compare.json"),
    comparisonText: text("compare.json", comparison.kind),
    suite: parseSuite(text("suite.yaml", suiteKind.kind), nameOf("suite.yaml")),
    suiteSha256: hash("suite.yaml"),
    sha256: {
      "raw-runs.jsonl": hash("raw-runs.jsonl"),
      "run-context.json": hash("run-context.json"),
      "summary.json": hash("summary.json"),
      "base-summary.json": hash("base-summary.json"),
    },
  };
}

function decoded(bytes: Buffer, file: string, kind: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ArtifactError({ path: file, kind, issues: [{ path: "", message: "not UTF-8 text" }] });
  }
}

/** More than `bench:run` allows. */
const MAX_BLOCKS = 10_000;
/** A night of 24 cells in 5 metrics and 60 blocks is 7,200; what takes minutes to compute is no night. */
const MAX_JUDGED_BLOCKS = 400_000;

/** How many blocks the detectable changes are simulated with, at most: what a recomputation spends its time on. */
function judgedBlocks({ context, runs }: StoredEvidence): number {
  const { primary = [], secondary = [], exactMetrics = [] } = context.family ?? {};
  const members = [...primary, ...secondary];
  const cellCount = Math.max(1, new Set(members.map(cellOfMember)).size);
  const metricsPerCell = members.length / cellCount + exactMetrics.length;
  // Below 6 blocks of two runs nothing is simulated.
  return Math.min(cellCount, runs.length / 12) * metricsPerCell * (context.sampling?.maxBlocks ?? 0);
}

function cellOfMember(id: string): string {
  return id.replace(/\/[^/]*$/, "");
}

/** Makes sure that these rules are the ones that decided, and that there is something that they can decide in time. */
function assertSameRules(stored: StoredEvidence, place: string): void {
  const { comparison: compared, context, runs } = stored;
  const method = foreignMethod(compared);
  const { maxBlocks = 0 } = context.sampling ?? {};
  const refuse = (field: string, message: string, remedy: string) =>
    new ArtifactError({
      ...{ path: place, kind: "evidence", action: "Cannot verify" },
      ...{ issues: [{ path: field, message }], details: [{ label: "try", text: remedy }] },
    });
  if (method !== undefined) {
    const message = `this version decides by "${EVIDENCE_METHOD}", the evidence was decided by ${JSON.stringify(method)}`;
    const version = printableLine(context.toolVersion, 60);
    throw refuse("compare.json: evidence.method", message, `bench:verify of the version that made it, ${version}`);
  }
  if (context.subjects.base === undefined) {
    throw refuse(
      "run-context.json: subjects.base",
      "the runs have one arm",
      "a workspace that was measured with a base",
    );
  }
  if (runs.length === 0) throw refuse("raw-runs.jsonl", "it holds no runs", "the workspace of a finished bench:run");
  if (maxBlocks > MAX_BLOCKS || judgedBlocks(stored) > MAX_JUDGED_BLOCKS) {
    const message = `${maxBlocks} blocks for each cell and metric are more than can be verified`;
    throw refuse("run-context.json: sampling.maxBlocks", message, `evidence of at most ${MAX_BLOCKS} blocks a cell`);
  }
}

function recompute(stored: StoredEvidence, place: string): EvidenceDifference[] {
  try {
    return verifyEvidence(stored, computeAgain(stored));
  } catch (error) {
    // What nests a document so deeply that walking it fills the stack is no artifact of ours.
    if (!(error instanceof RangeError) || !error.message.includes("call stack")) throw error;
    const issues = [{ path: "", message: "a document is nested too deeply" }];
    throw new ArtifactError({ path: place, kind: "evidence", action: "Cannot verify", issues });
  }
}

/** What the measuring side makes of the same files: summaries, family, order and ends. */
function computeAgain(stored: StoredEvidence): ComputedAgain {
  const { context, suite, runs } = stored;
  const suiteCells = selectCells(suite, {});
  const cells = suiteCells.filter(isMeasured(context));
  const chosenCells = chosenCellsOf(context, cells, suiteCells);
  const own = byShard(runs, context.shard.index);
  const summaryOf = (arm: "head" | "base") => {
    const { generatedAt, benchmark, inputs = [] } = stored[arm];
    const { cliPath, tierManifestPath } = benchmark;
    const imageCounts = Object.fromEntries(imageCountsOf(stored[arm]));
    const same = { generatedAt, cliPath, tierManifestPath, inputs, imageCounts };
    return summarize({ arm, runs, context, suite, cells, chosenCells, ...same });
  };
  const shards = shardsOf(context).map((shard) => {
    const ownRuns = (own.get(shard.index) ?? []).map(({ run }) => run);
    return [shard.index, rulesOfShard(shard, ownRuns, context, chosenCells)] as const;
  });
  return {
    ...{ head: summaryOf("head"), base: summaryOf("base"), shards: new Map(shards) },
    family: context.family && familyOf({ suite, chosenCells, meter: context.meter }),
  };
}

type Context = StoredEvidence["context"];
type Runs = StoredEvidence["runs"];

function isMeasured({ cells, profiles, scenarios }: Context): (cell: Cell) => boolean {
  if (cells === undefined)
    return ({ profileId, scenario }) => profiles.includes(profileId) && scenarios.includes(scenario);
  const ids = new Set(cells);
  return (cell) => ids.has(cellId(cell));
}

/** All cells that were chosen: a part of a night knows those of the others from the family that they share. */
function chosenCellsOf(
  { family, shard, shards }: Context,
  cells: readonly Cell[],
  suiteCells: readonly Cell[],
): Cell[] {
  if (shards === undefined && shard.count === 1) return [...cells];
  const members = [...(family?.primary ?? []), ...(family?.secondary ?? [])].map(cellOfMember);
  const chosen = new Set([...cells.map(cellId), ...members]);
  return suiteCells.filter((cell) => chosen.has(cellId(cell)));
}

function rulesOfShard(
  { orderSeed }: ShardFacts,
  runs: Runs,
  context: Context,
  chosenCells: readonly Cell[],
): OrderRules & SamplingRules {
  const blocks = new Map<string, { readonly cell: Cell; readonly numbers: Set<number | undefined> }>();
  for (const { profileId, scenario, phase, control, block } of runs) {
    const cell = { profileId, scenario, phase, control };
    const known = blocks.get(cellId(cell)) ?? { cell, numbers: new Set() };
    blocks.set(cellId(cell), known);
    known.numbers.add(block);
  }
  const cellPlans = [...blocks.values()].map(({ cell, numbers }) => {
    return { cell, blockCount: Math.min(numbers.size, MAX_BLOCKS), firstRun: 1 };
  });
  const arms = context.design === "blocked" ? (["head", "base"] as const) : (["head"] as const);
  const drawn = planRuns({ orderSeed, arms, cellPlans }).map((planned) => ({ ...planned, cell: cellId(planned.cell) }));
  const hasTimeBudget = context.sampling?.timeBudgetMinutes !== undefined;
  return { drawn, mayBeOutOfTurn: hasTimeBudget, hasTimeBudget, ...endsOf(runs, context, chosenCells) };
}

/** When a cell is finished, and by what its runs are numbered. */
function endsOf(
  [first]: Runs,
  { sampling, runCount, family, shard }: Context,
  chosenCells: readonly Cell[],
): Pick<OrderRules & SamplingRules, "firstRunOf" | "isFinished"> {
  if (sampling?.mode === "evidence") {
    const { minBlocks = 1, maxBlocks = 1 } = sampling;
    const isDecided = stopRule({ family, shard: first?.shard ?? shard });
    const isFinished = (runs: Runs, blockCount: number) =>
      blockCount >= maxBlocks || isGivenUp(runs) || (blockCount >= minBlocks && isDecided(runs));
    return { firstRunOf: undefined, isFinished };
  }
  const plans = new Map(fixedProtocol(chosenCells, runCount).map((plan) => [cellId(plan.cell), plan]));
  return {
    firstRunOf: (cell) => plans.get(cell)?.firstRun,
    isFinished: (runs, blockCount) => {
      const plan = runs[0] === undefined ? undefined : plans.get(cellId(runs[0]));
      return blockCount >= (plan?.blockCount ?? 0) || isGivenUp(runs);
    },
  };
}

function differencesError(differences: readonly EvidenceDifference[], place: string): ArtifactError {
  const { shown, more } = chooseShown(differences);
  return new ArtifactError({
    ...{ path: place, kind: "evidence", action: "Cannot trust" },
    issues: shown.map(({ member, about, field, stored, recomputed }) => ({
      path: printableLine([member, about, field].filter((part) => part !== "").join(": ")),
      message: printableLine(`stored ${stored}, recomputed ${recomputed}`, 400),
    })),
    details: [
      ...(more === "" ? [] : [{ label: "more", text: more }]),
      { label: "try", text: "the files as they were published; evidence that was changed since proves nothing" },
    ],
  });
}

function describeVerified({ comparison: compared, runs, context, suite, head }: StoredEvidence): string {
  const { evidence, outcome = "no outcome", cells = [], pairs } = compared;
  const pairCount = `${pairs.length} ${pairs.length === 1 ? "pair" : "pairs"}`;
  const judged =
    evidence === undefined ? `${pairCount} by fixed thresholds` : `${cells.length} verdicts by ${evidence.method}`;
  const logged = [...byShard(runs, context.shard.index).values()].flat();
  const unexplained = countUnexplained(logged, { suite, imageCounts: imageCountsOf(head) });
  const note = `note: ${unexplained} runs are not valid for what only the measurement saw; their failures say what\n`;
  return `verified   ${outcome}, ${judged}, from ${runs.length} runs\n${unexplained === 0 ? "" : note}`;
}

await launch(import.meta.url, main);
