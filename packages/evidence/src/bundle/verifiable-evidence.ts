import { ArtifactError, printableLine } from "@forgebench/errors";
import { readSeriesName } from "@forgebench/series";
import { EVIDENCE_METHOD } from "@forgebench/verdict";
import { foreignMethod } from "../verify/check-comparison.ts";
import type { StoredEvidence } from "../verify/verify-evidence.ts";

/** More than `bench:run` allows. */
export const MAX_BLOCKS = 10_000;
/** A night of 24 cells in 5 metrics and 60 blocks is 7,200; a computation of minutes is no real night. */
const MAX_JUDGED_BLOCKS = 400_000;

/** How many blocks the detectable changes are simulated with, at most: a recomputation spends its time on this. */
function judgedBlocks({ context, runs }: StoredEvidence): number {
  const { primary = [], secondary = [], exactMetrics = [] } = context.family ?? {};
  const members = [...primary, ...secondary];
  const cellCount = Math.max(1, new Set(members.map((name) => readSeriesName(name).cell)).size);
  const metricsPerCell = members.length / cellCount + exactMetrics.length;
  // Below 6 blocks of two runs nothing is simulated.
  return Math.min(cellCount, runs.length / 12) * metricsPerCell * (context.sampling?.maxBlocks ?? 0);
}

/** Makes sure that these rules made the decisions, and that they can be computed again in time. */
export function assertSameRules(stored: StoredEvidence, place: string): void {
  const { comparison: compared, context, runs } = stored;
  const method = foreignMethod(compared);
  const { maxBlocks = 0 } = context.sampling ?? {};
  const refuse = (field: string, message: string, remedy: string) =>
    new ArtifactError({
      path: place,
      kind: "evidence",
      action: "Cannot verify",
      issues: [{ path: field, message }],
      details: [{ label: "try", text: remedy }],
    });
  if (method !== undefined) {
    const message = `this version decides by "${EVIDENCE_METHOD}", the evidence was decided by ${JSON.stringify(method)}`;
    const version = printableLine(context.toolVersion, 60);
    throw refuse("compare.json: evidence.method", message, `bench:verify of the version that made it, ${version}`);
  }
  if (stored.suiteSha256 !== context.suite.sha256) {
    const message = `its sha256 is ${stored.suiteSha256.slice(0, 12)}…, but the runs were made with the suite ${JSON.stringify(printableLine(context.suite.name, 60))} of sha256 ${context.suite.sha256.slice(0, 12)}…`;
    throw refuse("suite.yaml", message, "give the suite file that the runs were made with: --suite FILE");
  }
  if (context.subjects.base === undefined) {
    throw refuse(
      "run-context.json: subjects.base",
      "the runs have one arm",
      "a workspace that was measured with a base",
    );
  }
  if (runs.length === 0) throw refuse("raw-runs.jsonl", "it holds no runs", "the workspace of a finished bench:run");
  if (maxBlocks > MAX_BLOCKS || judgedBlocks(stored) > MAX_JUDGED_BLOCKS) {
    const message = `${maxBlocks} blocks for each cell and metric are more than can be verified`;
    throw refuse("run-context.json: sampling.maxBlocks", message, `evidence of at most ${MAX_BLOCKS} blocks a cell`);
  }
}
