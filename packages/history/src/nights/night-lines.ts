import {
  type Comparison,
  comparison,
  type EvidenceBundle,
  type NightAcceptance,
  type NightCadence,
  type NightCell,
  type NightRecord,
  parseArtifact,
} from "@forgebench/artifacts";
import { UsageError } from "@forgebench/errors";
import type { ReadEvidence } from "@forgebench/evidence";
import { assertCommits } from "@forgebench/evidence";
import type { History } from "../store/history-lines.ts";

/** The facts of a night that its evidence does not have; `verified` is absent if its evidence was computed again. */
export type NightFacts = Pick<
  NightRecord,
  "recordedAt" | "event" | "refName" | "headSha" | "baseSha" | "baseReason"
> & {
  readonly verified?: false;
  readonly cadence?: NightCadence | undefined;
};

/**
 * The record of a night that was compared; `archive` is the file name of its evidence.
 * @throws {ArtifactError} when the facts name another commit than the evidence knows.
 */
export function recordOfEvidence(
  { bundle, members, sha256 }: ReadEvidence,
  archive: string,
  facts: NightFacts,
): NightRecord {
  assertCommits(members, { headSha: facts.headSha, baseSha: facts.baseSha ?? undefined }, (name) => {
    return `${archive}: ${name}`;
  });
  const text = members.get("compare.json")?.toString("utf8") ?? "";
  const compared = parseArtifact(comparison, text, `${archive}: compare.json`);
  const { id, cpuModel, cpuCount } = bundle.machine;
  return {
    ...headOf(bundle, facts),
    outcome: bundle.outcome,
    machine: { id, cpuModel, cpuCount },
    dataset: datasetOf(bundle),
    suite: { name: bundle.suite.name, sha256: bundle.suite.sha256 },
    bundle: { name: archive, sha256 },
    ...(facts.verified === false ? { verified: false } : {}),
    controls: compared.controls?.status ?? null,
    cells: (compared.cells ?? []).map(cellOf),
    previousSha256: null,
  };
}

/** The record of a night that ended without a comparison. */
export function recordOfFailure(
  run: Pick<NightRecord, "runId" | "runAttempt">,
  failure: string,
  facts: NightFacts,
): NightRecord {
  const nothing = { machine: null, dataset: null, suite: null, bundle: null, controls: null, cells: [] };
  return { ...headOf(run, facts), outcome: "failed", failure, ...nothing, previousSha256: null };
}

function headOf({ runId, runAttempt }: Pick<NightRecord, "runId" | "runAttempt">, facts: NightFacts) {
  const { recordedAt, event, cadence, refName, headSha, baseSha, baseReason } = facts;
  return {
    kind: "night-record",
    version: "1.0",
    runId,
    runAttempt,
    recordedAt,
    event,
    // Left out of most nights, so that one that was recorded before there were cadences is still the same record.
    ...(cadence === "release" ? { cadence } : {}),
    refName,
    headSha,
    baseSha,
    baseReason,
  };
}

function datasetOf({ dataset }: EvidenceBundle): NonNullable<NightRecord["dataset"]> {
  const { datasetVersion, tierId, sha256, source, release, fallback } = dataset;
  return {
    datasetVersion,
    tierId,
    sha256,
    source,
    ...(release === undefined ? {} : { release }),
    ...(fallback === undefined ? {} : { fallback }),
  };
}

function cellOf(cell: NonNullable<Comparison["cells"]>[number]): NightCell {
  const { id, verdict, isAlert, changePct, interval, blockCount, base, head } = cell;
  return {
    id,
    verdict,
    isAlert,
    changePct,
    lowPct: interval?.lowPct ?? null,
    highPct: interval?.highPct ?? null,
    blockCount,
    baseMedian: base.median,
    headMedian: head.median,
  };
}

/** Who accepts what, and why. */
interface Acceptance extends Pick<NightAcceptance, "by" | "reason" | "recordedAt"> {
  /** A run's id, or the full hash of a commit. */
  readonly target: string;
}

/**
 * The line by which a person accepts nights of a history.
 * @throws {UsageError} when there is no such night, or none that a person can accept.
 */
export function acceptanceOf(history: History, { target, by, reason, recordedAt }: Acceptance): NightAcceptance {
  const isCommit = /^[0-9a-f]{40}$/.test(target);
  const nights = history.entries.flatMap(({ type, value }) => (type === "night" ? [value] : []));
  const meant = nights.filter(({ runId, headSha }) => target === (isCommit ? headSha : runId));
  if (meant.length === 0) {
    throw new UsageError(`--accept: "${target}" is no night of the history "${history.name}"`, [
      { label: "expected", text: "the run id, or the full commit, of a night that is recorded" },
    ]);
  }
  if (!meant.some(isAcceptable)) {
    const found = meant
      .map(({ runId, runAttempt, outcome, verified = true }) => {
        return `${runId}.${runAttempt} was ${outcome}${verified ? "" : ", unverified"}`;
      })
      .join(", ");
    throw new UsageError(`--accept: "${target}" needs no acceptance or cannot be accepted: ${found}`, [
      {
        label: "expected",
        text: "a verified night that was a regression or undecided; one that judged nothing must be run again",
      },
    ]);
  }
  const whom = isCommit ? { headSha: target } : { runId: target };
  return { kind: "night-acceptance", version: "1.0", recordedAt, ...whom, by, reason, previousSha256: null };
}

/**
 * Whether a person may accept a night: something was judged, and it was not green by itself. A record that was not
 * computed again cannot be trusted.
 */
export function isAcceptable({ outcome, verified = true }: Pick<NightRecord, "outcome" | "verified">): boolean {
  if (!verified) return false;
  return outcome === "regression" || outcome === "undecided";
}
