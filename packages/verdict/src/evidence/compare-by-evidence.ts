import {
  type ComparedCell,
  type Comparison,
  type ComparisonAlert,
  type ComparisonPair,
  type ControlsResult,
  datasetOriginOf,
  type EvidencePolicy,
  type Incomparable,
  type MeasuredDataset,
  type RawRun,
  type RunContext,
} from "@forgebench/artifacts";
import { findMetric, groupByCell, type Metric } from "@forgebench/series";
import { holm } from "@forgebench/stats";
import { compareByThreshold, type ThresholdComparisonRequest } from "../compare-by-threshold.ts";
import type { Outcome } from "../outcome.ts";
import { alertOf, judgeCell, missingCell, provedInterval, verdictOf } from "./judge-cell.ts";
import { judgeControls } from "./judge-controls.ts";
import { judgeExactCell } from "./judge-exact-cell.ts";
import { findLogProblems } from "./log-problems.ts";
import {
  type CellRule,
  cellOfMetricId,
  exactMembers,
  policyOf,
  type RuleName,
  rulesOf,
  ungatedCells,
} from "./rules.ts";

/** What a comparison by evidence is made of: the two summaries, and the runs of both arms that they were made from. */
export interface EvidenceComparisonRequest extends ThresholdComparisonRequest {
  readonly runs: readonly RawRun[];
  readonly context: RunContext;
}

/**
 * Compares head with base by the evidence of their blocks. The figures of the pairs are those of the summaries, as under
 * the threshold policy; verdicts, alerts and outcome come from the runs alone. Fails closed: a gating cell of the family
 * that was not measured or cannot be judged makes the outcome `invalid`.
 */
export function compareByEvidence(request: EvidenceComparisonRequest): Comparison {
  const { context } = request;
  const figures = compareByThreshold(request);
  const policy = policyOf(context);
  const rules = rulesOf(policy, context);
  const groups = groupByCell(request.runs);
  const predecessors = predecessorsOf(request.runs);
  const controls = judgeControls(groups, context, rules, predecessors);
  const judged = judgeAll({ groups, context, rules, predecessors });
  const cells = settleByHolm(judged, policy, rules.primary);
  const differing = (figures.incomparable ?? []).filter(
    ({ profileId, reason }) => profileId === "" && isOfSides(reason),
  );
  const strangers = differing.length > 0 ? [] : findStrangers(request);
  const sides = [...differing, ...strangers, ...findLogProblems(request.runs, context)];
  const alertCount = cells.filter(({ isAlert }) => isAlert).length;
  return {
    ...figures,
    policy: "evidence",
    outcome: sides.length > 0 ? "invalid" : evidenceOutcome(cells, controls),
    summary: {
      ...figures.summary,
      alertCount,
      hasAlerts: alertCount > 0,
      incomparableCount: sides.length + cells.filter(({ verdict }) => verdict === "incomparable").length,
    },
    incomparable: sides,
    pairs: figures.pairs.map((pair) => ({ ...pair, alerts: alertsOf(pair, cells, policy) })),
    evidence: policy,
    ...samplingOf(context),
    cells,
    controls,
  };
}

/** The limits of the last start: what `--resume` replaced stopped nothing in the end. */
function samplingOf({ sampling }: RunContext): Pick<Comparison, "sampling"> {
  if (sampling === undefined) return {};
  const { mode, maxBlocks, timeBudgetMinutes } = sampling;
  return {
    sampling: {
      mode,
      ...(maxBlocks === undefined ? {} : { maxBlocks }),
      ...(timeBudgetMinutes === undefined ? {} : { timeBudgetMinutes }),
    },
  };
}

/** All that a member of the family is judged in. */
interface Night {
  /** Runs by cell. */
  readonly groups: ReadonlyMap<string, readonly RawRun[]>;
  readonly context: RunContext;
  readonly rules: Readonly<Record<RuleName, CellRule>>;
  /** The run that was made just before each run, of whichever cell. */
  readonly predecessors: ReadonlyMap<RawRun, RawRun>;
}

