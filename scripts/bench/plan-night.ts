/**
 * Purpose: prices each cell of a suite from earlier runs, and plans which cells a night measures in its budget.
 * Reads: the suite file, the raw runs of earlier workspaces.
 * Writes: the night plan that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the plan is replaced. The same inputs give the same plan.
 * Example: npm run bench:plan -- --budget-minutes 60 --profiles P1 --history .tmp/bench/local-compare
 */
import { stat } from "node:fs/promises";
import path from "node:path";
import {
  type NightPlan,
  nightPlan,
  parseRawRuns,
  parseSuite,
  type RawRun,
  type RunContext,
  rawRun,
  runContext,
  type Suite,
} from "@forgebench/artifacts";
import { printable, UsageError } from "@forgebench/errors";
import {
  EXIT,
  type FlagValues,
  inputError,
  inputReference,
  integerFlag,
  isThere,
  launch,
  listFlag,
  optionalInteger,
  PROJECT_ROOT,
  pathFlag,
  printOutputs,
  readArtifact,
  readInputText,
  refuseSharedPaths,
  requiredInteger,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  sha256Of,
  writeArtifact,
} from "@forgebench/io";
import { formatNightPlan, type NightCell, type NightRequest, planNight, type ShardOfNight } from "@forgebench/planning";
import {
  assertSuiteRunnable,
  type Cell,
  controlCells,
  planControls,
  selectCells,
  usesPlace,
  usesTier,
} from "@forgebench/runner";

const blocks = { min: 1, max: 10_000, unit: "blocks" };
const DEFAULT_SUITE = "suites/imageforge.yaml";

