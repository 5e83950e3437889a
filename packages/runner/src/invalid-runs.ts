import type { RawRun, Summary } from "@forgebench/artifacts";
import { OperationError } from "@forgebench/errors";

const SHOWN_FAILURES = 8;

/**
 * The error that ends a measurement with runs that are not valid: the first failures of each arm and what the subject
 * said, for a person; undefined when all runs are valid.
 */
export function invalidRunsError(
  summaries: readonly Summary[],
  runs: readonly RawRun[],
  see: string,
): OperationError | undefined {
  const failures = summaries.flatMap(({ arm, validation }) =>
    validation.failures.map((failure) => `${arm}  ${typeof failure === "string" ? failure : String(failure.message)}`),
  );
  if (failures.length === 0) return undefined;
  const counted = runs.filter(({ control }) => control === undefined);
  const invalid = counted.filter(({ valid }) => valid !== true);
  const stderr = invalid.map((run) => tellingLine(run.stderr)).find((text) => text !== undefined);
  const more = failures.length - SHOWN_FAILURES;
  return new OperationError("unjudged", sentenceOf(invalid.length, counted.length), {
    details: [
      ...failures.slice(0, SHOWN_FAILURES).map((text) => ({ label: "failed", text: text.slice(0, 300) })),
      ...(more > 0 ? [{ label: "", text: `and ${more} more` }] : []),
      ...(stderr === undefined ? [] : [{ label: "stderr", text: stderr.slice(0, 300) }]),
      { label: "see", text: see },
    ],
  });
}

/** The line of a subject's stderr that most likely says what is wrong: the first that speaks of an error, else the last. */
function tellingLine(stderr: string): string | undefined {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  return lines.find((line) => /error|cannot|failed/i.test(line)) ?? lines.at(-1);
}

/** Runs may all be valid where runs are missing. */
function sentenceOf(invalidCount: number, runCount: number): string {
  if (invalidCount === 0) return "runs are missing";
  return `${invalidCount} of ${runCount} ${runCount === 1 ? "run" : "runs"} ${invalidCount === 1 ? "is" : "are"} not valid`;
}
