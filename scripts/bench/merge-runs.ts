/**
 * Purpose: puts the workspaces of a night's shards together, as if one run-benchmark had written them.
 * Reads: the workspaces (raw-runs.jsonl, run-context.json and, where they are, the summaries), the suite file.
 * Writes: OUT-DIR/raw-runs.jsonl, run-context.json, summary.json, with a base base-summary.json.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the files are replaced. The same workspaces give the same runs.
 * Example: npm run bench:merge -- --workspaces .tmp/bench/local-compare --out-dir .tmp/bench/merged
 */
import { rm } from "node:fs/promises";
import path from "node:path";
import {
  parseRawRuns,
  parseSuite,
  type RunContext,
  rawRun,
  runContext,
  type Suite,
  type Summary,
  summary,
} from "@forgebench/artifacts";
import { ArtifactError, printable } from "@forgebench/errors";
import {
  EXIT,
  type FlagValues,
  findWorkspaces,
  isThere,
  launch,
  listFlag,
  lockFolder,
  makeFolder,
  optionalPath,
  pathFlag,
  printOutputs,
  readArtifact,
  readInputText,
  referencePath,
  requiredPath,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  sha256Of,
  switchFlag,
  writeArtifact,
  writeFileAtomic,
} from "@forgebench/io";
import { type MergedShards, mergeShards, type ShardLog } from "@forgebench/planning";
import { type Arm, type Cell, cellId, invalidRunsError, selectCells, summarize } from "@forgebench/runner";

