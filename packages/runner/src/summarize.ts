import type {
  ColdSummary,
  Distribution,
  ProfileScenarioSummary,
  RawRun,
  RunContext,
  Suite,
  Summary,
  WarmSummary,
} from "@forgebench/artifacts";
import { groupBy } from "@forgebench/errors";
import { mean, median, nearestRankPercentile, sampleStandardDeviation } from "@forgebench/stats";
import { type Arm, type Cell, cellId, pairId } from "./cells.ts";
import { isGivenUp } from "./given-up.ts";
import { publishedPhases } from "./phases.ts";
import { fixedProtocol } from "./schedule.ts";

/** The input of {@link summarize} besides the runs. */
export interface SummaryInput {
  readonly arm: Arm;
  readonly runs: readonly RawRun[];
  readonly context: RunContext;
  readonly suite: Suite;
  /** The cells that were to be measured here. */
  readonly cells: readonly Cell[];
  /** All cells that were chosen, when those here are a shard of them. */
  readonly chosenCells?: readonly Cell[];
  /** Images by scenario. */
  readonly imageCounts: Readonly<Record<string, number>>;
  readonly generatedAt: string;
  readonly cliPath: string;
  /** Undefined where the input is no tier of images. */
  readonly tierManifestPath?: string | undefined;
  /** `raw-runs.jsonl` and the tier manifest. */
  readonly inputs: readonly { readonly path: string; readonly sha256: string }[];
}

type Failure = Summary["validation"]["failures"][number];

/** The figures of one arm. Failed runs are counted and named; they enter no figure. Runs of controls are no part of it. */
export function summarize(all: SummaryInput): Summary {
  const input = { ...all, runs: all.runs.filter(({ control }) => control === undefined) };
  const { arm, context } = input;
  const pairs = pairsOf(input.cells);
  const judged = judgePairs(pairs, input);
  const failures = judged.flatMap((pair) => pair.failures);
  const subject = context.subjects[arm];
  return {
    kind: "summary",
    version: "1.0",
    generatedAt: input.generatedAt,
    arm,
    benchmark: describeBenchmark(input, pairs),
    validation: { passed: failures.length === 0, failureCount: failures.length, failures },
    profileScenarioSummaries: figuresByProfile(judged),
    inputs: [...input.inputs],
    dataset: context.dataset,
    suite: context.suite,
    machine: context.machine,
    ...(subject === undefined ? {} : { subject }),
    design: context.design,
    ...(context.slots === undefined ? {} : { slots: { mode: context.slots.mode } }),
    ...(context.meter === undefined ? {} : { meter: context.meter }),
    ...(context.sampling === undefined ? {} : { sampling: { mode: context.sampling.mode } }),
  };
}

function describeBenchmark(input: SummaryInput, pairs: readonly Pair[]): Summary["benchmark"] {
  const { suite, cliPath, tierManifestPath, imageCounts, context } = input;
  const { headline } = suite;
  const isHeadlineMeasured = headline !== undefined && pairs.some((pair) => pairId(pair) === pairId(headline));
  const [profileIds, names] = [
    new Set(pairs.map((pair) => pair.profileId)),
    new Set(pairs.map((pair) => pair.scenario)),
  ];
  return {
    cliPath,
    ...(tierManifestPath === undefined ? {} : { tierManifestPath }),
    runCount: isByEvidence(context) ? runsOfHeadline(input, pairs) : context.runCount,
    profiles: suite.profiles.filter(({ id }) => profileIds.has(id)).map(publishedProfile),
    scenarios: suite.scenarios
      .filter(({ name }) => names.has(name))
      .map(({ name, phases }) => ({
        name,
        ...(imageCounts[name] === undefined ? {} : { expectedTotal: imageCounts[name] }),
        ...publishedPhases(phases),
      })),
    ...(isHeadlineMeasured ? { headline } : {}),
  };
}

function isByEvidence({ sampling }: RunContext): boolean {
  return sampling?.mode === "evidence";
}

/** How many runs the head made on the headline's pair; if that was not measured, on the pair with the fewest. */
function runsOfHeadline({ suite, runs }: SummaryInput, pairs: readonly Pair[]): number {
  const counts = new Map(pairs.map((pair) => [pairId(pair), 0]));
  for (const run of runs) if (run.arm === "head") counts.set(pairId(run), (counts.get(pairId(run)) ?? 0) + 1);
  const ofHeadline = suite.headline === undefined ? undefined : counts.get(pairId(suite.headline));
  return ofHeadline ?? [...counts.values()].reduce((least, count) => Math.min(least, count), runs.length);
}

