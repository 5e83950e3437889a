import { fetchFailures } from "@forgebench/artifacts";
import { OperationError, printableLine } from "@forgebench/errors";
import { type FetchOutcome, isBrought } from "./fetch-results.ts";
import type { FetchWaivers } from "./plan-fetch.ts";

/** So many failures are printed; the report has all. */
const SHOWN = 10;

/** How a run ends: with warnings of what failed and was let pass, or with the error that says what failed. */
interface FetchEnding {
  readonly warnings: readonly string[];
  /** Exit 69 where all failures are those of services, else 65. */
  readonly error?: OperationError;
}

/**
 * How `fetch-sources` ends after all sources were tried; with `allowPartial` failures are warnings as long as something
 * came.
 */
export function endFetch(
  outcomes: readonly FetchOutcome[],
  { allowPartial }: Pick<FetchWaivers, "allowPartial">,
): FetchEnding {
  const failed = outcomes.filter(({ result }) => result.status === "failed");
  if (failed.length === 0) return { warnings: [] };
  const lines = failed.map(({ result }) =>
    printableLine(`"${result.id}": ${result.failureCategory}: ${result.reason}`, 500),
  );
  if (allowPartial && outcomes.some(({ result }) => isBrought(result))) {
    return { warnings: lines.map((line) => `source ${line}`) };
  }
  const remedy = allowPartial
    ? "nothing came, which --allow-partial does not allow"
    : "correct the register, run again, or accept the fetched sources with --allow-partial";
  const enabled = outcomes.filter(({ result }) => result.status !== "disabled").length;
  const failure = failed.every(({ isService }) => isService === true) ? "service" : "data";
  const message = `Cannot fetch ${failed.length} of ${enabled} sources (${kindsOf(failed)})`;
  const details = [
    ...lines.slice(0, SHOWN).map((text) => ({ label: "failed", text })),
    ...(lines.length > SHOWN ? [{ label: "also", text: `${lines.length - SHOWN} more, in the report` }] : []),
    { label: "try", text: remedy },
  ];
  return { warnings: [], error: new OperationError(failure, message, { details }) };
}

function kindsOf(failed: readonly FetchOutcome[]): string {
  const kinds = fetchFailures.flatMap((category) => {
    const count = failed.filter(({ result }) => result.failureCategory === category).length;
    return count === 0 ? [] : [`${count} ${category}`];
  });
  return kinds.join(", ");
}
