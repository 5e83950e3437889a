import type { NightPlan } from "@forgebench/artifacts";
import { counted, OperationError } from "@forgebench/errors";
import { pipelineCellName, readControlName } from "@forgebench/series";
import { median } from "@forgebench/stats";
import { type CellName, cellNamed } from "./cell-names.ts";
import { type Fit, fitNight, type ShedCell } from "./fit-night.ts";
import { type History, type HistoryPrice, historyPrices } from "./history-prices.ts";
import { pricePredictor } from "./predicted-prices.ts";
import { formatMinutes, listed } from "./words.ts";

/** A cell that the suite offers to a night, not yet priced. */
export interface NightCell extends CellName {
  readonly gating: boolean;
}

/** The input of a plan. */
export interface NightRequest {
  /** In the order of the suite. */
  readonly cells: readonly NightCell[];
  readonly histories: readonly History[];
  /** Of each shard. */
  readonly budgetMinutes: number;
  readonly shardCount: number;
  /** The cells by which each shard checks itself: null, planted +5 % and +10 %; the null alone; or none. */
  readonly controlsPerShard: number;
  readonly minBlocks: number;
  readonly maxBlocks: number;
  /** Undefined: what the histories say, where they were by evidence. */
  readonly expectedBlocks: number | undefined;
  /** The command that measures these cells as the given shard; the error is shared over all that are kept. */
  readonly shardCommand: (shard: ShardOfNight) => string;
  /** The command that makes a first history of these cells. */
  readonly pilotCommand: (cells: readonly string[]) => string;
}

/** One shard and all that the night measures. */
export interface ShardOfNight {
  readonly index: number;
  readonly count: number;
  readonly cells: readonly string[];
  readonly allCells: readonly string[];
}

type PlannedNight = Pick<
  NightPlan,
  "budgetMinutes" | "blocks" | "shards" | "cells" | "notJudged" | "sheddedGating" | "controls" | "totals"
>;

/** The default: about as many blocks as a quiet machine needs to find 5 %. */
const USUAL_BLOCKS = 20;
const MS_PER_MINUTE = 60_000;

/**
 * Prices each cell, fits them to the budget and deals them to the shards.
 * @throws {OperationError} `unjudged` when a gating cell has no price, or the budget is too small for any cell.
 */
export function planNight(request: NightRequest): PlannedNight {
  const history = historyPrices(request.histories);
  const { priced, unpriced } = priceCells(request, history);
  assertPriced(request, unpriced);
  const controls = priceControls(request, history, priced);
  const budgetMs = request.budgetMinutes * MS_PER_MINUTE;
  const fit = fitNight(priced, request.shardCount, budgetMs - controls.costMs);
  assertSomethingJudged(request, fit, controls.costMs);
  const cells = plannedCells(priced, fit);
  const shards = plannedShards(request, fit, controls);
  const notJudged = [
    ...fit.shed.map((shed) => describeShed(shed, request, controls.costMs)),
    ...unpriced.map(describeUnpriced),
  ];
  return {
    budgetMinutes: request.budgetMinutes,
    blocks: { min: request.minBlocks, expected: expectedBlocksOf(request, history), max: request.maxBlocks },
    shards,
    cells,
    notJudged: notJudged.toSorted(byWeight),
    sheddedGating: notJudged.some(({ gating }) => gating),
    controls: {
      cellsPerShard: request.controlsPerShard,
      blockMs: rounded(controls.blockMs),
      expectedBlocks: controls.expectedBlocks,
      expectedMinutesPerShard: inMinutes(controls.costMs),
    },
    totals: {
      cellCount: request.cells.length,
      judgedCount: cells.length,
      expectedMinutes: rounded(shards.reduce((sum, { expectedMinutes }) => sum + expectedMinutes, 0)),
      minimumMinutes: rounded(shards.reduce((sum, { minimumMinutes }) => sum + minimumMinutes, 0)),
      longestShardMinutes: Math.max(...shards.map(({ expectedMinutes }) => expectedMinutes)),
    },
  };
}

interface PricedCell {
  readonly id: string;
  readonly gating: boolean;
  readonly blockMs: number;
  readonly setupMs: number;
  readonly expectedBlocks: number;
  readonly costMs: number;
  readonly minimumMs: number;
  readonly pricedFrom: "history" | "predicted";
}