function publishedProfile({ id, description, formats, quality, blur, widths }: Suite["profiles"][number]) {
  return {
    id,
    ...(formats === undefined ? {} : { formats }),
    ...(quality === undefined ? {} : { quality }),
    ...(blur === undefined ? {} : { blur }),
    ...(widths === undefined ? {} : { widths }),
    description,
  };
}

type Pair = Pick<Cell, "profileId" | "scenario">;

function pairsOf(cells: readonly Cell[]): Pair[] {
  const byId = new Map(
    cells.map(({ profileId, scenario }) => [pairId({ profileId, scenario }), { profileId, scenario }]),
  );
  return [...byId.values()];
}

interface JudgedPair {
  readonly pair: Pair;
  readonly figures: ProfileScenarioSummary;
  readonly failures: readonly Failure[];
}

/** The runs and cells of one pair. */
interface PairInput {
  readonly pair: Pair;
  /** Of both arms. */
  readonly runs: readonly RawRun[];
  readonly cells: readonly Cell[];
  /** All chosen cells, of whatever shard. */
  readonly chosenCells: readonly Cell[];
}

function judgePairs(pairs: readonly Pair[], { runs, cells, chosenCells = cells, ...rest }: SummaryInput): JudgedPair[] {
  const [runsOf, cellsOf, chosenOf] = [groupBy(runs, pairId), groupBy(cells, pairId), groupBy(chosenCells, pairId)];
  return pairs.map((pair) => {
    const of = <T>(groups: ReadonlyMap<string, T[]>) => groups.get(pairId(pair)) ?? [];
    return judgePair({ pair, runs: of(runsOf), cells: of(cellsOf), chosenCells: of(chosenOf) }, rest);
  });
}

function figuresByProfile(judged: readonly JudgedPair[]): Summary["profileScenarioSummaries"] {
  const profiles = [...groupBy(judged, ({ pair }) => pair.profileId)];
  return Object.fromEntries(
    profiles.map(([id, own]) => [id, Object.fromEntries(own.map(({ pair, figures }) => [pair.scenario, figures]))]),
  );
}

function judgePair(own: PairInput, input: Pick<SummaryInput, "arm" | "context" | "imageCounts">): JudgedPair {
  const { pair } = own;
  const runs = own.runs.filter(({ arm }) => arm === input.arm);
  const failures: Failure[] = runs
    .filter((run) => !hasFigures(run))
    .map((run) => ({
      ...pair,
      phase: run.phase,
      run: run.run,
      message: `${pairId(pair)}/${run.phase}, run ${run.run}: ${failuresOf(run).join("; ") || "not valid"}`,
    }));
  failures.push(
    ...(isByEvidence(input.context) ? cellsNotDone(own, input.context) : runsNotMade(own, runs.length, input.context)),
  );
  const valid = runs.filter(hasFigures);
  const imageCount = input.imageCounts[pair.scenario];
  const cold = summarizeCold(
    valid.filter(({ phase }) => phase === "cold"),
    imageCount,
  );
  const warm = summarizeWarm(
    valid.filter(({ phase }) => phase === "warm"),
    imageCount,
  );
  return {
    pair,
    failures,
    figures: {
      runCount: runs.length,
      ...(imageCount === undefined ? {} : { imageCount }),
      cold,
      warm,
      speedup: cold === null || warm === null ? null : speedupOf(cold, warm),
      validation: { passed: failures.length === 0 },
    },
  };
}

/** A run of 0 ms is impossible: no rate can be computed from it, and something else is wrong. */
function hasFigures({ valid, wallMs }: RawRun): boolean {
  return valid === true && wallMs > 0;
}

function failuresOf({ valid, failures = [] }: RawRun): readonly string[] {
  return valid === true ? ["took 0 ms, which no process does"] : failures;
}

