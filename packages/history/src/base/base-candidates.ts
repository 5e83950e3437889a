import type { NightAcceptance, NightRecord } from "@forgebench/artifacts";
import { isAcceptable } from "../nights/night-lines.ts";
import type { HistoryEntry } from "../store/history-lines.ts";

/** A night whose head may be a base. */
export interface BaseCandidate {
  readonly night: NightRecord;
  /** Who accepted it; undefined when it was green by itself. */
  readonly acceptance: NightAcceptance | undefined;
}

/**
 * The nights whose head may be compared with, newest first: scheduled ones that were green, or were accepted by a person
 * afterwards. Other events never move the base, nor do nights whose evidence was not computed again.
 */
export function baseCandidates(entries: readonly HistoryEntry[]): BaseCandidate[] {
  const acceptances: NightAcceptance[] = [];
  const candidates: BaseCandidate[] = [];
  // From the newest to the oldest, so that an acceptance is known before the nights that it is about.
  for (const { type, value } of entries.toReversed()) {
    if (type === "acceptance") acceptances.push(value);
    else if (value.event === "schedule") {
      const acceptance = isAcceptable(value) ? acceptances.find((made) => isAbout(made, value)) : undefined;
      const isGreen = value.outcome === "green" && value.verified !== false;
      if (isGreen || acceptance !== undefined) candidates.push({ night: value, acceptance });
    }
  }
  return candidates;
}

function isAbout({ runId, headSha }: NightAcceptance, night: NightRecord): boolean {
  return runId === undefined ? headSha === night.headSha : runId === night.runId;
}
