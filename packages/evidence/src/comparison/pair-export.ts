import {
  type ComparedCell,
  type Comparison,
  type ComparisonAlert,
  type ComparisonDelta,
  type ComparisonPair,
  comparisonMetrics,
  type EvidencePolicy,
} from "@forgebench/artifacts";
import { groupBy } from "@forgebench/errors";
import { PRIMARY_METRIC, pairName } from "@forgebench/series";
import { noDelta } from "@forgebench/verdict";

interface Judged {
  readonly cells: readonly ComparedCell[];
  readonly policy: EvidencePolicy;
  readonly outcome: Comparison["outcome"];
}

/**
 * The pairs in the form of the first comparisons, made from cells: the levels stay those of the summaries, and every change is the
 * estimate of its cell. An invalid night cannot be trusted, so no change of it is exported.
 */
export function exportPairs(pairs: readonly ComparisonPair[], { cells, policy, outcome }: Judged): ComparisonPair[] {
  const byPair = groupBy(cells, pairName);
  return pairs.map((pair) => {
    const own = byPair.get(pairName(pair)) ?? [];
    const deltas = outcome === "invalid" ? NO_DELTAS : deltasOf(pair, own);
    return { ...pair, deltas, alerts: alertsOf(own, policy) };
  });
}

const NO_DELTAS: ComparisonPair["deltas"] = { warmP50: noDelta, warmP95: noDelta, cold: noDelta };

function deltasOf({ base, deltas }: ComparisonPair, cells: readonly ComparedCell[]): ComparisonPair["deltas"] {
  const deltaOf = ({ phase, figure }: (typeof comparisonMetrics)["cold" | "warmP50"]): ComparisonDelta => {
    const cell = cells.find((own) => own.metric === PRIMARY_METRIC && own.phase === phase);
    const [changePct, baseMs] = [cell?.changePct ?? null, base[figure]];
    if (changePct === null || baseMs === null) return noDelta;
    return { deltaMs: Math.round(baseMs * changePct * 1e4) / 1e6 + 0, regressionPct: changePct };
  };
  const warmP50 = deltaOf(comparisonMetrics.warmP50);
  // Of a high percentile there is no estimate by blocks: its levels are described, and never decide.
  return {
    warmP50,
    warmP95: warmP50.regressionPct === null ? noDelta : deltas.warmP95,
    cold: deltaOf(comparisonMetrics.cold),
  };
}

/** The names that the alerts of wall times have had since the first comparisons; others are `PHASE-METRIC`. */
const SEED_ALERTS = new Map<string, string>([
  [`${comparisonMetrics.warmP50.phase}-${PRIMARY_METRIC}`, comparisonMetrics.warmP50.metric],
  [`${comparisonMetrics.cold.phase}-${PRIMARY_METRIC}`, comparisonMetrics.cold.metric],
]);

/** The alerts of a pair in milliseconds; alerts in other units are in `cells` alone. */
export function alertsOf(cells: readonly ComparedCell[], { margins }: EvidencePolicy): ComparisonAlert[] {
  return cells.flatMap(({ phase, metric, isAlert, unit, base, head, changePct }) => {
    if (!isAlert || unit !== "ms") return [];
    return [
      {
        metric: SEED_ALERTS.get(`${phase}-${metric}`) ?? `${phase}-${metric}`,
        baseMs: base.median ?? 0,
        headMs: head.median ?? 0,
        regressionPct: changePct ?? 0,
        thresholdPct: margins.minEffectPct,
      },
    ];
  });
}
