import { confidenceSequence, mean, median, SeededRandom, signedRankInterval } from "@forgebench/stats";
import {
  type CellRule,
  DEFAULT_MARGINS,
  detectableChange,
  INTERVAL_ALPHA,
  intervalAlternatives,
  judgeDifferences,
  judgeFixedBlocks,
  ruleOf,
} from "@forgebench/verdict";
import { type Disturbance, differencesOf, type NoiseRecording, type ReplayedBlocks, replayBlocks } from "./noise.ts";
import { mannWhitneyRule, type RivalAnswer, repeatedTRule, seedRule } from "./rivals.ts";

/** The matrix whose error control every replayed cell has: three profiles × four scenarios × two phases. */
const MATRIX_CELLS = 24;
/** The runs of each arm that rules with a fixed number get. */
const FIXED_RUNS = 10;

/** Which recorded noise is replayed, how often and for how many blocks. The same seed gives the same figures. */
export interface ReplayPlan {
  readonly recording: NoiseRecording;
  readonly simulationCount: number;
  readonly maxBlocks: number;
  readonly seed: string;
}

/** How often each answer came, as shares of all simulated cells. */
export interface VerdictShares {
  readonly slowdownPct: number;
  readonly regressed: number;
  /** `regressed` by at least the least effect. */
  readonly alert: number;
  readonly same: number;
  readonly improved: number;
  readonly undecided: number;
  /** Blocks after which it was decided; the cap where it was not. */
  readonly meanBlocks: number;
  /** How often the others called head slower, and their mean number of runs of each arm. */
  readonly rivals: Readonly<Record<RivalName, { readonly slower: number; readonly meanRuns: number }>>;
}

type RivalName = "seed" | "repeatedT" | "mannWhitney";

const rivals: Readonly<Record<RivalName, (blocks: ReplayedBlocks) => RivalAnswer>> = {
  seed: (blocks) => seedRule(firstRuns(blocks)),
  repeatedT: repeatedTRule,
  mannWhitney: (blocks) => mannWhitneyRule(firstRuns(blocks)),
};

function firstRuns({ base, head }: ReplayedBlocks): ReplayedBlocks {
  return { base: base.slice(0, FIXED_RUNS), head: head.slice(0, FIXED_RUNS) };
}

/** Replays one slowdown through the rule of a cell of the whole matrix, and through the others. */
export function replaySlowdown(plan: ReplayPlan, slowdownPct: number): VerdictShares {
  const rule = ruleOf("primary", MATRIX_CELLS, DEFAULT_MARGINS);
  const cells = simulate(plan, { slowdownPct, label: `power/${slowdownPct}` }, (blocks, sequential) => {
    const differences = differencesOf(blocks);
    const judgement = judgeDifferences(differences, rule);
    const decided = differences.slice(0, judgement.decidedAfterBlocks ?? differences.length);
    return {
      direction: judgement.direction,
      isAlert: judgement.direction === "higher" && median(decided) >= rule.minEffect,
      blockCount: decided.length,
      // What they would have done themselves: all of head, then all of base.
      seed: rivals.seed(sequential),
      repeatedT: rivals.repeatedT(blocks),
      mannWhitney: rivals.mannWhitney(sequential),
    };
  });
  const share = (isCounted: (cell: (typeof cells)[number]) => boolean) => cells.filter(isCounted).length / cells.length;
  const rival = (name: RivalName) => ({
    slower: share((cell) => cell[name].isSlower),
    meanRuns: cells.reduce((sum, cell) => sum + cell[name].runCount, 0) / cells.length,
  });
  return {
    slowdownPct,
    regressed: share(({ direction }) => direction === "higher"),
    alert: share(({ isAlert }) => isAlert),
    same: share(({ direction }) => direction === "same"),
    improved: share(({ direction }) => direction === "lower"),
    undecided: share(({ direction }) => direction === "open"),
    meanBlocks: cells.reduce((sum, { blockCount }) => sum + blockCount, 0) / cells.length,
    rivals: { seed: rival("seed"), repeatedT: rival("repeatedT"), mannWhitney: rival("mannWhitney") },
  };
}