const flags = {
  "budget-minutes": requiredInteger({
    min: 1,
    max: 100_000,
    unit: "minutes",
    description: "how long the night may take; shards run at the same time",
  }),
  suite: pathFlag({ placeholder: "FILE", fallback: DEFAULT_SUITE, description: "what is run, and how" }),
  shards: integerFlag({ min: 1, max: 256, unit: "shards", fallback: 1, description: "machines that share the cells" }),
  history: listFlag({
    fallback: [],
    shown: "none",
    placeholder: "PATH,…",
    description: "workspaces of earlier runs, or raw-runs.jsonl files",
  }),
  "min-blocks": integerFlag({ ...blocks, fallback: 13, description: "the fewest blocks of a cell" }),
  "expected-blocks": optionalInteger({
    ...blocks,
    description: "the blocks that a cell is expected to need; default: as in the history by evidence, else 20",
  }),
  "max-blocks": integerFlag({ ...blocks, fallback: 60, description: "the most blocks of a cell" }),
  profiles: listFlag({ fallback: [], shown: "all of the suite", description: "profiles to plan" }),
  scenarios: listFlag({ fallback: [], shown: "all of the suite", description: "scenarios to plan" }),
  "out-json": pathFlag({
    placeholder: "FILE",
    fallback: ".tmp/bench/plan/night-plan.json",
    description: "where the plan goes",
  }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:plan --",
  purpose: "Prices each cell of a suite from earlier runs, and plans which cells a night measures in its budget.",
  flags,
  outputs: { NIGHT_PLAN: "the plan, with the command of each shard" },
  notes: [
    "The price of a block is the time of one run of each arm, and the time around them. Cells that were never run are priced\nfrom other profiles and phases, if possible. A gating cell without any price is exit 3, with the command of a pilot.\nCells that do not fit are not judged: first those that fit no shard, then the most expensive ones that do not gate,\nthen the most expensive ones that gate.",
  ],
  examples: [
    "pnpm run bench:plan -- --budget-minutes 60 --history .tmp/bench/run",
    "pnpm run bench:plan -- --budget-minutes 90 --shards 3 --history night-1,night-2/raw-runs.jsonl --expected-blocks 25",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => plan(values, io));
}

async function plan(values: Flags, io: ScriptIo): Promise<number> {
  assertBlocksInOrder(values);
  const suiteText = await readInputText(values.suite, "suite");
  const suite = parseSuite(suiteText, values.suite);
  assertSuiteRunnable(suite, values.suite);
  const chosen = chosenCells(suite, values);
  const suiteInput = { path: values.suite, sha256: sha256Of(suiteText) };
  const histories = await readHistories(values.history, io.cwd);
  const inputs = [suiteInput, ...histories];
  for (const input of inputs) refuseSharedPaths({ history: input.path }, { "out-json": values.outJson });
  const planned = planNight({
    cells: nightCells(suite, chosen),
    histories: histories.map(asHistory),
    budgetMinutes: values.budgetMinutes,
    shardCount: values.shards,
    controlsPerShard: controlCount(suite, chosen, values),
    minBlocks: values.minBlocks,
    maxBlocks: values.maxBlocks,
    expectedBlocks: values.expectedBlocks,
    ...commandsOf(values, suite, io),
  });
  const made: NightPlan = {
    kind: "night-plan",
    version: "1.0",
    generatedAt: io.now().toISOString(),
    suite: { name: suite.name, sha256: suiteInput.sha256 },
    ...planned,
    warnings: [...warningsOf(histories, suiteInput.sha256), ...warningsOfShards(values.shards, planned)],
    inputs: inputs.map((input) => inputReference(input, values.outJson, io.cwd)),
  };
  await writeArtifact(nightPlan, values.outJson, made);
  await printOutputs(io, { NIGHT_PLAN: values.outJson });
  io.stderr.write(printable(formatNightPlan(made)));
  return EXIT.ok;
}

function assertBlocksInOrder({ minBlocks, expectedBlocks, maxBlocks }: Flags): void {
  const given = [
    { flag: "--min-blocks", value: minBlocks },
    { flag: "--expected-blocks", value: expectedBlocks ?? minBlocks },
    { flag: "--max-blocks", value: maxBlocks },
  ];
  for (const [index, { flag, value }] of given.entries()) {
    const before = given[index - 1];
    if (before === undefined || before.value <= value) continue;
    throw new UsageError(`${flag}: "${value}" is less than ${before.flag} "${before.value}"`, [
      { label: "expected", text: "--min-blocks ≤ --expected-blocks ≤ --max-blocks" },
    ]);
  }
}

function chosenCells(suite: Suite, { profiles, scenarios }: Flags): Cell[] {
  const orAll = (names: readonly string[]) => (names.length === 0 ? undefined : names);
  return selectCells(suite, { profiles: orAll(profiles), scenarios: orAll(scenarios) });
}

/** The controls that the commands of the plan run. */
function controlCount(suite: Suite, chosen: readonly Cell[], values: Flags): number {
  const { minBlocks, maxBlocks } = values;
  const sampling = { mode: "evidence", minBlocks, maxBlocks } as const;
  const choice = { suite, suitePath: values.suite, chosenCells: chosen, sampling };
  return controlCells(planControls({ ...choice, areWanted: true })).length;
}

function nightCells(suite: Suite, chosen: readonly Cell[]): NightCell[] {
  const gating = new Map(suite.scenarios.map((scenario) => [scenario.name, scenario.gating]));
  return chosen.map((cell) => ({ ...cell, gating: gating.get(cell.scenario) ?? true }));
}

/** An earlier measurement: its runs and, if it is beside them, its context. */
interface ReadHistory {
  readonly path: string;
  readonly sha256: string;
  readonly runs: readonly RawRun[];
  readonly context: RunContext | undefined;
}

async function readHistories(texts: readonly string[], cwd: string): Promise<ReadHistory[]> {
  const files: string[] = [];
  for (const text of texts) files.push(await rawRunsIn(path.resolve(cwd, text)));
  const histories: ReadHistory[] = [];
  for (const file of new Set(files)) histories.push(await readHistory(file));
  return histories;
}

async function rawRunsIn(place: string): Promise<string> {
  try {
    return (await stat(place)).isDirectory() ? path.join(place, rawRun.fileName) : place;
  } catch (error) {
    throw inputError(place, "history", error);
  }
}

async function readHistory(file: string): Promise<ReadHistory> {
  const text = await readInputText(file, rawRun.kind);
  const contextFile = path.join(path.dirname(file), runContext.fileName);
  const context = (await isThere(contextFile)) ? (await readArtifact(runContext, contextFile)).value : undefined;
  return { path: file, sha256: sha256Of(text), runs: parseRawRuns(text, file).runs, context };
}

function asHistory({ runs, context }: ReadHistory): NightRequest["histories"][number] {
  return { runs, isByEvidence: context?.sampling?.mode === "evidence" };
}

function warningsOf(histories: readonly ReadHistory[], suiteSha256: string): string[] {
  const distinct = (values: readonly (string | undefined)[]) =>
    new Set(values.filter((value) => value !== undefined)).size;
  const runs = histories.flatMap((history) => history.runs);
  const datasets = distinct(runs.map(({ datasetSha256 }) => datasetSha256));
  const machines = distinct(runs.map(({ machineId }) => machineId));
  const others = histories.filter(
    ({ context }) => context !== undefined && context.suite.sha256 !== suiteSha256,
  ).length;
  const empty = histories.filter((history) => history.runs.length === 0).length;
  return [
    ...(datasets > 1 ? [`the history is of ${datasets} datasets; prices are medians over all of them`] : []),
    ...(machines > 1 ? [`the history is of ${machines} hardware classes; prices are medians over all of them`] : []),
    ...(others > 0 ? [`${others} of ${histories.length} histories were measured with another suite file`] : []),
    ...(empty > 0 ? [`${empty} of ${histories.length} histories hold no runs`] : []),
  ];
}

function warningsOfShards(askedCount: number, { shards, cells }: Pick<NightPlan, "shards" | "cells">): string[] {
  if (shards.length >= askedCount) return [];
  const what = cells.length === 1 ? "1 cell is" : `${cells.length} cells are`;
  return [
    `${shards.length} of the ${askedCount} shards are used: ${what} judged, and each cell is measured in one shard only`,
  ];
}

/** A path for a shell: as it was given, shortened if possible, and never with the name of a home folder. */
function shellPath(file: string, { cwd, env }: Pick<ScriptIo, "cwd" | "env">): string {
  const below = path.relative(cwd, file);
  if (!isOutside(below)) return quoted(below);
  const ofHome = path.relative(env.HOME || cwd, file);
  return isOutside(ofHome) ? quoted(file) : `~/${quoted(ofHome)}`;
}

function isOutside(relative: string): boolean {
  return relative === ".." || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative);
}

