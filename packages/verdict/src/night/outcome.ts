import type { ComparedCell, Comparison, ControlsResult } from "@forgebench/artifacts";

/** The outcome of a comparison: `invalid`, `regression`, `undecided` or `green`, the first that applies. */
export type Outcome = NonNullable<Comparison["outcome"]>;

/** `advisory` lets a regression pass, `strict` does not; neither passes what could not be judged. */
export type GateMode = Comparison["gateMode"];

/** The answer of a gate; a script turns it into the exit code of the same name. */
export type GateAnswer = "ok" | "gate" | "unjudged";

/** The outcome under the threshold policy, the first that applies. */
export function thresholdOutcome(counts: { readonly alertCount: number; readonly incomparableCount: number }): Outcome {
  if (counts.incomparableCount > 0) return "invalid";
  return counts.alertCount > 0 ? "regression" : "green";
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

const ANSWERS = {
  invalid: { advisory: "unjudged", strict: "unjudged" },
  regression: { advisory: "ok", strict: "gate" },
  undecided: { advisory: "ok", strict: "unjudged" },
  green: { advisory: "ok", strict: "ok" },
} as const satisfies Record<Outcome, Record<GateMode, GateAnswer>>;

/** The answer of the gate to an outcome: a comparison that could not be judged never passes, in any mode. */
export function gateAnswer(outcome: Outcome, gateMode: GateMode): GateAnswer {
  return ANSWERS[outcome][gateMode];
}
