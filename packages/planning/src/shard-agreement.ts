import { datasetOriginOf, type RunContext, runContext } from "@forgebench/artifacts";
import { ArtifactError, type ArtifactIssue, printableLine } from "@forgebench/errors";

/** A context and the file that it stands in. */
export interface NamedContext {
  readonly contextPath: string;
  readonly context: RunContext;
}

/** The facts that runs must share to be judged together; machines may differ: each cell is measured whole on one. */
const SHARED: readonly (readonly [name: string, of: (context: RunContext) => unknown])[] = [
  ["the suite", ({ suite }) => suite.sha256],
  ["the dataset", ({ dataset }) => dataset.sha256],
  ["the version and tier of the dataset", ({ dataset }) => [dataset.datasetVersion, dataset.tierId]],
  ["the origin of the dataset", ({ dataset }) => datasetOriginOf(dataset)],
  ["the head", ({ subjects }) => subjects.head.id],
  ["the base", ({ subjects }) => subjects.base?.id],
  ["the tool version", ({ toolVersion }) => toolVersion],
  ["the design", ({ design }) => design],
  // Time budgets, and limits of before, may differ: evidence holds at every number of blocks.
  ["the sampling", ({ sampling }) => sampling && [sampling.mode, sampling.minBlocks, sampling.maxBlocks]],
  ["the number of runs", ({ runCount }) => runCount],
  ["the number of cold runs", ({ sampling }) => sampling?.coldRuns],
  ["the family that the error is shared over", ({ family }) => family],
  ["the plan of the controls", ({ controls }) => controls],
  ["the way the builds are placed", ({ slots }) => slots?.mode],
  ["the meter", ({ meter }) => meter],
  ["the time limit", ({ timeoutMs }) => timeoutMs],
  ["the number of shards", ({ shard }) => shard.count],
];

/** @throws {ArtifactError} naming the file that differs from the first one, and both values of all that differs. */
export function assertAgreement(contexts: readonly NamedContext[]): void {
  const [first, ...others] = contexts;
  if (first === undefined) return;
  for (const other of others) {
    const issues = SHARED.flatMap(([name, of]) => difference(name, of(other.context), of(first.context)));
    if (issues.length > 0) throw mergeError(other.contextPath, issues, [{ label: "other", text: first.contextPath }]);
  }
}

function difference(name: string, here: unknown, there: unknown): ArtifactIssue[] {
  const [a, b] = [here, there].map((value) => JSON.stringify(value) ?? "none");
  if (a === b) return [];
  const [shownHere, shownThere] = tellingParts(a ?? "", b ?? "");
  return [{ path: "", message: `${name} is ${shownHere}, elsewhere ${shownThere}` }];
}

/** Long values are shown from a little before their first difference. */
const SHOWN = 80;
const BEFORE = 30;

function tellingParts(a: string, b: string): [string, string] {
  let common = 0;
  while (common < a.length && a[common] === b[common]) common += 1;
  const start = a.length <= SHOWN && b.length <= SHOWN ? 0 : Math.max(0, common - BEFORE);
  const shown = (text: string) => `${start > 0 ? "…" : ""}${printableLine(text.slice(start), SHOWN)}`;
  return [shown(a), shown(b)];
}

/**
 * The error when shards do not go together.
 * @param path the workspace or file that does not fit
 * @param kind the kind of file that the message names; the run context when left out
 */
export function mergeError(
  path: string,
  issues: readonly ArtifactIssue[],
  details: readonly { readonly label: string; readonly text: string }[] = [],
  kind = runContext.kind,
): ArtifactError {
  return new ArtifactError({ path, kind, action: "Cannot merge", issues, details });
}