function commandsOf(values: Flags, suite: Suite, io: ScriptIo): Pick<NightRequest, "shardCommand" | "pilotCommand"> {
  const isDefault = values.suite === path.join(PROJECT_ROOT, DEFAULT_SUITE);
  const start = [
    "pnpm run bench:run --",
    ...(isDefault ? [] : [`--suite ${shellPath(values.suite, io)}`]),
    ...(values.profiles.length === 0 ? [] : [`--profiles ${values.profiles.join(",")}`]),
    ...(values.scenarios.length === 0 ? [] : [`--scenarios ${values.scenarios.join(",")}`]),
    ...(usesPlace(suite, "cli") ? ["--cli-path HEAD_CLI --base-cli-path BASE_CLI"] : []),
    ...(usesTier(suite) ? ["--tier-manifest TIER_MANIFEST"] : []),
  ].join(" ");
  const bounds = `--min-blocks ${values.minBlocks} --max-blocks ${values.maxBlocks} --time-budget-minutes ${values.budgetMinutes}`;
  return {
    shardCommand: (shard) =>
      `${start} --workspace .tmp/bench/shard-${shard.index} ${bounds} --cell ${shard.allCells.join(",")}${shardFlags(shard)}`,
    pilotCommand: (cells) => `${start} --workspace .tmp/bench/pilot --run-count 4 --cell ${cells.join(",")}`,
  };
}

/** The error is shared by all cells of the night, so each shard gets the list of all, and of its own. */
function shardFlags({ index, count, cells }: ShardOfNight): string {
  return count === 1 ? "" : ` --shard ${index}/${count} --shard-cells ${cells.join(",")}`;
}

function quoted(text: string): string {
  return /^[\w./@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

await launch(import.meta.url, main);
