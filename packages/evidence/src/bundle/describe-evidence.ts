import {
  type ArtifactKind,
  type Comparison,
  comparison,
  contradictedCommit,
  datasetOriginOf,
  type EvidenceBundle,
  type EvidenceMember,
  evidenceMembers,
  type MeasuredDataset,
  parseArtifact,
  type RunContext,
  runContext,
  type Summary,
  summary,
} from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { sha256Of } from "@forgebench/io";

/** The bytes of each file of a bundle. */
export type EvidenceFiles = ReadonlyMap<EvidenceMember, Buffer>;

/** The facts of a bundle that its files do not hold. */
export type EvidenceIdentity = Pick<EvidenceBundle, "runId" | "runAttempt"> & {
  readonly headSha?: string | undefined;
  readonly baseSha?: string | undefined;
};

/**
 * The contents of `bundle.json` for these files, after making sure that they belong together: the comparison is of these
 * summaries, they are of these runs, this suite, dataset with its origin, machine and these subjects, which were built
 * from the commits of `identity` where they say from which. `pathOf` names a file in messages.
 * @throws {ArtifactError} naming the file that does not belong, with both hashes.
 */
export function describeEvidence(
  files: EvidenceFiles,
  identity: EvidenceIdentity,
  pathOf: (member: EvidenceMember) => string,
): EvidenceBundle {
  const reader = new EvidenceReader(files, pathOf);
  const context = reader.parse(runContext, "run-context.json");
  const compared = reader.parse(comparison, "compare.json");
  const measured = measuredBy(context, reader);
  reader.checkSuite(context);
  reader.checkSummary("summary.json", "head", context, compared);
  reader.checkSummary("base-summary.json", "base", context, compared);
  reader.checkDataset("compare.json", compared, context, TRY_COMPARE);
  const { runId, runAttempt, headSha, baseSha } = identity;
  assertCommits(files, identity, pathOf);
  return {
    kind: "evidence-bundle",
    version: "1.0",
    generatedAt: compared.generatedAt,
    runId,
    runAttempt,
    ...measured,
    ...(compared.evidence === undefined ? {} : { evidence: compared.evidence }),
    ...(headSha === undefined ? {} : { headSha }),
    ...(baseSha === undefined ? {} : { baseSha }),
    outcome: outcomeOf(compared, reader),
    members: evidenceMembers.map((path) => ({
      path,
      sha256: reader.sha256(path),
      sizeBytes: reader.bytes(path).length,
    })),
  };
}

/**
 * Makes sure that head and base were built from the commits that they are said to be, where summaries or context know it.
 * @throws {ArtifactError} with both commits.
 */
export function assertCommits(
  files: EvidenceFiles,
  { headSha, baseSha }: Pick<EvidenceIdentity, "headSha" | "baseSha">,
  pathOf: (member: EvidenceMember) => string,
): void {
  const reader = new EvidenceReader(files, pathOf);
  const { subjects } = reader.parse(runContext, "run-context.json");
  const known = [
    ["head", headSha, "summary.json", "subject", reader.parse(summary, "summary.json").subject],
    ["base", baseSha, "base-summary.json", "subject", reader.parse(summary, "base-summary.json").subject],
    ["head", headSha, "run-context.json", "subjects.head", subjects.head],
    ["base", baseSha, "run-context.json", "subjects.base", subjects.base],
  ] as const;
  for (const [arm, claimed, member, field, subject] of known) {
    const found = contradictedCommit(subject, claimed);
    if (found === undefined) continue;
    const message = `${arm} was built from "${found}", but its commit is said to be "${claimed}"`;
    throw reader.foreign(member, `${field}.commit`, message, `the ${arm} commit of these runs, or none`);
  }
}

function measuredBy(
  { toolVersion, orderSeed, shards, suite, dataset, machine, subjects }: RunContext,
  reader: EvidenceReader,
) {
  const { head, base } = subjects;
  if (base === undefined) {
    throw reader.foreign("run-context.json", "subjects.base", "the runs have one arm; evidence is about two");
  }
  const seeds = shards?.map(({ index, orderSeed: seed }) => ({ index, orderSeed: seed }));
  const measured = { suite, dataset, machine, subjects: { head, base } };
  return { toolVersion, orderSeed, ...(seeds === undefined ? {} : { shards: seeds }), ...measured };
}

function outcomeOf({ outcome }: Comparison, reader: EvidenceReader): EvidenceBundle["outcome"] {
  if (outcome !== undefined) return outcome;
  const message = "found nothing; expected a comparison with an outcome";
  throw reader.foreign("compare.json", "outcome", message, TRY_COMPARE);
}