interface Priced {
  readonly priced: readonly PricedCell[];
  readonly unpriced: readonly NightCell[];
}

function priceCells(request: NightRequest, history: ReadonlyMap<string, HistoryPrice>): Priced {
  const known = new Map([...history].map(([cell, { blockMs }]) => [cell, blockMs]));
  // Cells that are not planned tonight help to price the planned ones.
  const predict = pricePredictor([...request.cells, ...[...known.keys()].flatMap(cellNamed)], known);
  const blockMsOf = (cell: CellName) => known.get(pipelineCellName(cell)) ?? predict(cell);
  const usual = expectedBlocksOf(request, history);
  const priced: PricedCell[] = [];
  const unpriced: NightCell[] = [];
  for (const cell of request.cells) {
    const blockMs = blockMsOf(cell);
    if (blockMs === undefined) {
      unpriced.push(cell);
      continue;
    }
    const id = pipelineCellName(cell);
    // A warm folder of each arm is filled by a cold run.
    const setupMs = cell.phase === "cold" ? 0 : (blockMsOf({ ...cell, phase: "cold" }) ?? blockMs);
    const expectedBlocks = clampedBlocks(request.expectedBlocks ?? history.get(id)?.blocksTaken ?? usual, request);
    const costOf = (blockCount: number) => setupMs + blockCount * blockMs;
    priced.push({
      id,
      gating: cell.gating,
      blockMs,
      setupMs,
      expectedBlocks,
      costMs: costOf(expectedBlocks),
      minimumMs: costOf(request.minBlocks),
      pricedFrom: known.has(id) ? "history" : "predicted",
    });
  }
  return { priced, unpriced };
}

/** The expected blocks of a cell without an evidence history of its own. */
function expectedBlocksOf(request: NightRequest, history: ReadonlyMap<string, HistoryPrice>): number {
  const taken = [...history].flatMap(([cell, { blocksTaken }]) =>
    blocksTaken === null || readControlName(cell) !== undefined ? [] : [blocksTaken],
  );
  return clampedBlocks(request.expectedBlocks ?? (taken.length === 0 ? USUAL_BLOCKS : median(taken)), request);
}

function clampedBlocks(blockCount: number, { minBlocks, maxBlocks }: NightRequest): number {
  return Math.min(maxBlocks, Math.max(minBlocks, Math.ceil(blockCount)));
}

interface PricedControls {
  readonly blockMs: number;
  readonly expectedBlocks: number;
  readonly costMs: number;
  readonly minimumMs: number;
}

/** Controls run on a cheap cell; where no history has any, on the cheapest that there is. */
function priceControls(
  request: NightRequest,
  history: ReadonlyMap<string, HistoryPrice>,
  priced: readonly PricedCell[],
): PricedControls {
  const own = [...history].flatMap(([cell, { blockMs }]) => (readControlName(cell) !== undefined ? [blockMs] : []));
  const known = [...history.values(), ...priced].map((price) => price.blockMs);
  const blockMs = own.length > 0 ? median(own) : known.reduce((least, price) => Math.min(least, price));
  const expectedBlocks = expectedBlocksOf(request, history);
  // One more: the cheap cell is a warm one, whose folders are filled first.
  const costOf = (blockCount: number) => request.controlsPerShard * (blockCount + 1) * blockMs;
  return { blockMs, expectedBlocks, costMs: costOf(expectedBlocks), minimumMs: costOf(request.minBlocks) };
}

function assertPriced(request: NightRequest, unpriced: readonly NightCell[]): void {
  const gating = unpriced.filter((cell) => cell.gating).map(pipelineCellName);
  if (gating.length === 0 && unpriced.length < request.cells.length) return;
  const runs = request.histories.reduce((sum, { runs: own }) => sum + own.length, 0);
  const given = runs === 0 ? "there is no history" : `the ${runs} runs of the history do not include them`;
  const [noun, names] = gating.length === 0 ? ["cell", unpriced.map(pipelineCellName)] : ["gating cell", gating];
  const have = `${counted(names.length, noun)} ${names.length === 1 ? "has" : "have"}`;
  throw new OperationError("unjudged", `Cannot plan the night: ${have} no price: ${listed(names)}; ${given}`, {
    details: [
      { label: "need", text: "at least one valid block of each, or of enough others to predict it" },
      { label: "pilot", text: request.pilotCommand(unpriced.map(pipelineCellName)) },
      { label: "then", text: "plan again with the pilot's workspace among --history" },
    ],
  });
}

