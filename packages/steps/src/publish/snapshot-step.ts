import { type Comparison, comparison, type SiteSnapshot, siteSnapshot, summary } from "@forgebench/artifacts";
import { ArtifactError, printableLine } from "@forgebench/errors";
import { assertMadeFrom, assertOutcomeFollows } from "@forgebench/evidence";
import { inputReference, type ReadArtifact, readArtifact, writeArtifact } from "@forgebench/io";
import { escapeTerminal, findPrivateTexts, findSnapshotProblems, planSiteSnapshot } from "@forgebench/report";
import { type StepIo, tell } from "../step-io.ts";

/** A comparison with its summaries, and further facts for the snapshot. All files by absolute path. */
export interface SnapshotRequest {
  readonly headSummary: string;
  readonly baseSummary: string;
  /** The comparison of these two summaries. */
  readonly compare: string;
  /** Where the snapshot goes. */
  readonly out: string;
  /** The run that measured, its commit, and its dataset. */
  readonly source: SiteSnapshot["source"];
  /** The pair that the website shows first. */
  readonly headline: { readonly profileId: string; readonly scenario: string };
  /** The people responsible for the figures. */
  readonly owner: string;
  /** The day in words; undefined: today in UTC. */
  readonly asOfDate?: string | undefined;
  /** The person who accepted an outcome that is not green; undefined: as in the comparison. */
  readonly acceptance?: SiteSnapshot["acceptance"];
  /** Also writes a snapshot that must not be shown as the latest; it records the reasons. */
  readonly allowNonCanonical: boolean;
}

/**
 * Makes the snapshot that the website shows.
 * @throws {ArtifactError} when the comparison is not of these summaries, the request contradicts them, or the snapshot may
 *   not be published; every reason is named.
 */
export async function snapshotStep(request: SnapshotRequest, io: StepIo): Promise<SiteSnapshot> {
  const { out, owner, asOfDate, source, headline } = request;
  const head = await readArtifact(summary, request.headSummary);
  const base = await readArtifact(summary, request.baseSummary);
  const compare = await readArtifact(comparison, request.compare);
  assertOutcomeFollows(compare.value, compare.path);
  for (const [side, { value, sha256 }] of [["head", head] as const, ["base", base] as const]) {
    assertMadeFrom(compare.value, compare.path, side, { summary: value, sha256 });
  }
  const facts = {
    head: head.value,
    base: base.value,
    comparison: compare.value,
    owner,
    asOfDate,
    source,
    acceptance: acceptanceOf(request.acceptance, compare),
    headline,
    // The age of a night is that of its measurement: an old night that is exported again is not the newest.
    generatedAt: head.value.generatedAt,
    exportedAt: io.now().toISOString(),
    inputs: [compare, head, base].map((input) => inputReference(input, out, io.cwd)),
  };
  const issues = findSnapshotProblems(facts);
  if (issues.length > 0) {
    throw new ArtifactError({ path: head.path, kind: summary.kind, action: "Cannot publish", issues });
  }
  const snapshot = planSiteSnapshot(facts);
  refuseUnpublishable(snapshot, request);
  for (const note of notesOn(snapshot, source.runCount)) tell(io, `note: ${escapeTerminal(note)}`);
  await writeArtifact(siteSnapshot, out, snapshot);
  return snapshot;
}

/** @throws {ArtifactError} naming everything for which the snapshot may not be published (exit 65). */
function refuseUnpublishable(snapshot: SiteSnapshot, { out, allowNonCanonical }: SnapshotRequest): void {
  const problem = { path: out, kind: siteSnapshot.kind, action: "Cannot publish" };
  const privateTexts = findPrivateTexts(snapshot);
  if (privateTexts.length > 0) throw new ArtifactError({ ...problem, issues: privateTexts });
  if (allowNonCanonical || snapshot.nonCanonicalReasons === undefined) return;
  const issues = snapshot.nonCanonicalReasons.map((message) => ({ path: "canonical", message }));
  const details = [
    { label: "try", text: "--allow-non-canonical writes it for the history, marked with these reasons" },
  ];
  throw new ArtifactError({ ...problem, issues, details });
}

function notesOn({ source, nonCanonicalReasons = [] }: SiteSnapshot, runCount: number): string[] {
  return [
    ...nonCanonicalReasons.map((reason) => `not canonical: ${reason}`),
    ...(source.datasetSource === undefined
      ? ["the summaries do not name the origin of their dataset; a release is assumed"]
      : []),
    ...(source.runCount === runCount
      ? []
      : [`--run-count says ${runCount}, but the headline had ${source.runCount} runs; these are published`]),
  ];
}

/** The acceptance that the comparison records, or the given one, which may not contradict it. */
function acceptanceOf(
  given: SiteSnapshot["acceptance"],
  compare: ReadArtifact<Comparison>,
): SiteSnapshot["acceptance"] {
  const recorded = compare.value.acceptance;
  if (given === undefined) return recorded;
  if (recorded === undefined || (recorded.by === given.by && recorded.reason === given.reason)) return given;
  const message = `is by ${JSON.stringify(recorded.by)}: ${JSON.stringify(recorded.reason)}, but the flags differ`;
  const issues = [{ path: "acceptance", message: printableLine(message, 600) }];
  throw new ArtifactError({ path: compare.path, kind: comparison.kind, action: "Cannot publish", issues });
}