function predecessorsOf(runs: readonly RawRun[]): Map<RawRun, RawRun> {
  return new Map(
    runs.flatMap((run, index) => {
      const previous = runs[index - 1];
      // The shards of a merged measurement follow one another in the file, not in time.
      return previous === undefined || previous.shard?.index !== run.shard?.index ? [] : [[run, previous] as const];
    }),
  );
}

/** Hashes are shown by their beginning. */
function shown(value: string | undefined): string {
  if (value === undefined) return "none";
  return /^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, 12)}…` : value;
}

function originName(dataset: MeasuredDataset | undefined): string | undefined {
  return dataset && JSON.stringify(datasetOriginOf(dataset).filter((fact) => fact !== undefined));
}

/** A summary must be of the dataset with its origin, the suite and the subject of the runs' own context. */
function findStrangers({ base, head, context }: EvidenceComparisonRequest): Incomparable[] {
  return (
    [
      ["base", base],
      ["head", head],
    ] as const
  ).flatMap(([arm, { summary }]) => {
    const facts = [
      ["different-dataset", "dataset", summary.dataset?.sha256, context.dataset.sha256],
      ["different-dataset", "origin of the dataset", originName(summary.dataset), originName(context.dataset)],
      ["different-suite", "suite", summary.suite?.sha256, context.suite.sha256],
      ["foreign-runs", "subject", summary.subject?.id, context.subjects[arm]?.id],
    ] as const;
    return facts.flatMap(([reason, what, said, measured]) =>
      said === undefined || said === measured
        ? []
        : [
            {
              ...{ profileId: "", scenario: "", reason },
              message: `Cannot compare: the ${what} of the ${arm} summary (${shown(said)}) is not that of its runs (${shown(measured)})`,
              remedy: "compare the summaries that bench:run wrote beside these runs",
            },
          ],
    );
  });
}

/** What voids the comparison of two sides as a whole; failed runs are judged cell by cell. */
function isOfSides(reason: string): boolean {
  return reason.startsWith("different-") || reason === "nothing-to-compare";
}

/** The outcome under the evidence policy, the first that applies. */
export function evidenceOutcome(
  cells: readonly Pick<ComparedCell, "gating" | "isAlert" | "verdict">[],
  controls: Pick<ControlsResult, "status">,
): Outcome {
  const gating = cells.filter((cell) => cell.gating);
  const hasAlert = cells.some(({ isAlert }) => isAlert);
  if (gating.length === 0 || controls.status === "red") return "invalid";
  if (gating.some(({ verdict }) => verdict === "incomparable")) return "invalid";
  // A slowdown that was found stands, although others might have been missed; nothing else does.
  if (hasAlert) return "regression";
  if (controls.status === "missed") return "invalid";
  const isSettled = ({ verdict }: Pick<ComparedCell, "verdict">) =>
    verdict === "same" || verdict === "improved" || verdict === "changed";
  return gating.every(isSettled) ? "green" : "undecided";
}

/** Every member of the family and every exact metric of the cells that were measured, in the family's order. */
function judgeAll(night: Night): ComparedCell[] {
  const { family } = night.context;
  const ungated = ungatedCells(family);
  const judge = (id: string, name: "primary" | "secondary" | "exact") => {
    const cell = cellOfMetricId(id);
    const metric = findMetric(id.slice(cell.length + 1));
    const judged = judgeMember({ id, cell, metric, name }, night);
    // What does not gate is judged and shown; it never alarms.
    return ungated.has(cell) ? { ...judged, isAlert: false, severity: null } : judged;
  };
  const [primary, secondary, exact] = [family?.primary ?? [], family?.secondary ?? [], exactMembers(family)];
  return [
    ...primary.map((id) => judge(id, "primary")),
    ...secondary.map((id) => judge(id, "secondary")),
    ...exact.map((id) => judge(id, "exact")),
  ];
}

interface Member {
  readonly id: string;
  readonly cell: string;
  readonly metric: Metric | undefined;
  readonly name: "primary" | "secondary" | "exact";
}

/** What change would have been found takes some 10 ms a metric: above this many cells a comparison would take minutes. */
const MAX_CELLS_WITH_DETECTABLE = 200;

function judgeMember({ id, cell, metric, name }: Member, night: Night): ComparedCell {
  const { groups, context, rules, predecessors } = night;
  const runs = groups.get(cell) ?? [];
  const [gating, rule] = [name === "primary", name === "primary" ? rules.primary : rules.secondary];
  if (metric === undefined || runs.length === 0)
    return missingCell({ id, cell, metric, family: name, gating, context });
  const input = {
    ...{ id, runs, metric, gating, rule, family: name },
    maxBlocks: context.sampling?.maxBlocks ?? 0,
    isFixed: context.sampling?.mode !== "evidence",
    cpuCount: context.machine.cpuCount,
    skipsDetectable: groups.size > MAX_CELLS_WITH_DETECTABLE,
    predecessors,
  };
  if (name !== "exact") return judgeCell(input);
  return judgeExactCell({ ...input, gatesChange: context.family?.gateChanged?.includes(metric.id) === true });
}

/**
 * When all is measured, the cells that were decided leave their share of the error to those that were not: Holm's
 * procedure over the whole family. Each of the two bets on a cell has half of the cell's share, as when it is sampled.
 */
function settleByHolm(cells: readonly ComparedCell[], policy: EvidencePolicy, rule: CellRule): ComparedCell[] {
  const primary = cells.filter(({ family }) => family === "primary");
  const logE = primary.map(({ evidence, interval }) =>
    // The p-value of a fixed number of blocks is no e-value, and had its one look.
    interval?.kind === "fixed-n" ? 0 : Math.log(Math.max(evidence?.higher ?? 0, evidence?.lower ?? 0) / 2),
  );
  const falls = holm(logE, policy.family.primaryCount, policy.shares.primary);
  const settled = new Map(primary.map((cell, index) => [cell, falls[index] === true]));
  return cells.map((cell) => {
    const { evidence, verdict } = cell;
    if (settled.get(cell) !== true || verdict !== "undecided" || evidence === null) return cell;
    const direction = evidence.higher > evidence.lower ? "higher" : "lower";
    const found = verdictOf(direction, cell.better);
    const center = Math.log1p((cell.changePct ?? 0) / 100);
    return {
      ...cell,
      verdict: found,
      ...alertOf(found, cell.better === "lower" ? center : -center, rule, cell.phase),
      interval: cell.interval === null ? null : provedInterval(cell.interval, { direction }),
      reason: "decided at the end, when the cells decided before had left it their share of the error",
      evidence: { ...evidence, decidedAfterBlocks: cell.blockCount },
      moreBlocks: null,
    };
  });
}

/** The names that the alerts of wall times have had since the first comparisons; others are `PHASE-METRIC`. */
const SEED_ALERTS: Readonly<Record<string, string>> = { "warm/wall": "warm-p50", "cold/wall": "cold" };

/** The alerts of a pair in milliseconds; alerts in other units are in `cells` alone. */
function alertsOf(pair: ComparisonPair, cells: readonly ComparedCell[], policy: EvidencePolicy): ComparisonAlert[] {
  return cells.flatMap((cell) => {
    const isOfPair = cell.profileId === pair.profileId && cell.scenario === pair.scenario;
    if (!isOfPair || !cell.isAlert || cell.unit !== "ms") return [];
    return [
      {
        metric: SEED_ALERTS[`${cell.phase}/${cell.metric}`] ?? `${cell.phase}-${cell.metric}`,
        baseMs: cell.base.median ?? 0,
        headMs: cell.head.median ?? 0,
        regressionPct: cell.changePct ?? 0,
        thresholdPct: policy.margins.minEffectPct,
      },
    ];
  });
}

/** Whether evidence decides by default: arms in turn, sampled until decided. */
export function carriesEvidence(context: RunContext): boolean {
  return whyNoEvidence(context) === undefined && context.sampling?.mode === "evidence";
}

/** Why runs cannot be judged by evidence at all; undefined when they can. */
export function whyNoEvidence({ design, family }: RunContext): string | undefined {
  if (design !== "blocked") return "the arms were not measured in turn, in random order";
  if (family === undefined) return "the run context does not say over which cells the error is shared";
  return undefined;
}
