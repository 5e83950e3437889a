import { type Comparison, comparison as comparisonKind, comparisonMetrics, pairOf } from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import type { ComparedSummary, Side } from "./comparability.ts";

/**
 * Makes sure that a comparison was made from the given summary.
 * @throws {ArtifactError} that names the comparison's file and both hashes, or the figure that differs.
 */
export function assertMadeFrom(comparison: Comparison, path: string, side: Side, given: ComparedSummary): void {
  const message = findForeignInput(comparison, side, given);
  if (message === undefined) return;
  throw new ArtifactError({
    path,
    kind: comparisonKind.kind,
    action: "Cannot use",
    issues: [{ path: "inputs", message }],
    details: [{ label: "try", text: "run bench:compare again with these summaries" }],
  });
}

/**
 * Why a comparison was not made from this summary, in words; undefined when it was. The SHA-256 decides. An older
 * comparison that does not say what it was made from must at least hold the summary's figures.
 */
export function findForeignInput(
  comparison: Comparison,
  side: Side,
  { summary, sha256 }: ComparedSummary,
): string | undefined {
  const input = comparison.inputs?.find(({ role }) => role === side);
  if (input !== undefined) {
    if (input.sha256 === sha256) return undefined;
    return `it was made from the ${side} summary with sha256 ${input.sha256}, but the given one has ${sha256}`;
  }
  for (const pair of comparison.pairs) {
    const given = pairOf(summary, pair.profileId, pair.scenario);
    const figures = {
      warmP50Ms: given?.warm?.wallMs.p50,
      warmP95Ms: given?.warm?.wallMs.p95,
      coldMs: given?.cold?.wallMs,
    };
    for (const { figure, metric } of Object.values(comparisonMetrics)) {
      const [compared, found] = [pair[side][figure], figures[figure] ?? null];
      if (compared === found) continue;
      const name = `${pair.profileId}/${pair.scenario}/${metric}`;
      return `it has ${compared} ms for ${JSON.stringify(name)} of ${side}, but the given summary has ${found ?? "no figure"}`;
    }
  }
  return undefined;
}
