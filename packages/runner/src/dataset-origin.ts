import type { DatasetResolved, MeasuredDataset, RunContext, Suite, TierManifest } from "@forgebench/artifacts";
import { ArtifactError, type ArtifactIssue, printableLine, UsageError } from "@forgebench/errors";

/** The known facts about the origin of a tier. */
export interface DatasetOrigin {
  /** What lies beside the tier manifest, and its file; a tier without it was built on this machine. */
  readonly resolved?: { readonly path: string; readonly value: DatasetResolved } | undefined;
  /** Why a tier of this machine is measured instead of a release: `--dataset-fallback`. */
  readonly fallbackReason?: string | undefined;
}

/**
 * The dataset as the run context says it; `sha256` is that of the images as they were hashed now.
 * @throws {ArtifactError} when the tier is not the one that was resolved, {UsageError} for a release that is said to be a fallback.
 */
export function measuredDatasetOf(tier: TierManifest, sha256: string, origin: DatasetOrigin): MeasuredDataset {
  const { datasetVersion, tierId } = tier;
  const identity = { datasetVersion, tierId, sha256 };
  const { resolved, fallbackReason } = origin;
  if (resolved !== undefined) assertResolved(identity, resolved.value, resolved.path);
  const { release, archive } = resolved?.value ?? {};
  if (release === undefined || archive === undefined) {
    const reason = fallbackReason ?? resolved?.value.fallback?.reason;
    return reason === undefined
      ? { ...identity, source: "local" }
      : { ...identity, source: "fallback", fallback: { reason } };
  }
  if (fallbackReason !== undefined) {
    const where = `release ${release.tag} of ${release.repository}`;
    throw new UsageError(`--dataset-fallback: the tier is not a fallback: it comes from the ${where}`, [
      { label: "expected", text: "a tier that was built on this machine, or no --dataset-fallback" },
      { label: "since", text: `"${resolved?.path}" says so` },
    ]);
  }
  const { repository, tag } = release;
  return { ...identity, source: "release", release: { repository, tag, archiveSha256: archive.sha256 } };
}

/** The dataset of a suite without images: the inputs that it names. */
export function suiteDatasetOf({ name, inputs, scenarios }: Suite, sha256: string): MeasuredDataset {
  const hasInputs = inputs !== undefined || scenarios.some((scenario) => scenario.inputs !== undefined);
  return { datasetVersion: name, tierId: hasInputs ? "inputs" : "no-inputs", sha256, source: "suite" };
}

function assertResolved(tier: Omit<MeasuredDataset, "source">, resolved: DatasetResolved, path: string): void {
  const facts = [
    ["tierId", resolved.tierId, tier.tierId, "the tier manifest says"],
    ["datasetVersion", resolved.datasetVersion, tier.datasetVersion, "the tier manifest says"],
    ["contentSha256", resolved.contentSha256, tier.sha256, "the images beside it give"],
  ] as const;
  const issues = facts.flatMap(([field, said, found, where]): ArtifactIssue[] =>
    said === found
      ? []
      : [{ path: field, message: `is ${JSON.stringify(said)}, but ${where} ${JSON.stringify(found)}` }],
  );
  if (issues.length === 0) return;
  throw new ArtifactError({
    path,
    kind: "resolved dataset",
    action: "Cannot use",
    issues,
    details: [{ label: "try", text: "download the tier again: it is not the one that was resolved" }],
  });
}

/** A dataset that is no release, in lines for a person; a local one was built by a person. */
export function announceDataset({ dataset }: Pick<RunContext, "dataset">): string[] {
  const { datasetVersion, tierId, fallback } = dataset;
  if (fallback === undefined) return [];
  const name = printableLine(`${tierId} of dataset ${datasetVersion}`, 80);
  return [`warning: ${name} is a fallback, built on this machine: ${printableLine(fallback.reason, 200)}`];
}
