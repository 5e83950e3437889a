import type { Comparison } from "@forgebench/artifacts";

/**
 * A comparison with the person who accepts its regression, and the reason. Verdicts and outcome do not change; if nothing
 * regressed there is nothing to accept, and nobody can accept a comparison that could not be judged.
 */
export function withAcceptance(made: Comparison, acceptance: Comparison["acceptance"]): Comparison {
  return acceptance === undefined || made.outcome !== "regression" ? made : { ...made, acceptance };
}
