import type { Summary } from "@forgebench/artifacts";
import { pairName } from "@forgebench/series";

type Failure = Summary["validation"]["failures"][number];

/** Whether a summary's validation failed; one that passed although it counts failures is not trusted. */
export function hasFailed(summary: Summary): boolean {
  return !summary.validation.passed || summary.validation.failureCount > 0;
}

/** The failures of one pair, as far as they say which pair they are of. */
export function failuresOf(summary: Summary, profileId: string, scenario: string): Failure[] {
  return summary.validation.failures.filter((failure) =>
    typeof failure === "string"
      ? failure.includes(pairName({ profileId, scenario }))
      : failure.profileId === profileId && failure.scenario === scenario,
  );
}

/** The first failure as `: "text" and 2 more`; empty when there is none. */
export function describeFailures(failures: readonly Failure[]): string {
  const [first] = failures;
  if (first === undefined) return "";
  const more = failures.length > 1 ? ` and ${failures.length - 1} more` : "";
  return `: ${JSON.stringify(failureText(first).slice(0, 200))}${more}`;
}

/** A failure in words: its message, or all that it says. */
function failureText(failure: Failure): string {
  if (typeof failure === "string") return failure;
  return typeof failure.message === "string" ? failure.message : JSON.stringify(failure);
}
