import {
  type Cell,
  cellId,
  declarationsOf,
  familyOf,
  fixedProtocol,
  isGivenUp,
  planRuns,
  selectCells,
  summarize,
} from "@forgebench/runner";
import { readSeriesName } from "@forgebench/series";
import { neededBlocks } from "../comparison/needed-blocks.ts";
import { type ShardFacts, shardsOf } from "../verify/check-identity.ts";
import type { OrderRules } from "../verify/check-order.ts";
import type { SamplingRules } from "../verify/check-sampling.ts";
import { byShard } from "../verify/logged-run.ts";
import { type ComputedAgain, imageCountsOf, type StoredEvidence } from "../verify/verify-evidence.ts";
import { MAX_BLOCKS } from "./verifiable-evidence.ts";

/** The results of the measuring side from the same files: summaries, family, order and ends. */
export function computeAgain(stored: StoredEvidence): ComputedAgain {
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
    head: summaryOf("head"),
    base: summaryOf("base"),
    shards: new Map(shards),
    family: context.family && familyOf({ suite, chosenCells, meter: context.meter }),
    declaredMetrics: suite.ownMetrics.length === 0 ? undefined : declarationsOf(suite),
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
  const members = [...(family?.primary ?? []), ...(family?.secondary ?? [])].map((name) => readSeriesName(name).cell);
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
  const { sampling } = context;
  const limits = sampling === undefined ? [] : [sampling, ...(sampling.earlier ?? [])];
  const hasTimeBudget = limits.some(({ timeBudgetMinutes }) => timeBudgetMinutes !== undefined);
  return { drawn, mayBeOutOfTurn: hasTimeBudget, hasTimeBudget, ...endsOf(runs, context, chosenCells) };
}

/** When a cell is finished, and by what its runs are numbered. */
function endsOf(
  [first]: Runs,
  context: Context,
  chosenCells: readonly Cell[],
): Pick<OrderRules & SamplingRules, "firstRunOf" | "isFinished"> {
  const { sampling, runCount, shard } = context;
  if (sampling?.mode === "evidence") {
    const { minBlocks = 1, maxBlocks = 1 } = sampling;
    const needed = neededBlocks({
      family: context.family,
      design: context.design,
      declaredMetrics: context.declaredMetrics,
      shard: first?.shard ?? shard,
    });
    const isFinished = (runs: Runs, blockCount: number) =>
      blockCount >= maxBlocks || isGivenUp(runs) || (blockCount >= minBlocks && needed(runs) === 0);
    return { firstRunOf: undefined, isFinished };
  }
  const plans = new Map(
    fixedProtocol(chosenCells, runCount, sampling?.coldRuns).map((plan) => [cellId(plan.cell), plan]),
  );
  return {
    firstRunOf: (cell) => plans.get(cell)?.firstRun,
    isFinished: (runs, blockCount) => {
      const plan = runs[0] === undefined ? undefined : plans.get(cellId(runs[0]));
      return blockCount >= (plan?.blockCount ?? 0) || isGivenUp(runs);
    },
  };
}