const TRY_COMPARE = "run bench:compare again with the summaries of this workspace";
const TRY_RUN = "use the unchanged files of one workspace of bench:run";

/** The files of one bundle with the names that messages use. */
class EvidenceReader {
  readonly #files: EvidenceFiles;
  readonly #pathOf: (member: EvidenceMember) => string;

  constructor(files: EvidenceFiles, pathOf: (member: EvidenceMember) => string) {
    this.#files = files;
    this.#pathOf = pathOf;
  }

  bytes(member: EvidenceMember): Buffer {
    const bytes = this.#files.get(member);
    if (bytes === undefined) throw this.foreign(member, "", "it is missing");
    return bytes;
  }

  sha256(member: EvidenceMember): string {
    return sha256Of(this.bytes(member));
  }

  parse<T>(kind: ArtifactKind<T>, member: EvidenceMember): T {
    return parseArtifact(kind, textOf(this.bytes(member), this.#pathOf(member), kind.kind), this.#pathOf(member));
  }

  foreign(member: EvidenceMember, field: string, message: string, remedy?: string): ArtifactError {
    return new ArtifactError({
      path: this.#pathOf(member),
      kind: member,
      action: "Cannot use",
      issues: [{ path: field, message }],
      details: remedy === undefined ? [] : [{ label: "try", text: remedy }],
    });
  }

  checkSuite(context: RunContext): void {
    const found = this.sha256("suite.yaml");
    if (found === context.suite.sha256) return;
    const message = `its sha256 is ${found}, but the runs were made with the suite "${context.suite.name}" of sha256 ${context.suite.sha256}`;
    throw this.foreign("suite.yaml", "", message, "give the suite file that the runs were made with: --suite FILE");
  }

  checkSummary(
    member: "summary.json" | "base-summary.json",
    arm: "head" | "base",
    context: RunContext,
    compared: Comparison,
  ): void {
    const of = this.parse(summary, member);
    const input = compared.inputs?.find(({ role }) => role === arm)?.sha256;
    if (input !== this.sha256(member)) {
      const message = `it was made from ${input === undefined ? `no named ${arm} summary` : `the ${arm} summary with sha256 ${input}`}, but ${member} has ${this.sha256(member)}`;
      throw this.foreign("compare.json", "inputs", message, TRY_COMPARE);
    }
    const rawRuns = this.sha256("raw-runs.jsonl");
    if (!of.inputs?.some(({ sha256 }) => sha256 === rawRuns)) {
      throw this.foreign(member, "inputs", `none of them is raw-runs.jsonl with sha256 ${rawRuns}`, TRY_RUN);
    }
    for (const [field, found, expected] of agreements(of, arm, context)) {
      if (found === undefined || found === expected) continue;
      throw this.foreign(member, field, `found ${found}, but run-context.json has ${expected}`, TRY_RUN);
    }
    this.checkDataset(member, of, context, TRY_RUN);
  }

  /** All facts of the dataset, with its origin: a fallback must not count as a release. */
  checkDataset(
    member: EvidenceMember,
    { dataset }: Pick<Summary, "dataset">,
    context: RunContext,
    remedy: string,
  ): void {
    if (dataset === undefined) return;
    const [found, expected] = [datasetFacts(dataset), datasetFacts(context.dataset)];
    const index = found.findIndex((fact, at) => fact !== expected[at]);
    if (index < 0) return;
    const [here, there] = [found[index], expected[index]].map((fact) => JSON.stringify(fact) ?? "nothing");
    const message = `found ${here}, but run-context.json has ${there}`;
    throw this.foreign(member, `dataset.${DATASET_FACTS[index]}`, message, remedy);
  }
}

/** As {@link datasetFacts} gives them. */
const DATASET_FACTS = [
  ...["datasetVersion", "tierId", "sha256", "source"],
  ...["release.repository", "release.tag", "release.archiveSha256", "fallback.reason"],
];

function datasetFacts(dataset: MeasuredDataset): readonly (string | undefined)[] {
  const { datasetVersion, tierId, sha256 } = dataset;
  return [datasetVersion, tierId, sha256, ...datasetOriginOf(dataset)];
}

/** The fields of the run context that a summary repeats. */
function agreements(of: Summary, arm: "head" | "base", context: RunContext) {
  return [
    ["suite.sha256", of.suite?.sha256, context.suite.sha256],
    ["machine.id", of.machine?.id, context.machine.id],
    ["subject.id", of.subject?.id, context.subjects[arm]?.id],
  ] as const;
}

function textOf(bytes: Buffer, path: string, kind: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ArtifactError({ path, kind, issues: [{ path: "", message: "not UTF-8 text" }] });
  }
}