/** Under the fixed protocol all runs are planned. */
function runsNotMade({ pair, cells, chosenCells }: PairInput, runCount: number, context: RunContext): Failure[] {
  const here = new Set(cells.map(cellId));
  const plannedCount = fixedProtocol(chosenCells, context.runCount, context.sampling?.coldRuns)
    .filter(({ cell }) => here.has(cellId(cell)))
    .reduce((sum, { blockCount }) => sum + blockCount, 0);
  if (runCount >= plannedCount) return [];
  const message = `${pairId(pair)}: ${plannedCount - runCount} of ${plannedCount} runs were not made, because those before them failed`;
  return [{ ...pair, message }];
}

/**
 * By evidence a cell may end early because the time is over, even before its first run, but not because runs of any
 * arm failed.
 */
function cellsNotDone({ pair, cells, runs }: PairInput, { sampling }: RunContext): Failure[] {
  const minBlocks = sampling?.minBlocks ?? 1;
  const limits = sampling === undefined ? [] : [sampling, ...(sampling.earlier ?? [])];
  const hasTimeBudget = limits.some(({ timeBudgetMinutes }) => timeBudgetMinutes !== undefined);
  return cells.flatMap((cell) => {
    const own = runs.filter((run) => cellId(run) === cellId(cell));
    const blockCount = new Set(own.map(({ block }) => block)).size;
    const failure = (message: string) => [{ ...pair, phase: cell.phase, message: `${cellId(cell)}: ${message}` }];
    if (blockCount === 0) return hasTimeBudget ? [] : failure("no run was made");
    if (blockCount >= minBlocks || !isGivenUp(own)) return [];
    return failure(`given up after ${blockCount} of at least ${minBlocks} blocks, because runs of it failed`);
  });
}

function summarizeCold(runs: readonly RawRun[], imageCount = 0): ColdSummary | null {
  const [first] = runs;
  if (first === undefined) return null;
  const wallMs = median(runs.map((run) => run.wallMs));
  const reports = reportDurations(runs);
  return {
    wallMs: rounded(wallMs),
    reportDurationMs: reports === null ? null : rounded(median(reports)),
    total: first.total ?? 0,
    processed: first.processed ?? 0,
    cached: first.cached ?? 0,
    failed: first.failed ?? 0,
    errorsLength: first.errorsLength ?? 0,
    imagesPerSec: rounded((imageCount * 1000) / wallMs),
    perImageMs: rounded(wallMs / imageCount),
    originalBytes: first.totalOriginalSize ?? 0,
    processedBytes: first.totalProcessedSize ?? 0,
  };
}

function summarizeWarm(runs: readonly RawRun[], imageCount = 0): WarmSummary | null {
  if (runs.length === 0) return null;
  const walls = runs.map((run) => run.wallMs);
  const reports = reportDurations(runs);
  return {
    count: runs.length,
    wallMs: distributionOf(walls),
    reportDurationMs: reports === null ? null : distributionOf(reports),
    imagesPerSecMean: rounded((imageCount * 1000) / mean(walls)),
    perImageMsMean: rounded(mean(walls) / imageCount),
  };
}

/** The durations that the subject reported; null when a run has none. */
function reportDurations(runs: readonly RawRun[]): number[] | null {
  const durations = runs.flatMap(({ reportDurationMs }) => (reportDurationMs === null ? [] : [reportDurationMs]));
  return durations.length === runs.length ? durations : null;
}

function distributionOf(values: readonly number[]): Distribution {
  return {
    mean: rounded(mean(values)),
    p50: rounded(nearestRankPercentile(values, 50)),
    p95: rounded(nearestRankPercentile(values, 95)),
    stddev: rounded(sampleStandardDeviation(values)),
  };
}

/** Null where the warm runs are so short that six decimals show nothing. */
function speedupOf(cold: ColdSummary, warm: WarmSummary): ProfileScenarioSummary["speedup"] {
  const report =
    cold.reportDurationMs === null || warm.reportDurationMs === null || warm.reportDurationMs.mean === 0
      ? null
      : rounded(cold.reportDurationMs / warm.reportDurationMs.mean);
  if (warm.wallMs.mean === 0) return null;
  return { coldVsWarmWallMean: rounded(cold.wallMs / warm.wallMs.mean), coldVsWarmReportMean: report };
}

/** Six decimals, as published figures have; what is no number, for example a time for each of no images, is 0. */
function rounded(value: number): number {
  if (!Number.isFinite(value)) return 0;
  const scaled = Math.round(value * 1e6) / 1e6;
  return Number.isFinite(scaled) ? scaled : value;
}
