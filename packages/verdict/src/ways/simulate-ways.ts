import type { Sample, Series, SeriesPair } from "@forgebench/series";
import { SeededRandom } from "@forgebench/stats";
import { independent } from "./independent.ts";
import { proportion } from "./proportion.ts";
import { betaNumber, SIMULATED_RATE, SIMULATED_TIME, simulatedSeries } from "./simulated-series.ts";
import type { WayAnswer, WayRule } from "./way.ts";

/** Shares of the comparisons, from 0 to 1. */
export interface WayShares {
  readonly higher: number;
  readonly lower: number;
  readonly same: number;
  readonly open: number;
  /** Of those with an interval: in how many it held the change that was planted. */
  readonly covered: number;
  /** Mean width of the intervals, on the scale of the differences. */
  readonly width: number;
  /** Median of the detectable change where one was told; NaN where never. */
  readonly detectable: number;
  /** Mean number of blocks after which those were decided that were; NaN where none says. */
  readonly decidedAfterBlocks: number;
}

/** The rule of one question alone. */
export const LONE_RULE: WayRule = { alpha: 0.01, margin: 0.05, minEffect: 0.02, canBeSame: true };

/** Made-up comparisons of two sessions, with earlier ones. */
export interface IndependentPlan {
  readonly seed: string;
  readonly comparisons: number;
  readonly rule: WayRule;
  /** Of earlier sessions. */
  readonly sessionCount: number;
  /** Logarithm of head/base. */
  readonly change: number;
  /** Each session is slower by a share up to this, all of them alike likely. */
  readonly sessionShift: number;
  /** Standard deviation of samples within a session, as a share; drawn between these for each comparison. */
  readonly withinNoise: readonly [number, number];
  readonly sampleCounts: readonly [number, number];
  /** `heavy`: t with two degrees of freedom, to one side. */
  readonly tails: "normal" | "heavy";
  /**
   * What sessions have in common beside: nothing; neighbours alike (correlation 0.8); each 0.5 % slower than the one
   * before; steps of 1 % that stay.
   */
  readonly drift: "none" | "alike" | "trend" | "walk";
  /** Whether base was measured just before head, or before all earlier sessions. */
  readonly baseIs: "latest" | "oldest";
}

/** How often the way `independent` gives each answer in made-up comparisons. The same seed gives the same shares. */
export function simulateIndependent(plan: IndependentPlan): WayShares {
  const random = new SeededRandom(`independent/${plan.seed}`);
  const answers = Array.from({ length: plan.comparisons }, () => {
    const noise = random.between(...plan.withinNoise);
    const shifts = sessionShifts(random, plan);
    const series = shifts.map((shift, index) => {
      const isHead = index === shifts.length - 1;
      return simulatedSession(random, plan, { level: shift + (isHead ? plan.change : 0), noise });
    });
    const head = series.pop();
    const base = plan.baseIs === "latest" ? series.pop() : series.shift();
    return independent(pairOf(base, head), plan.rule, { sessions: series });
  });
  return sharesOf(answers, plan.change);
}

/** Of the earlier sessions, base and head, in the order of time. */
function sessionShifts(random: SeededRandom, { sessionCount, sessionShift, drift }: IndependentPlan): number[] {
  let [walk, alike] = [0, random.normal()];
  return Array.from({ length: sessionCount + 2 }, (_, index) => {
    if (drift === "alike") {
      // As wide as the uniform shift.
      alike = 0.8 * alike + 0.6 * random.normal();
      return (sessionShift / Math.sqrt(12)) * alike;
    }
    walk += drift === "walk" ? 0.01 * random.normal() : 0;
    const trend = drift === "trend" ? 0.005 * index : 0;
    return walk + trend + Math.log1p(random.between(0, sessionShift));
  });
}

function simulatedSession(
  random: SeededRandom,
  { sampleCounts, tails }: IndependentPlan,
  { level, noise }: { readonly level: number; readonly noise: number },
): Series {
  const samples = Array.from({ length: random.integer(...sampleCounts) }, () => {
    const error =
      tails === "normal" ? random.normal() : Math.abs(random.normal() / Math.sqrt(-Math.log(1 - random.uniform())));
    return { value: 100 * Math.exp(level + noise * error) };
  });
  return simulatedSeries(SIMULATED_TIME, "sequential", samples);
}

