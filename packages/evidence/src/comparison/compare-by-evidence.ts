import {
  type ComparedCell,
  type Comparison,
  datasetOriginOf,
  type Incomparable,
  type MeasuredDataset,
  type RunContext,
} from "@forgebench/artifacts";
import { metricsDeclaredIn, pipelineIdentity } from "@forgebench/runner";
import { type CellIdentity, readPipelineCell } from "@forgebench/series";
import { type JudgedCell, judgeNight } from "@forgebench/verdict";
import { compareByThreshold, type ThresholdComparisonRequest } from "./compare-by-threshold.ts";
import { withLevelNote } from "./levels.ts";
import { exportPairs } from "./pair-export.ts";
import type { RunLog } from "./run-log.ts";

/** The input of a comparison by evidence: the two summaries, and the log of the runs that they were made from. */
interface EvidenceComparisonRequest extends ThresholdComparisonRequest {
  readonly log: RunLog;
  readonly context: RunContext;
}

/**
 * Compares head with base by the evidence of their blocks. The levels of the pairs are those of the summaries, as under
 * the threshold policy; changes, verdicts, alerts and outcome come from the runs alone. Fails closed: a gating cell of
 * the family that was not measured or cannot be judged makes the outcome `invalid`.
 */
export function compareByEvidence(request: EvidenceComparisonRequest): Comparison {
  const { context, log } = request;
  const figures = compareByThreshold(request);
  const night = judgeNight({
    cells: log.cells,
    context,
    declared: metricsDeclaredIn(context),
    identityOf: pipelineIdentity,
    majorPctOf,
  });
  const cells = night.cells.map((cell) => publishedCell(cell));
  const controls = night.controls.controls.map((control) => ({ ...control, cell: publishedCell(control.cell) }));
  const differing = (figures.incomparable ?? []).filter(
    ({ profileId, reason }) => profileId === "" && isOfSides(reason),
  );
  const strangers = differing.length > 0 ? [] : findStrangers(request);
  const sides = [...differing, ...strangers, ...log.problems];
  const alertCount = cells.filter(({ isAlert }) => isAlert).length;
  const outcome = sides.length > 0 ? "invalid" : night.outcome;
  return {
    ...figures,
    policy: "evidence",
    outcome,
    summary: {
      ...figures.summary,
      alertCount,
      hasAlerts: alertCount > 0,
      incomparableCount: sides.length + cells.filter(({ verdict }) => verdict === "incomparable").length,
    },
    incomparable: sides,
    pairs: exportPairs(figures.pairs, { cells, policy: night.policy, outcome }),
    evidence: night.policy,
    ...samplingOf(context, log),
    cells,
    controls: { ...night.controls, controls },
  };
}

/** A cell with the names that a pipeline has for what it is. */
function publishedCell(judged: JudgedCell): ComparedCell {
  const { id, benchmark, params, phase, ...rest } = withLevelNote(judged);
  const { profileId, scenario } = readPipelineCell(benchmark);
  return { id, benchmark, params, profileId, scenario, phase: phase ?? "", ...rest };
}

/** Above these the standard calls a slowdown major; per cent. */
function majorPctOf({ phase }: CellIdentity): number {
  return phase === "cold" ? 15 : 10;
}

/** The limits of the last start: limits that `--resume` replaced stopped no cell in the end. */
function samplingOf({ sampling }: RunContext, { waitedMs }: RunLog): Pick<Comparison, "sampling"> {
  if (sampling === undefined) return {};
  const { mode, maxBlocks, timeBudgetMinutes } = sampling;
  return {
    sampling: {
      mode,
      ...(maxBlocks === undefined ? {} : { maxBlocks }),
      ...(timeBudgetMinutes === undefined ? {} : { timeBudgetMinutes }),
      ...(waitedMs === 0 ? {} : { waitedMs }),
    },
  };
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
              profileId: "",
              scenario: "",
              reason,
              message: `Cannot compare: the ${what} of the ${arm} summary (${shown(said)}) is not that of its runs (${shown(measured)})`,
              remedy: "compare the summaries that bench:run wrote beside these runs",
            },
          ],
    );
  });
}

/** The problems that make the whole comparison of two sides invalid; failed runs are judged cell by cell. */
function isOfSides(reason: string): boolean {
  return reason.startsWith("different-") || reason === "nothing-to-compare";
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
