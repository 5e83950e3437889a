import type { NightAcceptance, NightRecord } from "@forgebench/artifacts";
import { printableLine, UsageError } from "@forgebench/errors";
import type { HistoryEntry } from "../store/history-lines.ts";
import { type BaseCandidate, baseCandidates, nightsWithBase } from "./base-candidates.ts";
import {
  type BaseAnswer,
  type BaseQuestion,
  distinct,
  isBefore,
  type Repo,
  refuseShallow,
  short,
  unjudged,
} from "./base-question.ts";
import { findRelease } from "./releases.ts";

type Found = Pick<BaseAnswer, "sha" | "reason">;

/**
 * The newest night that was green or accepted. While there is none, the base of the first nights stays the
 * base: otherwise the second night would use the first one, even if that was red.
 */
export async function nightBase(
  repo: Repo,
  head: string,
  { event, readEntries }: Pick<BaseQuestion, "event" | "readEntries">,
): Promise<BaseAnswer> {
  if (readEntries === undefined && event === "schedule") {
    throw new UsageError("missing --history, which --event schedule needs");
  }
  const entries = await readEntries?.();
  const notes: string[] = [];
  const found = await moved(repo, head, { entries: entries ?? [], notes });
  const { sha, reason } = "sha" in found ? found : await unmoved(repo, head, { entries, why: found.why });
  return { sha, cadence: "night", reason, notes: distinct(notes) };
}

async function moved(
  repo: Repo,
  head: string,
  { entries, notes }: { readonly entries: readonly HistoryEntry[]; readonly notes: string[] },
): Promise<Found | { readonly why: string }> {
  let ofHead: BaseCandidate | undefined;
  for (const candidate of baseCandidates(entries)) {
    const { headSha } = candidate.night;
    if (headSha === head) ofHead ??= candidate;
    else if (await isBefore(repo, headSha, head, notes)) {
      return { sha: headSha, reason: nightReason(candidate, ofHead) };
    }
  }
  if (ofHead !== undefined) {
    return { why: `head is that of the night ${ofHead.night.runId}, and no older one is accepted` };
  }
  return { why: notes.length > 0 ? "no accepted night is on the history of head" : "no accepted night yet" };
}

async function unmoved(
  repo: Repo,
  head: string,
  { entries, why }: { readonly entries: readonly HistoryEntry[] | undefined; readonly why: string },
): Promise<Found> {
  const first = await firstBase(repo, head, entries ?? []);
  if (first !== undefined) {
    return { sha: first.baseSha, reason: `the base of the oldest night, ${nameOf(first)}: ${why}` };
  }
  const release = entries === undefined ? undefined : await findRelease(repo, head);
  if (release !== undefined) return { sha: release.sha, reason: `the last release, ${release.tag}: ${why}` };
  const sha = await repo.commitOf(`${head}^1`);
  const because = entries === undefined ? "no history was named" : why;
  if (sha !== undefined) return { sha, reason: `the first parent of head: ${because}` };
  await refuseShallow(repo, `the parent of ${short(head)} is missing`);
  throw unjudged(`"${short(head)}" is the first commit`, "measure it without a base");
}

/** The oldest night whose base is on the history of head. */
async function firstBase(repo: Repo, head: string, entries: readonly HistoryEntry[]) {
  const seen = new Set([head]);
  for (const night of nightsWithBase(entries)) {
    if (seen.has(night.baseSha)) continue;
    seen.add(night.baseSha);
    if (await isBefore(repo, night.baseSha, head, [])) return night;
  }
  return undefined;
}

function nightReason({ night, acceptance }: BaseCandidate, ofHead: BaseCandidate | undefined): string {
  const which =
    acceptance === undefined
      ? `the last green night, ${nameOf(night)}`
      : `the last night that ${acceptedNight(night, acceptance)}`;
  if (ofHead === undefined) return which;
  return `${which}, at another commit: head itself is that of the ${ofHead.acceptance === undefined ? "green" : "accepted"} night ${ofHead.night.runId}`;
}

/** `a person accepted, 7 of 2026-02-15 (regression, accepted by Ann)` */
export function acceptedNight(night: NightRecord, acceptance: NightAcceptance | undefined): string {
  return `a person accepted, ${nameOf(night)} (${night.outcome}, accepted by ${printableLine(acceptance?.by ?? "", 60)})`;
}

function nameOf({ runId, recordedAt }: NightRecord): string {
  return `${runId} of ${recordedAt.slice(0, 10)}`;
}
