import type { Comparison } from "@forgebench/artifacts";

export type Outcome = NonNullable<Comparison["outcome"]>;
export type GateMode = Comparison["gateMode"];

/** What a gate answers; a script turns it into the exit code of the same name. */
export type GateAnswer = "ok" | "gate" | "unjudged";

/** The outcome under the threshold policy, the first that applies. */
export function thresholdOutcome(counts: { readonly alertCount: number; readonly incomparableCount: number }): Outcome {
  if (counts.incomparableCount > 0) return "invalid";
  return counts.alertCount > 0 ? "regression" : "green";
}

const ANSWERS = {
  invalid: { advisory: "unjudged", strict: "unjudged" },
  regression: { advisory: "ok", strict: "gate" },
  undecided: { advisory: "ok", strict: "unjudged" },
  green: { advisory: "ok", strict: "ok" },
} as const satisfies Record<Outcome, Record<GateMode, GateAnswer>>;

/** What the gate answers to an outcome: what could not be judged never passes, in any mode. */
export function gateAnswer(outcome: Outcome, gateMode: GateMode): GateAnswer {
  return ANSWERS[outcome][gateMode];
}
