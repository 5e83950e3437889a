import {
  type Comparison,
  type ComparisonWarning,
  comparison as comparisonKind,
  type Incomparable,
  leastTrustedOf,
  type Summary,
  type Thresholds,
} from "@forgebench/artifacts";
import { pairName } from "@forgebench/series";
import { type GateMode, thresholdOutcome } from "@forgebench/verdict";
import { findDifferences, findUnexplainedFailures, findWarnings, type Sides } from "./comparability.ts";
import { type JudgedPair, judgePair } from "./pair-judgement.ts";
import { type MatchedPair, matchPairs } from "./pair-matching.ts";

/** The input of a comparison. */
export interface ThresholdComparisonRequest extends Sides {
  readonly thresholds: Thresholds;
  readonly gateMode: GateMode;
  /** ISO 8601. */
  readonly generatedAt: string;
  /** The two files as the comparison names them. */
  readonly inputs: NonNullable<Comparison["inputs"]>;
}

/**
 * Compares head with base by fixed thresholds, failing closed: anything that is missing, failed, different or impossible is
 * named in `incomparable` and makes the outcome `invalid`; pairs that can be judged are judged nevertheless.
 */
export function compareByThreshold(request: ThresholdComparisonRequest): Comparison {
  const { base, head, thresholds, gateMode } = request;
  const matched = matchPairs(base.summary, head.summary);
  const differences = findDifferences(request);
  const judged = matched.map((pair) => judgePair(pair, request, thresholds, differences.length > 0));
  const pairs = judged.flatMap(({ pair }) => pair ?? []);
  const incomparable = [
    ...differences,
    ...findUnexplainedFailures(request, matched),
    ...judged.flatMap((one) => one.incomparable),
    ...(matched.length === 0 ? [nothingToCompare] : []),
  ];
  const alertCount = pairs.reduce((count, pair) => count + pair.alerts.length, 0);
  const dataset = leastTrustedOf(head.summary.dataset, base.summary.dataset);
  return {
    kind: "comparison",
    version: comparisonKind.version?.current ?? "",
    generatedAt: request.generatedAt,
    policy: "threshold",
    outcome: thresholdOutcome({ alertCount, incomparableCount: incomparable.length }),
    advisory: gateMode === "advisory",
    gateMode,
    thresholds,
    summary: {
      totalPairs: pairs.length,
      alertCount,
      hasAlerts: alertCount > 0,
      incomparableCount: incomparable.length,
    },
    incomparable,
    warnings: [...findWarnings(request), ...warnOfUnmeasured(judged, [base.summary, head.summary])],
    pairs,
    inputs: request.inputs,
    ...(dataset === undefined ? {} : { dataset }),
  };
}

const nothingToCompare: Incomparable = {
  profileId: "",
  scenario: "",
  reason: "nothing-to-compare",
  message: "Cannot compare: neither summary has a single pair",
  remedy: "look at the output of bench:run; --profiles or --scenarios may have left nothing to run",
};

function warnOfUnmeasured(judged: readonly JudgedPair[], sides: readonly Summary[]): ComparisonWarning[] {
  return (["cold", "warm"] as const).flatMap((phase) => {
    const lacking = new Set(sides.flatMap(({ benchmark }) => scenariosWithout(phase, benchmark)));
    const names = judged
      .filter(({ pair, unmeasured }) => unmeasured.includes(phase) && !lacking.has(pair?.scenario))
      .map(({ pair }) => nameOf(pair));
    if (names.length === 0) return [];
    const shown = `${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;
    return [
      {
        code: "phase-not-measured" as const,
        message: `neither side has ${phase} runs of ${shown}: nothing is known about them`,
        remedy: "use a larger --run-count, or a suite whose scenarios have both phases",
      },
    ];
  });
}

/** The scenarios that have no such phase in the suite: none was to be measured. */
function scenariosWithout(phase: "cold" | "warm", { scenarios }: Summary["benchmark"]): (string | undefined)[] {
  return scenarios.flatMap((own) =>
    typeof own === "string" || own.phases === undefined || own.phases.includes(phase) ? [] : [own.name],
  );
}

function nameOf(pair: Pick<MatchedPair, "profileId" | "scenario"> | undefined): string {
  return pair === undefined ? "" : pairName(pair);
}