/** Runs `judge` on simulated cells; `sequential` holds the same recording measured as all of head, then all of base. */
function simulate<T>(
  { recording, simulationCount, maxBlocks, seed }: ReplayPlan,
  { slowdownPct, label, disturbance }: { slowdownPct: number; label: string; disturbance?: Disturbance | undefined },
  judge: (blocks: ReplayedBlocks, sequential: ReplayedBlocks) => T,
): T[] {
  const random = new SeededRandom(`${seed}/${recording.name}/${label}`);
  return Array.from({ length: simulationCount }, () => {
    const blocks = replayBlocks(recording, random, { blockCount: maxBlocks, slowdownPct, disturbance });
    return judge(blocks, inOrder(recording, random, slowdownPct));
  });
}

function inOrder({ samples }: NoiseRecording, random: SeededRandom, slowdownPct: number): ReplayedBlocks {
  const start = random.integer(0, samples.length - 1);
  const at = (index: number) => samples[(start + index) % samples.length] ?? Number.NaN;
  return {
    head: Array.from({ length: FIXED_RUNS }, (_, index) => at(index) * (1 + slowdownPct / 100)),
    base: Array.from({ length: FIXED_RUNS }, (_, index) => at(FIXED_RUNS + index)),
  };
}

/** How often nights of a whole matrix with nothing changed named a cell. */
export interface FalseNights {
  readonly nightCount: number;
  /** Nights with a `regressed`, as a night decides: cells stop when they are decided. */
  readonly regressedNights: number;
  readonly improvedNights: number;
  /** Nights in which some cell would have been called slower by who could look at every block and stop at the worst. */
  readonly worstMomentNights: number;
}

/** Simulates nights of the whole matrix with nothing changed; each cell starts anywhere in the recording. */
export function replayNullNights(
  plan: Omit<ReplayPlan, "simulationCount">,
  nightCount: number,
  disturbance: Disturbance,
): FalseNights {
  const rule = ruleOf("primary", MATRIX_CELLS, DEFAULT_MARGINS);
  const random = new SeededRandom(`${plan.seed}/${plan.recording.name}/null`);
  const count = { regressedNights: 0, improvedNights: 0, worstMomentNights: 0 };
  for (let night = 0; night < nightCount; night += 1) {
    const cells = Array.from({ length: MATRIX_CELLS }, () =>
      judgeNull(
        differencesOf(
          replayBlocks(plan.recording, random, { blockCount: plan.maxBlocks, slowdownPct: 0, disturbance }),
        ),
        rule,
      ),
    );
    if (cells.some(({ direction }) => direction === "higher")) count.regressedNights += 1;
    if (cells.some(({ direction }) => direction === "lower")) count.improvedNights += 1;
    if (cells.some(({ atWorst }) => atWorst)) count.worstMomentNights += 1;
  }
  return { nightCount, ...count };
}

function judgeNull(differences: readonly number[], rule: CellRule) {
  const { direction } = judgeDifferences(differences, rule);
  const unstopped = judgeDifferences(differences, { ...rule, canBeSame: false, minEffect: 0 });
  return { direction, atWorst: unstopped.logHigher >= rule.logNeeded };
}

/** What the intervals of a recording did, with a slowdown of 5 % planted. */
export interface IntervalQuality {
  /** Shares of cells whose confidence sequence held the truth at every number of blocks up to the cap. */
  readonly sequenceCoverage: number;
  /** Mean width in percentage points at 20 blocks and at the cap. */
  readonly widthPctAt20: number;
  readonly widthPctAtCap: number;
  /** Shares of cells whose fixed-n interval held the truth, by n. */
  readonly fixedCoverage: Readonly<Record<number, number>>;
}

const PLANTED_PCT = 5;
const FIXED_COUNTS = [9, 20, 40] as const;