const flags = {
  workspaces: listFlag({
    fallback: [],
    shown: "this or the next is required",
    placeholder: "PATH,…",
    description: "the workspaces of all shards, or their raw-runs.jsonl with run-context.json beside it",
  }),
  "workspaces-dir": optionalPath({
    placeholder: "DIR",
    description: "instead of --workspaces: a folder with all workspaces in it",
  }),
  "out-dir": requiredPath({ placeholder: "DIR", description: "the folder for the merged workspace" }),
  suite: pathFlag({
    placeholder: "FILE",
    fallback: "suites/imageforge.yaml",
    description: "the suite file of the runs",
  }),
  "allow-missing-shards": switchFlag({ description: "merge without the missing shards; their cells are not judged" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:merge --",
  purpose: "Puts the workspaces of a night's shards together, as if one run-benchmark had written them.",
  flags,
  outputs: {
    RAW_RUNS_JSONL: "every run of all shards",
    SUMMARY_JSON: "the figures of the head",
    BASE_SUMMARY_JSON: "the figures of the base, if there is one",
    VALIDATION_PASSED: "1 if every run was valid, else 0 (exit 3)",
  },
  notes: [
    "The shards must be of the same suite, dataset, builds, tool version, sampling, family, controls, meter and time limit; else\nexit 65 with both values. Machines and time budgets may differ: each cell is measured whole on one. Only whole blocks are\nkept. A run that belongs to another dataset, machine, subject or cell than its context is refused; so is a run of 0 ms.",
    "Exit 3 if a cell of these shards has no run at all, unless a time budget may have cut it.",
  ],
  examples: [
    "pnpm run bench:merge -- --workspaces .tmp/bench/shard-1,.tmp/bench/shard-2 --out-dir .tmp/bench/night",
    "pnpm run bench:merge -- --workspaces-dir .tmp/bench/shards --out-dir .tmp/bench/night --allow-missing-shards",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => merge(values, io));
}

async function merge(values: Flags, io: ScriptIo): Promise<number> {
  const files = await findWorkspaces(values, io.cwd);
  const suiteText = await readInputText(values.suite, "suite");
  const suite = parseSuite(suiteText, values.suite);
  const logs: ShardLog[] = [];
  for (const file of files) logs.push(await readLog(file));
  assertSuite(values.suite, sha256Of(suiteText), logs);
  const suiteCells = selectCells(suite, {});
  const merged = mergeShards(logs, { suiteCells, allowMissingShards: values.allowMissingShards });
  const earlier = await readEarlierSummaries(files);
  for (const note of merged.notes) io.stderr.write(`note: ${printable(note)}\n`);
  await makeFolder(values.outDir);
  const lock = await lockFolder(values.outDir);
  try {
    return await write({ merged, suite, suiteCells, earlier, outDir: values.outDir, shardCount: logs.length }, io);
  } finally {
    await lock.release();
  }
}

async function readLog(file: string): Promise<ShardLog> {
  const contextPath = path.join(path.dirname(file), runContext.fileName);
  const text = await readInputText(file, rawRun.kind);
  const { value: context } = await readArtifact(runContext, contextPath);
  const { runs, truncated } = parseRawRuns(text, file);
  const lines = text.split("\n");
  return {
    path: file,
    contextPath,
    context,
    truncated,
    logged: runs.map((run, index) => ({ run, line: lines[index] ?? "" })),
  };
}

function assertSuite(file: string, sha256: string, logs: readonly ShardLog[]): void {
  const other = logs.find(({ context }) => context.suite.sha256 !== sha256);
  if (other === undefined) return;
  throw new ArtifactError({
    path: other.contextPath,
    kind: runContext.kind,
    action: "Cannot merge",
    issues: [{ path: "suite", message: `was measured with ${other.context.suite.sha256}, "${file}" is ${sha256}` }],
    details: [{ label: "try", text: "--suite with the file as it was when it was measured" }],
  });
}

/** A summary that a shard wrote, and its file. */
interface EarlierSummary {
  readonly file: string;
  readonly value: Summary;
}

/** The contexts and summaries of the shards; a shard that was killed wrote no summary. */
async function readEarlierSummaries(files: readonly string[]): Promise<Record<Arm, readonly EarlierSummary[]>> {
  const read = async (name: string) => {
    const found: EarlierSummary[] = [];
    for (const file of files.map((own) => path.join(path.dirname(own), name))) {
      if (await isThere(file)) found.push({ file, value: (await readArtifact(summary, file)).value });
    }
    return found;
  };
  return { head: await read(SUMMARY_FILES.head), base: await read(SUMMARY_FILES.base) };
}

const SUMMARY_FILES = { head: "summary.json", base: "base-summary.json" } as const satisfies Record<Arm, string>;

interface Job {
  readonly merged: MergedShards;
  readonly suite: Suite;
  readonly suiteCells: readonly Cell[];
  readonly earlier: Readonly<Record<Arm, readonly EarlierSummary[]>>;
  readonly outDir: string;
  readonly shardCount: number;
}

async function write(job: Job, io: ScriptIo): Promise<number> {
  const { merged, outDir } = job;
  const file = (name: string) => path.join(outDir, name);
  // This comes first: after a kill, a summary of other runs than those beside it would be misleading.
  for (const name of Object.values(SUMMARY_FILES)) await rm(file(name), { force: true });
  const text = merged.lines.map((line) => `${line}\n`).join("");
  const rawRunsFile = file(rawRun.fileName);
  await writeArtifact(runContext, file(runContext.fileName), merged.context);
  await writeFileAtomic(rawRunsFile, text);
  const summaries = armsOf(merged.context).map((arm) => summarizeArm(arm, job, sha256Of(text), io));
  for (const made of summaries) await writeArtifact(summary, file(SUMMARY_FILES[made.arm ?? "head"]), made);
  const error = invalidRunsError(summaries, merged.runs, rawRunsFile);
  await printOutputs(io, {
    RAW_RUNS_JSONL: rawRunsFile,
    SUMMARY_JSON: file(SUMMARY_FILES.head),
    ...(summaries.length === 1 ? {} : { BASE_SUMMARY_JSON: file(SUMMARY_FILES.base) }),
    VALIDATION_PASSED: error === undefined ? 1 : 0,
  });
  const [runs, noun] = [merged.runs.length === 1 ? "run" : "runs", job.shardCount === 1 ? "workspace" : "workspaces"];
  io.stderr.write(`merged     ${merged.runs.length} ${runs} of ${job.shardCount} ${noun}\n`);
  if (error !== undefined) throw error;
  return EXIT.ok;
}

function armsOf({ subjects }: RunContext): Arm[] {
  return subjects.base === undefined ? ["head"] : ["head", "base"];
}

function summarizeArm(arm: Arm, job: Job, rawRunsSha256: string, io: ScriptIo): Summary {
  const { merged, suite, suiteCells, earlier, outDir } = job;
  const measured = new Set(merged.context.cells ?? suiteCells.map(cellId));
  const cells = suiteCells.filter((cell) => measured.has(cellId(cell)));
  const places = placesOf(earlier[arm], path.join(outDir, SUMMARY_FILES[arm]), io.cwd);
  return summarize({
    arm,
    suite,
    runs: merged.runs,
    context: merged.context,
    imageCounts: imageCountsOf(job),
    cells,
    chosenCells: chosenCellsOf(merged.context, cells, suiteCells),
    generatedAt: io.now().toISOString(),
    cliPath: places.cliPath,
    tierManifestPath: places.tierManifestPath,
    inputs: [{ path: rawRun.fileName, sha256: rawRunsSha256 }, ...places.otherInputs],
  });
}

/** The planned measurement: with missing shards it has more cells than were measured. */
function chosenCellsOf({ family }: RunContext, cells: readonly Cell[], suiteCells: readonly Cell[]): Cell[] {
  const chosen = new Set(cells.map(cellId));
  for (const id of [...(family?.primary ?? []), ...(family?.secondary ?? [])]) chosen.add(id.replace(/\/[^/]*$/, ""));
  return suiteCells.filter((cell) => chosen.has(cellId(cell)));
}

/** Images by scenario, for scenarios that have any: from the shards' summaries, else from the subject's reports. */
function imageCountsOf({ merged, earlier, suite }: Job): Record<string, number> {
  const ofImages = new Set(suite.scenarios.filter(({ files }) => files !== undefined).map(({ name }) => name));
  const reported = merged.runs.flatMap(({ scenario, total }) =>
    total === null || !ofImages.has(scenario) ? [] : [[scenario, total] as const],
  );
  const said = earlier.head.flatMap(({ value }) =>
    value.benchmark.scenarios.flatMap((own) =>
      typeof own === "string" || own.expectedTotal === undefined ? [] : [[own.name, own.expectedTotal] as const],
    ),
  );
  return Object.fromEntries([...reported, ...said]);
}

interface Places {
  readonly cliPath: string;
  readonly tierManifestPath: string | undefined;
  readonly otherInputs: Summary["inputs"] & object;
}

/** The files that the first shard with a summary names, as paths relative to the merged summary. */
function placesOf([first]: readonly EarlierSummary[], file: string, cwd: string): Places {
  if (first === undefined) return { cliPath: "unknown", tierManifestPath: "unknown", otherInputs: [] };
  const { benchmark, inputs = [] } = first.value;
  // A bare name: the folder of the file is not known.
  const moved = (text: string) =>
    text.includes("/") ? referencePath(path.resolve(path.dirname(first.file), text), file, cwd) : text;
  return {
    cliPath: moved(benchmark.cliPath),
    tierManifestPath: benchmark.tierManifestPath === undefined ? undefined : moved(benchmark.tierManifestPath),
    otherInputs: inputs
      .filter((input) => path.posix.basename(input.path) !== rawRun.fileName)
      .map((input) => ({ ...input, path: moved(input.path) })),
  };
}

await launch(import.meta.url, main);