function assertSomethingJudged(request: NightRequest, { hands, shed }: Fit<PricedCell>, controlsMs: number): void {
  if (hands.length > 0) return;
  const cheapestMs = Math.min(...shed.map(({ cell }) => cell.costMs));
  const { budgetMinutes } = request;
  throw new OperationError(
    "unjudged",
    `Cannot plan the night: a budget of ${formatMinutes(budgetMinutes)} is too small for any cell beside the controls`,
    {
      details: [
        { label: "controls", text: `${formatMinutes(inMinutes(controlsMs))} in each shard` },
        { label: "cheapest", text: `${formatMinutes(inMinutes(cheapestMs))}` },
        { label: "try", text: `--budget-minutes ${Math.ceil((controlsMs + cheapestMs) / MS_PER_MINUTE)} or more` },
      ],
    },
  );
}

function plannedCells(priced: readonly PricedCell[], { hands }: Fit<PricedCell>): NightPlan["cells"] {
  const shardOf = new Map(hands.flatMap(({ cells }, index) => cells.map(({ id }) => [id, index + 1])));
  return priced.flatMap(({ id, gating, blockMs, setupMs, expectedBlocks, costMs, pricedFrom }) => {
    const shard = shardOf.get(id);
    if (shard === undefined) return [];
    const prices = { blockMs: rounded(blockMs), setupMs: rounded(setupMs), expectedMinutes: inMinutes(costMs) };
    return [{ id, gating, ...prices, expectedBlocks, pricedFrom, shard }];
  });
}

function plannedShards(
  request: NightRequest,
  { hands }: Fit<PricedCell>,
  controls: PricedControls,
): NightPlan["shards"] {
  const place = new Map(request.cells.map((cell, index) => [pipelineCellName(cell), index]));
  const inOrder = (cells: readonly PricedCell[]) =>
    cells.map(({ id }) => id).toSorted((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
  const allCells = inOrder(hands.flatMap(({ cells }) => cells));
  return hands.map((hand, index) => {
    const cells = inOrder(hand.cells);
    const minimumMs = hand.cells.reduce((sum, cell) => sum + cell.minimumMs, controls.minimumMs);
    return {
      index: index + 1,
      cells,
      expectedMinutes: inMinutes(hand.costMs + controls.costMs),
      minimumMinutes: inMinutes(minimumMs),
      command: request.shardCommand({ index: index + 1, count: hands.length, cells, allCells }),
    };
  });
}

type NotJudged = NightPlan["notJudged"][number];

function describeShed({ cell, why }: ShedCell<PricedCell>, request: NightRequest, controlsMs: number): NotJudged {
  const expectedMinutes = inMinutes(cell.costMs);
  const left = formatMinutes(Math.max(0, request.budgetMinutes - inMinutes(controlsMs)));
  const reason =
    why === "too-dear"
      ? `takes ${formatMinutes(expectedMinutes)}, but a shard has only ${left} beside its controls`
      : "all cells together are more than the budget";
  return { id: cell.id, gating: cell.gating, reason, expectedMinutes };
}

function describeUnpriced(cell: NightCell): NotJudged {
  return {
    id: pipelineCellName(cell),
    gating: cell.gating,
    reason: "has no price: it is in no history",
    expectedMinutes: null,
  };
}

/** Gating cells first, then the most expensive, then those without a price. */
function byWeight(a: NotJudged, b: NotJudged): number {
  return (
    Number(b.gating) - Number(a.gating) ||
    (b.expectedMinutes ?? -1) - (a.expectedMinutes ?? -1) ||
    (a.id < b.id ? -1 : 1)
  );
}

function inMinutes(durationMs: number): number {
  return rounded(durationMs / MS_PER_MINUTE);
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