/** Replays nights with 5 % planted, and counts how often each kind of interval holds that truth. */
export function replayIntervals(plan: ReplayPlan): IntervalQuality {
  const options = {
    alpha: INTERVAL_ALPHA,
    alternatives: intervalAlternatives(Math.log1p(DEFAULT_MARGINS.equivalencePct / 100)),
  };
  const truth = Math.log1p(PLANTED_PCT / 100);
  const cells = simulate(plan, { slowdownPct: PLANTED_PCT, label: "intervals" }, (blocks) => {
    const differences = differencesOf(blocks);
    const at = (count: number) => confidenceSequence(differences.slice(0, count), options);
    const [at20, atCap] = [at(Math.min(20, differences.length)), at(differences.length)];
    return {
      holds: (atCap.low ?? -9) <= truth && truth <= (atCap.high ?? 9),
      widthAt20: widthPct(at20),
      widthAtCap: widthPct(atCap),
      fixed: FIXED_COUNTS.map((count) => {
        const { low, high } = signedRankInterval(differences.slice(0, count), 0.95);
        return (low ?? -9) <= truth && truth <= (high ?? 9);
      }),
    };
  });
  const meanOf = (value: (cell: (typeof cells)[number]) => number) =>
    cells.reduce((sum, cell) => sum + value(cell), 0) / cells.length;
  return {
    sequenceCoverage: meanOf(({ holds }) => (holds ? 1 : 0)),
    widthPctAt20: meanOf(({ widthAt20 }) => widthAt20),
    widthPctAtCap: meanOf(({ widthAtCap }) => widthAtCap),
    fixedCoverage: Object.fromEntries(
      FIXED_COUNTS.map((count, index) => [count, meanOf(({ fixed }) => (fixed[index] === true ? 1 : 0))]),
    ),
  };
}

function widthPct({ low, high }: { readonly low: number | null; readonly high: number | null }): number {
  return 100 * (Math.expm1(high ?? 3) - Math.expm1(low ?? -3));
}

/** The change that reports print as detectable, against the one that the replay finds 95 % of the time. */
export interface DetectableQuality {
  /** The mean over nights with nothing changed, each from the blocks that it ran until it was decided. */
  readonly printedPct: number;
  readonly replayedPct: number;
}

/**
 * Compares the smallest detectable slowdown that reports print with the one that replays find in 95 % of nights,
 * searched by halving; both in per cent.
 */
export function replayDetectable(plan: ReplayPlan): DetectableQuality {
  const rule = ruleOf("primary", MATRIX_CELLS, DEFAULT_MARGINS);
  const few = { ...plan, simulationCount: Math.min(200, plan.simulationCount) };
  const printed = simulate(few, { slowdownPct: 0, label: "detectable" }, (blocks) => {
    const differences = differencesOf(blocks);
    const { decidedAfterBlocks } = judgeDifferences(differences, rule);
    const ran = Math.max(13, decidedAfterBlocks ?? plan.maxBlocks);
    const detectable = detectableChange(differences.slice(0, ran), plan.maxBlocks, rule);
    return detectable === null ? 100 : 100 * Math.expm1(detectable);
  });
  return { printedPct: mean(printed), replayedPct: findReplayed(plan, rule) };
}

function findReplayed(plan: ReplayPlan, rule: CellRule): number {
  let [missed, found] = [1, 200];
  for (let step = 0; step < 9; step += 1) {
    const slowdownPct = Math.sqrt(missed * found);
    const cells = simulate(plan, { slowdownPct, label: "found" }, (blocks) =>
      judgeDifferences(differencesOf(blocks), rule),
    );
    const foundCount = cells.filter(({ direction }) => direction === "higher").length;
    if (foundCount >= 0.95 * cells.length) found = slowdownPct;
    else missed = slowdownPct;
  }
  return found;
}

/** Shares of planted control cells that were not found before the cap. */
export function replayPlanted(plan: ReplayPlan, slowdownPct: number): number {
  const rule = ruleOf("planted", 1, DEFAULT_MARGINS);
  const cells = simulate(plan, { slowdownPct, label: "planted" }, (blocks) =>
    judgeDifferences(differencesOf(blocks), rule),
  );
  return cells.filter(({ direction }) => direction !== "higher").length / cells.length;
}

/** Ten runs of each arm, one cell alone: against the seed's rule on the same recording. */
export function replayTenRuns(plan: ReplayPlan, slowdownPct: number): { readonly ours: number; readonly seed: number } {
  const rule = ruleOf("primary", 1, DEFAULT_MARGINS);
  const cells = simulate({ ...plan, maxBlocks: FIXED_RUNS }, { slowdownPct, label: "ten" }, (blocks, sequential) => ({
    ours: judgeFixedBlocks(differencesOf(blocks), rule).direction === "higher",
    seed: seedRule(sequential).isSlower,
  }));
  const share = (side: "ours" | "seed") => cells.filter((cell) => cell[side]).length / cells.length;
  return { ours: share("ours"), seed: share("seed") };
}
