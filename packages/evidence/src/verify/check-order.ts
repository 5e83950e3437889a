import { groupBy } from "@forgebench/errors";
import { cellOfRun, pairName } from "@forgebench/series";
import { differenceOf, type EvidenceDifference } from "./difference.ts";
import { type LoggedRun, placeOf, RAW_RUNS } from "./logged-run.ts";

/** A block as the order seed draws it: its runs in their order, each with its slot. */
interface DrawnBlock {
  /** `PROFILE/SCENARIO/PHASE`, or `control/null` and so on. */
  readonly cell: string;
  readonly block: number;
  readonly runs: readonly { readonly arm: string; readonly slot: string }[];
}

/** What the order seed and the limits of a run say of the order of its runs; see {@link checkOrder}. */
export interface OrderRules {
  /** All blocks that the cells have by their counts, in the order in which a measurement without a pause runs them. */
  readonly drawn: readonly DrawnBlock[];
  /** With a time budget, cells that were cut and went on later are out of turn. */
  readonly mayBeOutOfTurn: boolean;
  /** What the number of a run counts, `undefined` where it is not checked: the number of the first run of a cell. */
  readonly firstRunOf: ((cell: string) => number | undefined) | undefined;
}

/**
 * Where the runs of one shard are not in the order and slots, and have not the numbers, that the order seed draws;
 * `areBlocksWhole` says whether {@link checkBlocks} found nothing.
 */
export function checkOrder(
  runs: readonly LoggedRun[],
  rules: OrderRules,
  areBlocksWhole: boolean,
): EvidenceDifference[] {
  // Where runs are missing or foreign, all lines after them are out of place.
  const order = areBlocksWhole ? checkLines(runs, rules) : [];
  return [...checkCoins(runs, rules.drawn), ...order, ...checkNumbers(runs, rules.firstRunOf)];
}

/** Position and slot of every run are what two coins of its block say. */
function checkCoins(runs: readonly LoggedRun[], drawn: readonly DrawnBlock[]): EvidenceDifference[] {
  const expected = new Map(
    drawn.flatMap(({ cell, block, runs: own }) =>
      own.map(({ arm, slot }, position) => [keyOf(cell, block, arm), { position, slot }] as const),
    ),
  );
  return runs.flatMap((logged) => {
    const { run } = logged;
    const drawnRun = expected.get(keyOf(cellOfRun(run), run.block, run.arm));
    if (drawnRun === undefined || (run.position === drawnRun.position && run.slot === drawnRun.slot)) return [];
    return [
      ...differenceOf({ ...placeOf(logged), field: "position" }, run.position, drawnRun.position),
      ...differenceOf({ ...placeOf(logged), field: "slot" }, run.slot, drawnRun.slot),
    ];
  });
}

function keyOf(cell: string, block: number | undefined, arm: string | undefined): string {
  return `${cell}#${block}#${arm}`;
}

/** Each cell has the blocks 0, 1, 2 and so on, each with one run of each arm. */
export function checkBlocks(runs: readonly LoggedRun[], { drawn }: Pick<OrderRules, "drawn">): EvidenceDifference[] {
  const armCount = drawn[0]?.runs.length ?? 2;
  const found: EvidenceDifference[] = [];
  for (const [cell, own] of groupBy(runs, ({ run }) => cellOfRun(run))) {
    const blocks = [...groupBy(own, ({ run }) => run.block)].sort(([a = -1], [b = -1]) => a - b);
    for (const [index, [block, members]] of blocks.entries()) {
      const about = `${cell}, block ${block ?? "?"}`;
      const arms = members.map(({ run }) => run.arm ?? "?").sort();
      const isWhole = members.length === armCount && new Set(arms).size === armCount && !arms.includes("?");
      if (!isWhole) found.push({ member: RAW_RUNS, about, field: "arms", stored: arms.join(", "), recomputed: WHOLE });
      if (block === index) continue;
      const next = { stored: `block ${block ?? "without a number"}`, recomputed: `block ${index}` };
      found.push({ member: RAW_RUNS, about: cell, field: "blocks", ...next });
      break;
    }
  }
  return found;
}

const WHOLE = "one run of each arm";

/** The lines stand in the order in which the runs were drawn, or else, cells having been cut, at least in that of time. */
function checkLines(runs: readonly LoggedRun[], { drawn, mayBeOutOfTurn }: OrderRules): EvidenceDifference[] {
  const expected = drawn.flatMap(({ cell, block, runs: own }) => own.map(({ arm }) => ({ cell, block, arm })));
  const wrong = runs.findIndex(({ run }, index) => {
    const turn = expected[index];
    return turn === undefined || keyOf(cellOfRun(run), run.block, run.arm) !== keyOf(turn.cell, turn.block, turn.arm);
  });
  if (wrong < 0 || (mayBeOutOfTurn && areInTime(runs))) return [];
  const [logged, turn] = [runs[wrong], expected[wrong]];
  if (logged === undefined) return [];
  const { run } = logged;
  const stored = `${cellOfRun(run)}, block ${run.block}, ${run.arm}`;
  const recomputed = turn === undefined ? "no run" : `${turn.cell}, block ${turn.block}, ${turn.arm}`;
  return [{ member: RAW_RUNS, about: `line ${logged.line}`, field: "order of runs", stored, recomputed }];
}

function areInTime(runs: readonly LoggedRun[]): boolean {
  return runs.every(({ run }, index) => {
    const before = runs[index - 1]?.run.timestamp;
    return before === undefined || Date.parse(before) <= Date.parse(run.timestamp);
  });
}

/** Runs are numbered by what counts them: by the block where that is told, else over both phases as they came. */
function checkNumbers(runs: readonly LoggedRun[], firstRunOf: OrderRules["firstRunOf"]): EvidenceDifference[] {
  const counts = new Map<string, Set<string>>();
  return runs.flatMap((logged) => {
    const { run } = logged;
    const cell = cellOfRun(run);
    const first = firstRunOf?.(cell);
    if (firstRunOf !== undefined && first === undefined) return [];
    const counted = run.control === undefined ? pairName(run) : cell;
    const blocks = counts.get(counted) ?? new Set();
    counts.set(counted, blocks.add(`${cell}#${run.block}`));
    const expected = first === undefined ? blocks.size : first + (run.block ?? 0);
    if (run.run === expected) return [];
    return differenceOf({ ...placeOf(logged), field: "run" }, run.run, expected);
  });
}
