import {
  type ComparisonAlert,
  type ComparisonDelta,
  type ComparisonPair,
  comparisonMetrics,
  type Incomparable,
  type PairFigures,
  type ProfileScenarioSummary,
  type Thresholds,
} from "@forgebench/artifacts";
import { pairName } from "@forgebench/series";
import { alertOf, deltaOf, isPossibleTime, noDelta, type ThresholdMetric } from "@forgebench/verdict";
import type { Sides } from "./comparability.ts";
import type { MatchedPair } from "./pair-matching.ts";
import { describeFailures, failuresOf } from "./validation.ts";

/** A judged pair: its published figures, and why some or all of them could not be judged. */
export interface JudgedPair {
  /** Absent where a side has no figures of the pair. */
  readonly pair?: ComparisonPair;
  readonly incomparable: readonly Incomparable[];
  /** Phases that no side has although all its runs were valid: they were not lost, they were not measured. */
  readonly unmeasured: readonly Phase[];
}

type Phase = "cold" | "warm";

/** A pair that both sides have. */
interface FullPair extends MatchedPair {
  readonly base: ProfileScenarioSummary;
  readonly head: ProfileScenarioSummary;
}

/** Judges one pair by the threshold rule; `voided` when the two sides as a whole cannot be compared. */
export function judgePair(matched: MatchedPair, sides: Sides, thresholds: Thresholds, voided: boolean): JudgedPair {
  const { base, head } = matched;
  if (base === undefined || head === undefined) return { incomparable: [missingPair(matched)], unmeasured: [] };
  const full = { ...matched, base, head };
  const spoilt = [...failedSides(full, sides), ...differentImages(full)];
  if (voided || spoilt.length > 0) {
    const deltas = { warmP50: noDelta, warmP95: noDelta, cold: noDelta };
    return { pair: { ...published(full), deltas, alerts: [] }, incomparable: spoilt, unmeasured: [] };
  }
  return judgeFigures(full, thresholds);
}

function judgeFigures(full: FullPair, thresholds: Thresholds): JudgedPair {
  const pair = published(full);
  const judge = (metric: ThresholdMetric) => judgeMetric(metric, pair, thresholds);
  const { warmP50, warmP95, cold } = comparisonMetrics;
  const judged = { warmP50: judge(warmP50), warmP95: judge(warmP95), cold: judge(cold) };
  const all = Object.values(judged);
  const phases = (["cold", "warm"] as const).map((phase) => ({ phase, missing: sidesWithout(full, phase) }));
  const unmeasured = phases.filter(({ missing }) => missing.length === 2).map(({ phase }) => phase);
  const lost = phases.filter(({ missing }) => missing.length === 1 || unmeasured.length === 2);
  return {
    pair: {
      ...pair,
      deltas: { warmP50: judged.warmP50.delta, warmP95: judged.warmP95.delta, cold: judged.cold.delta },
      alerts: all.flatMap(({ alert }) => alert ?? []),
    },
    incomparable: [
      ...lost.map(({ phase, missing }) => missingPhase(full, phase, missing)),
      ...all.flatMap(({ problem }) => problem ?? []),
    ],
    unmeasured: unmeasured.length === 2 ? [] : unmeasured,
  };
}

interface JudgedMetric {
  readonly delta: ComparisonDelta;
  readonly alert?: ComparisonAlert | undefined;
  readonly problem?: Incomparable;
}

function judgeMetric(
  metric: ThresholdMetric,
  pair: Pick<ComparisonPair, "profileId" | "scenario" | "base" | "head">,
  thresholds: Thresholds,
): JudgedMetric {
  const [baseMs, headMs] = [pair.base[metric.figure], pair.head[metric.figure]];
  if (baseMs === null || headMs === null) return { delta: noDelta };
  if (!isPossibleTime(baseMs) || !isPossibleTime(headMs)) {
    const [side, valueMs] = isPossibleTime(baseMs) ? ["head", headMs] : ["base", baseMs];
    const problem = `${metric.metric} of ${side} is ${valueMs} ms, which no run can take`;
    return { delta: noDelta, problem: incomparable(pair, "impossible-figure", problem, `measure ${side} again`) };
  }
  return { delta: deltaOf(baseMs, headMs), alert: alertOf(metric, baseMs, headMs, thresholds) };
}

function published({ profileId, scenario, base, head }: FullPair) {
  return { profileId, scenario, base: figuresOf(base), head: figuresOf(head) };
}

function figuresOf({ runCount, cold, warm }: ProfileScenarioSummary): PairFigures {
  return {
    warmP50Ms: warm?.wallMs.p50 ?? null,
    warmP95Ms: warm?.wallMs.p95 ?? null,
    coldMs: cold?.wallMs ?? null,
    runCount,
    warmCount: warm?.count ?? 0,
  };
}

function sidesWithout(full: FullPair, phase: Phase): string[] {
  return (["base", "head"] as const).filter((side) => full[side][phase] === null);
}

function failedSides(full: FullPair, sides: Sides): Incomparable[] {
  return (["base", "head"] as const)
    .filter((side) => !full[side].validation.passed)
    .map((side) => {
      const failures = failuresOf(sides[side].summary, full.profileId, full.scenario);
      const problem = `${side} has failed runs${describeFailures(failures)}`;
      return incomparable(
        full,
        "validation-failed",
        problem,
        `look at the failed lines of its raw-runs.jsonl, then ${again(full)}`,
      );
    });
}

function differentImages(full: FullPair): Incomparable[] {
  const { base, head } = full;
  if (base.imageCount === head.imageCount) return [];
  const problem = `base has ${base.imageCount} images, head has ${head.imageCount}`;
  return [incomparable(full, "different-dataset", problem, "measure both sides on the same tier manifest")];
}

function missingPair(matched: MatchedPair): Incomparable {
  const reason =
    matched.base !== undefined ? "missing-in-head" : matched.head !== undefined ? "missing-in-base" : "missing-in-both";
  const problem = {
    "missing-in-head": "head has no runs of it",
    "missing-in-base": "base has no runs of it",
    "missing-in-both": "it is announced, but neither side has runs of it",
  };
  return incomparable(matched, reason, problem[reason], again(matched));
}

function missingPhase(full: FullPair, phase: Phase, missing: readonly string[]): Incomparable {
  const problem =
    missing.length === 2 ? `neither side has a valid ${phase} run` : `${missing[0]} has no valid ${phase} run`;
  return incomparable(full, "missing-phase", problem, again(full));
}

function again({ profileId, scenario }: Pick<MatchedPair, "profileId" | "scenario">): string {
  return `run bench:run again with --profiles ${profileId} --scenarios ${scenario} for both sides`;
}

function incomparable(
  { profileId, scenario }: Pick<MatchedPair, "profileId" | "scenario">,
  reason: Incomparable["reason"],
  problem: string,
  remedy: string,
): Incomparable {
  const message = `Cannot compare ${JSON.stringify(pairName({ profileId, scenario }))}: ${problem}`;
  return { profileId, scenario, reason, message, remedy };
}