/** Made-up comparisons of success counts. */
export interface ProportionPlan {
  readonly seed: string;
  readonly comparisons: number;
  readonly rule: WayRule;
  readonly taskCount: number;
  /** How often a side tries each task: as often as the other, or any number between two, drawn for each side and task. */
  readonly repeats: number | readonly [number, number];
  readonly baseRate: number;
  readonly headRate: number;
  /** a + b of the beta distribution of the tasks' rates: small where tasks are either easy or hard; Infinity: all alike. */
  readonly concentration: number;
  /** The chance that a side's try of a task ends as its first one did, without being made. */
  readonly stickiness: number;
  /** `shared`: the same tasks, one side after the other; `other`: other tasks; `blocked`: the same, in blocks. */
  readonly form: "shared" | "other" | "blocked";
}

/** How often the way `proportion` gives each answer in made-up comparisons. The same seed gives the same shares. */
export function simulateProportion(plan: ProportionPlan): WayShares {
  const random = new SeededRandom(`proportion/${plan.seed}`);
  const answers = Array.from({ length: plan.comparisons }, () => proportion(simulatedPair(random, plan), plan.rule));
  return sharesOf(answers, plan.headRate - plan.baseRate);
}

function simulatedPair(random: SeededRandom, plan: ProportionPlan): SeriesPair {
  const { taskCount, form, repeats } = plan;
  const [base, head]: [Omit<Sample, "status">[], Omit<Sample, "status">[]] = [[], []];
  for (let index = 0; index < taskCount; index += 1) {
    const rate = betaNumber(random, plan.baseRate, plan.concentration);
    const ofHead = form === "other" ? betaNumber(random, plan.baseRate, plan.concentration) : rate;
    const countOf = () => (typeof repeats === "number" ? repeats : random.integer(...repeats));
    addTries(base, random, { task: `${index}`, rate, tries: countOf(), plan });
    const task = form === "other" ? `other ${index}` : `${index}`;
    addTries(head, random, { task, rate: changedRate(ofHead, plan), tries: countOf(), plan });
  }
  const design = form === "blocked" ? "blocked" : "sequential";
  return pairOf(simulatedSeries(SIMULATED_RATE, design, base), simulatedSeries(SIMULATED_RATE, design, head));
}

/** The rate of a task in head: all failures, or all successes, change by the same factor. */
function changedRate(rate: number, { baseRate, headRate }: ProportionPlan): number {
  if (headRate === baseRate) return rate;
  return headRate < baseRate ? (rate * headRate) / baseRate : 1 - ((1 - rate) * (1 - headRate)) / (1 - baseRate);
}

function addTries(
  samples: Omit<Sample, "status">[],
  random: SeededRandom,
  {
    task,
    rate,
    tries,
    plan,
  }: { readonly task: string; readonly rate: number; readonly tries: number; readonly plan: ProportionPlan },
): void {
  const first = random.chance(rate);
  for (let index = 0; index < tries; index += 1) {
    const isSuccess = index === 0 || random.chance(plan.stickiness) ? first : random.chance(rate);
    // In rounds over all tasks.
    const block = plan.form === "blocked" ? { block: index * plan.taskCount + Number(task) } : {};
    samples.push({ value: isSuccess ? 1 : 0, task, ...block });
  }
}

function pairOf(base: Series | undefined, head: Series | undefined): SeriesPair {
  return { base, head };
}

function sharesOf(answers: readonly WayAnswer[], truth: number): WayShares {
  const shareOf = (direction: WayAnswer["direction"]) =>
    answers.filter((answer) => answer.direction === direction).length / answers.length;
  const intervals = answers.flatMap(({ interval }) => (interval === null ? [] : [interval]));
  const [lowOf, highOf] = [(low: number | null) => low ?? -1, (high: number | null) => high ?? 1];
  // The truth itself may be the end: 0 of what is cut there.
  const covered = intervals.filter(({ low, high }) => lowOf(low) <= truth + 1e-12 && truth <= highOf(high) + 1e-12);
  const width = intervals.reduce((sum, { low, high }) => sum + highOf(high) - lowOf(low), 0) / intervals.length;
  const blocks = answers.flatMap(({ evidence }) => evidence?.decidedAfterBlocks ?? []);
  const detectable = answers.flatMap((answer) => answer.detectable ?? []).sort((a, b) => a - b);
  return {
    higher: shareOf("higher"),
    lower: shareOf("lower"),
    same: shareOf("same"),
    open: shareOf("open"),
    covered: covered.length / intervals.length,
    width,
    detectable: detectable[detectable.length >> 1] ?? Number.NaN,
    decidedAfterBlocks: blocks.reduce((sum, own) => sum + own, 0) / blocks.length,
  };
}
