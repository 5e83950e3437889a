import type { EvidencePolicy, RunContext } from "@forgebench/artifacts";
import { type CellIdentity, findMetric, type Metric, metrics, readSeriesName } from "@forgebench/series";
import { holm } from "@forgebench/stats";
import type { CellSeries } from "../cells/blocks-needed.ts";
import {
  alertOf,
  type CellInput,
  identityOf,
  incomparableCell,
  type JudgedCell,
  judgeCell,
  provedInterval,
  verdictOf,
} from "../cells/judge-cell.ts";
import { judgeExactCell } from "../cells/judge-exact-cell.ts";
import type { Obstacle } from "../cells/obstacles.ts";
import { fromPercent } from "../cells/scale.ts";
import { type CellRule, exactMembers, policyOf, type RuleName, rulesOf, ungatedCells } from "../rules.ts";
import { type JudgedControls, judgeControls } from "./judge-controls.ts";
import { evidenceOutcome, type Outcome } from "./outcome.ts";

/** The facts of a night: the family that shares the error, the length of the cells, and the controls. */
export type NightContext = Pick<
  RunContext,
  "family" | "cells" | "sampling" | "machine" | "shard" | "shards" | "controls"
>;

interface NightRequest {
  /** The series of every cell that was measured, controls too, by name. */
  readonly cells: ReadonlyMap<string, CellSeries>;
  readonly context: NightContext;
  /** Metrics that the suite declares beside the known ones. */
  readonly declared?: readonly Metric[];
  /** The identity of a cell that was not measured, by its name. */
  readonly identityOf: (cell: string) => CellIdentity;
  /** Above this a worse change of a cell is a major one; per cent. */
  readonly majorPctOf: (cell: CellIdentity) => number;
}

/** The result of a night of many cells. */
export interface JudgedNight {
  readonly policy: EvidencePolicy;
  /** Every member of the family and every exact metric, in the family's order. */
  readonly cells: readonly JudgedCell[];
  readonly controls: JudgedControls;
  readonly outcome: Outcome;
}

/**
 * Judges all cells of a night by the evidence of their blocks, the error shared over its family. Fails closed: a gating
 * cell of the family that was not measured or cannot be judged makes the outcome `invalid`.
 */
export function judgeNight(request: NightRequest): JudgedNight {
  const { context } = request;
  const policy = policyOf(context);
  const rules = rulesOf(policy, context);
  const controls = judgeControls(request.cells, context, rules);
  const cells = settleByHolm(judgeAll(request, rules), policy, rules.primary, request);
  return { policy, cells, controls, outcome: evidenceOutcome(cells, controls) };
}

type Rules = Readonly<Record<RuleName, CellRule>>;

interface Member {
  /** `CELL/METRIC`. */
  readonly id: string;
  readonly cell: string;
  readonly metric: Metric | undefined;
  readonly name: "primary" | "secondary" | "exact";
  /** Whether green asks for it: a primary metric, or an exact one whose change is gated, of a cell that gates. */
  readonly gating: boolean;
}

function judgeAll(request: NightRequest, rules: Rules): JudgedCell[] {
  const { family } = request.context;
  const ungated = ungatedCells(family);
  const judge = (id: string, name: Member["name"]) => {
    const { cell, metric } = readSeriesName(id);
    const isGated = name === "exact" && family?.gateChanged?.includes(metric) === true;
    const gating = !ungated.has(cell) && (name === "primary" || isGated);
    const judged = judgeMember(
      { id, cell, metric: findMetric(metric, request.declared), name, gating },
      request,
      rules,
    );
    // A cell that does not gate is judged and shown; it never raises an alert.
    return ungated.has(cell) ? { ...judged, isAlert: false, severity: null } : judged;
  };
  return [
    ...(family?.primary ?? []).map((id) => judge(id, "primary")),
    ...(family?.secondary ?? []).map((id) => judge(id, "secondary")),
    ...exactMembers(family).map((id) => judge(id, "exact")),
  ];
}

/** What change would have been found takes some 10 ms a metric: above this many cells a comparison would take minutes. */
const MAX_CELLS_WITH_DETECTABLE = 200;

