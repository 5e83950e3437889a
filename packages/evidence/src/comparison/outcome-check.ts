import {
  type Comparison,
  type ComparisonPair,
  comparison as comparisonKind,
  type VerdictKind,
} from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { evidenceOutcome, type Outcome, thresholdOutcome } from "@forgebench/verdict";

/**
 * Makes sure that a comparison's outcome follows from its cells, before somebody acts on it: green closes issues, a
 * regression opens them. One that says no outcome claims nothing, as one that is invalid or undecided.
 * @throws {ArtifactError} that names the comparison's file and the contradiction.
 */
export function assertOutcomeFollows(comparison: Comparison, path: string): void {
  const message = findContradiction(comparison);
  if (message === undefined) return;
  throw new ArtifactError({
    path,
    kind: comparisonKind.kind,
    action: "Cannot trust",
    issues: [{ path: "outcome", message }],
    details: [{ label: "try", text: "the file as bench:compare wrote it" }],
  });
}

/** The contradiction of the outcome in words; undefined if it follows. */
export function findContradiction(comparison: Comparison): string | undefined {
  const { outcome, policy } = comparison;
  if (outcome !== "green" && outcome !== "regression") return undefined;
  const { follows, from } = policy === "evidence" ? fromCells(comparison) : fromPairs(comparison);
  return follows === outcome ? undefined : `says "${outcome}", but it is "${follows}" by ${from}`;
}

/** An outcome, and the facts that it follows from. */
interface Derived {
  readonly follows: Outcome;
  readonly from: string;
}

function fromCells({ cells = [], controls, incomparable = [] }: Comparison): Derived {
  const status = controls?.status ?? "absent";
  const alertCount = cells.filter(({ isAlert }) => isAlert).length;
  const gating = cells.filter((cell) => cell.gating);
  const verdicts = [...new Set(gating.map(({ verdict }) => verdict))];
  const countOf = (verdict: VerdictKind) => gating.filter((cell) => cell.verdict === verdict).length;
  const gatingText = verdicts.map((verdict) => `, ${countOf(verdict)} ${verdict}`).join("");
  return {
    follows: incomparable.length > 0 ? "invalid" : evidenceOutcome(cells, { status }),
    from: `its ${counted(cells.length, "cell")} (${gating.length} gating${gatingText}), ${counted(alertCount, "alert")}, controls that are ${status}${reasonsText(incomparable.length)}`,
  };
}

function fromPairs({ pairs, incomparable = [] }: Comparison): Derived {
  const alertCount = pairs.reduce((count, { alerts }) => count + alerts.length, 0);
  const isJudged = ({ deltas: { warmP50, warmP95, cold } }: ComparisonPair) =>
    [warmP50, warmP95, cold].some(({ regressionPct }) => regressionPct !== null);
  const judgedCount = pairs.filter(isJudged).length;
  // What was not judged is among the reasons of a comparison of ours; without one there is nothing that was judged.
  const incomparableCount = Math.max(incomparable.length, judgedCount === 0 ? 1 : 0);
  return {
    follows: thresholdOutcome({ alertCount, incomparableCount }),
    from: `its ${counted(judgedCount, "judged pair")}, ${counted(alertCount, "alert")}${reasonsText(incomparable.length)}`,
  };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function reasonsText(count: number): string {
  return count === 0 ? "" : `, ${counted(count, "reason")} why it could not be judged`;
}
