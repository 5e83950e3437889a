import type { ComparedCell, Comparison, ComparisonPair, ControlsResult, SiteSnapshot } from "@forgebench/artifacts";
import { comparisonMetrics } from "@forgebench/artifacts";
import { PRIMARY_METRIC } from "@forgebench/series";

type Delta = SiteSnapshot["deltas"][number];
type Phase = ComparedCell["phase"];
type Bounds = NonNullable<Delta["intervals"]>["warm"];

/** The changes of a comparison; under the evidence policy with the verdicts, as far as they can be trusted. */
export function deltasOf(comparison: Comparison): Delta[] {
  const cells = cellsByPair(comparison);
  return comparison.pairs.map((pair) => deltaOf(pair, comparison, cells.get(pairName(pair)) ?? []));
}

function deltaOf(pair: ComparisonPair, comparison: Comparison, cells: readonly ComparedCell[]): Delta {
  const { profileId, scenario, alerts } = pair;
  const changes = { profileId, scenario, ...changesOf(pair, comparison, cells) };
  if (comparison.policy !== "evidence") return { ...changes, alerts: alerts.map(({ metric }) => metric) };
  const verdictOf = (phase: Phase) => believedVerdict(wallOf(cells, phase), comparison);
  const intervalOf = (phase: Phase) => (isBelieved(comparison) ? boundsOf(wallOf(cells, phase)) : null);
  return {
    ...changes,
    alerts: cells.filter((cell) => isRaised(cell, comparison)).map(alertName),
    verdicts: { warm: verdictOf("warm"), cold: verdictOf("cold") },
    intervals: { warm: intervalOf("warm"), cold: intervalOf("cold") },
  };
}

type Changes = Pick<Delta, "warmP50Pct" | "warmP95Pct" | "coldPct">;

/** The estimates of the cells, if there are cells; nothing for a night that cannot be trusted. */
function changesOf(
  { deltas }: ComparisonPair,
  { policy, outcome }: Comparison,
  cells: readonly ComparedCell[],
): Changes {
  if (outcome === "invalid") return { warmP50Pct: null, warmP95Pct: null, coldPct: null };
  const warmP95Pct = deltas.warmP95.regressionPct;
  if (policy !== "evidence") {
    return { warmP50Pct: deltas.warmP50.regressionPct, warmP95Pct, coldPct: deltas.cold.regressionPct };
  }
  // Comparisons of version 1.0 have changes of levels in their pairs.
  const changeOf = (phase: Phase) => wallOf(cells, phase)?.changePct ?? null;
  const warmP50Pct = changeOf("warm");
  return { warmP50Pct, warmP95Pct: warmP50Pct === null ? null : warmP95Pct, coldPct: changeOf("cold") };
}

function wallOf(cells: readonly ComparedCell[], phase: Phase): ComparedCell | undefined {
  return cells.find((cell) => cell.metric === PRIMARY_METRIC && cell.phase === phase);
}

/** Under the evidence policy a cell raises the alert; the thresholds of the pair do not count. */
export function alertSummary(
  comparison: Comparison,
): Pick<SiteSnapshot["summary"], "totalPairs" | "alertCount" | "hasAlerts"> {
  const { totalPairs, alertCount, hasAlerts } = comparison.summary;
  if (comparison.policy !== "evidence") return { totalPairs, alertCount, hasAlerts };
  const raisedCount = judgedCells(comparison).filter((cell) => isRaised(cell, comparison)).length;
  return { totalPairs, alertCount: raisedCount, hasAlerts: raisedCount > 0 };
}

/** How the night checked itself, the null checks apart from the planted slowdowns. */
export function controlsOfNight({ policy, controls: result }: Comparison): Pick<SiteSnapshot, "controls"> {
  if (policy !== "evidence" || result === undefined) return {};
  const { status, reason, controls } = result;
  const isNull = ({ plantedPct }: ControlsResult["controls"][number]) => plantedPct === 0;
  const nulls = controls.filter(isNull).map(controlFinding);
  const planted = controls.filter((control) => !isNull(control)).map(controlFinding);
  return { controls: { status, reason, null: nulls, planted } };
}

function controlFinding({ id, passed, plantedPct, achievedPct, cell }: ControlsResult["controls"][number]) {
  const { verdict, changePct } = cell;
  return { id, passed, plantedPct, achievedPct, verdict, changePct, interval: boundsOf(cell) };
}

/** A null check that is not quiet, or sides that cannot be compared: no figure of the night counts. */
function isBelieved({ controls, incomparable = [] }: Comparison): boolean {
  return controls?.status !== "red" && !incomparable.some(({ profileId }) => profileId === "");
}

/** A night that missed a planted slowdown did not prove that nothing changed; the regressions that it found still count. */
function believedVerdict(cell: ComparedCell | undefined, comparison: Comparison): ComparedCell["verdict"] | null {
  if (cell === undefined || !isBelieved(comparison)) return null;
  return cell.verdict === "same" && comparison.controls?.status === "missed" ? null : cell.verdict;
}

function isRaised({ isAlert }: ComparedCell, comparison: Comparison): boolean {
  return isAlert && isBelieved(comparison);
}

function boundsOf(cell: ComparedCell | undefined): Bounds {
  const interval = cell?.interval ?? null;
  return interval === null ? null : { lowPct: interval.lowPct, highPct: interval.highPct };
}

function cellsByPair(comparison: Comparison): Map<string, ComparedCell[]> {
  const byPair = new Map<string, ComparedCell[]>();
  for (const cell of judgedCells(comparison)) {
    const name = pairName(cell);
    byPair.set(name, [...(byPair.get(name) ?? []), cell]);
  }
  return byPair;
}

/** Unlike `PROFILE/SCENARIO`, of one pair alone whatever the names hold. */
function pairName({ profileId, scenario }: Pick<ComparisonPair, "profileId" | "scenario">): string {
  return JSON.stringify([profileId, scenario]);
}

function judgedCells({ cells = [] }: Comparison): ComparedCell[] {
  return cells.filter(({ family }) => family !== "control");
}

/** The name that the site knows for wall time; of any other metric `PHASE-METRIC`. */
function alertName({ phase, metric }: ComparedCell): string {
  if (metric !== PRIMARY_METRIC) return `${phase}-${metric}`;
  return phase === "warm" ? comparisonMetrics.warmP50.metric : comparisonMetrics.cold.metric;
}