function judgeMember(member: Member, request: NightRequest, rules: Rules): JudgedCell {
  const { id, cell, metric, name, gating } = member;
  const { cells, context, majorPctOf } = request;
  const measured = cells.get(cell);
  if (metric === undefined || measured === undefined) return missingCell(member, request);
  const pair = measured.pairOf(metric);
  const input: CellInput = {
    id,
    pair,
    metric,
    gating,
    family: name,
    rule: name === "primary" ? rules.primary : rules.secondary,
    maxBlocks: context.sampling?.maxBlocks ?? 0,
    isFixed: context.sampling?.mode !== "evidence",
    cpuCount: context.machine.cpuCount,
    skipsDetectable: cells.size > MAX_CELLS_WITH_DETECTABLE,
    majorPct: majorPctOf(pair.base ?? pair.head ?? request.identityOf(cell)),
  };
  if (name !== "exact") return judgeCell(input);
  return judgeExactCell({ ...input, gatesChange: context.family?.gateChanged?.includes(metric.id) === true });
}

/** A member of the family that has no run at all, or whose metric nobody knows. */
function missingCell(
  { id, cell, metric, name, gating }: Member,
  { context, declared = [], identityOf: identify }: NightRequest,
) {
  const none = { median: null, validCount: 0, failedCount: 0 };
  const known = metric ?? { id: readSeriesName(id).metric, unit: "", better: "lower" as const };
  const obstacle = metric === undefined ? unknownMetric(known.id, declared) : whyMissing(cell, context);
  const facts = {
    ...identityOf(id, identify(cell), known),
    family: name,
    gating,
    base: none,
    head: none,
    blockCount: 0,
    warnings: [],
  };
  return incomparableCell(facts, obstacle);
}

function unknownMetric(name: string, declared: readonly Metric[]): Obstacle {
  const known = [...metrics, ...declared].map(({ id }) => id).join(", ");
  return { reason: `${JSON.stringify(name)} is no metric`, remedy: `write one of ${known} into the suite` };
}

function whyMissing(cell: string, { cells }: Pick<RunContext, "cells">): Obstacle {
  return cells?.includes(cell) === false
    ? { reason: "it belongs to another shard", remedy: "put the shards together with bench:merge and compare that" }
    : { reason: "neither arm has a run", remedy: "run bench:run --resume, which measures what is missing" };
}

/**
 * When all is measured, the cells that were decided leave their share of the error to those that were not: Holm's
 * procedure over the whole family. Each of the two bets on a cell has half of the cell's share, as when it is sampled.
 */
function settleByHolm(
  cells: readonly JudgedCell[],
  policy: EvidencePolicy,
  rule: CellRule,
  { declared, majorPctOf }: Pick<NightRequest, "declared" | "majorPctOf">,
): JudgedCell[] {
  const primary = cells.filter(({ family }) => family === "primary");
  const logE = primary.map(({ evidence, interval }) =>
    // The p-value of a fixed number of blocks is no e-value, and had its one look.
    interval?.kind === "fixed-n" ? 0 : Math.log(Math.max(evidence?.higher ?? 0, evidence?.lower ?? 0) / 2),
  );
  const falls = holm(logE, policy.family.primaryCount, policy.shares.primary);
  const settled = new Set(primary.filter((_, index) => falls[index] === true));
  return cells.map((cell) => {
    const { evidence, verdict, changePct, interval } = cell;
    const metric = findMetric(cell.metric, declared);
    if (!settled.has(cell) || verdict !== "undecided" || evidence === null || metric === undefined) return cell;
    const direction = evidence.higher > evidence.lower ? "higher" : "lower";
    const found = verdictOf(direction, cell.better);
    const change = fromPercent(metric, changePct ?? 0);
    const worsening = cell.better === "lower" ? change : -change;
    return {
      ...cell,
      verdict: found,
      ...alertOf(found, worsening, { metric, rule, majorPct: majorPctOf(cell) }),
      interval: interval === null ? null : provedInterval(interval, direction),
      reason: "decided at the end, when the cells decided before had left it their share of the error",
      evidence: { ...evidence, decidedAfterBlocks: cell.blockCount },
      moreBlocks: null,
    };
  });
}
