import type { Comparison } from "@forgebench/artifacts";

/**
 * A comparison with the name of who accepts its regression, and why. Verdicts and outcome stay as they are; where nothing
 * regressed there is nothing to accept, and what could not be judged nobody can accept.
 */
export function withAcceptance(made: Comparison, acceptance: Comparison["acceptance"]): Comparison {
  return acceptance === undefined || made.outcome !== "regression" ? made : { ...made, acceptance };
}
