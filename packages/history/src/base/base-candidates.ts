import type { NightAcceptance, NightCadence, NightRecord } from "@forgebench/artifacts";
import { isAcceptable } from "../nights/night-lines.ts";
import type { HistoryEntry } from "../store/history-lines.ts";

/** A night whose head may be a base. */
export interface BaseCandidate {
  readonly night: NightRecord;
  /** Who accepted it; undefined when it was green by itself. */
  readonly acceptance: NightAcceptance | undefined;
}

/**
 * The nights whose head nights may be compared with, newest first: scheduled ones that were green, or were accepted by a
 * person afterwards. Other events never move the base, nor do nights whose evidence was not computed again, nor those that
 * were compared with a release: a night that is slower than yesterday may still be faster than a release, and a person
 * who accepts its distance from a release has not seen the figures of yesterday.
 */
export function baseCandidates(entries: readonly HistoryEntry[]): BaseCandidate[] {
  return candidatesOf("night", entries).filter(({ night, acceptance }) => isGreen(night) || acceptance !== undefined);
}

/** The nights that were compared with a release and that a person accepted, newest first. */
export function acceptedReleaseNights(entries: readonly HistoryEntry[]): BaseCandidate[] {
  return candidatesOf("release", entries).filter(({ acceptance }) => acceptance !== undefined);
}

/** The verified scheduled nights that were compared as nights are and whose base is known, oldest first. */
export function nightsWithBase(entries: readonly HistoryEntry[]): (NightRecord & { readonly baseSha: string })[] {
  return entries.flatMap(({ type, value }) => {
    if (type !== "night" || !isScheduled(value, "night") || value.verified === false) return [];
    return value.baseSha === null ? [] : [{ ...value, baseSha: value.baseSha }];
  });
}

function candidatesOf(cadence: NightCadence, entries: readonly HistoryEntry[]): BaseCandidate[] {
  const acceptances: NightAcceptance[] = [];
  const nights: BaseCandidate[] = [];
  // From the newest to the oldest, so that an acceptance is known before the nights that it is about.
  for (const { type, value } of entries.toReversed()) {
    if (type === "acceptance") acceptances.push(value);
    else if (isScheduled(value, cadence)) {
      const acceptance = isAcceptable(value) ? acceptances.find((made) => isAbout(made, value)) : undefined;
      nights.push({ night: value, acceptance });
    }
  }
  return nights;
}

function isScheduled(night: NightRecord, of: NightCadence): boolean {
  const { event, cadence = "night" } = night;
  return event === "schedule" && cadence === of;
}

function isGreen({ outcome, verified = true }: NightRecord): boolean {
  return outcome === "green" && verified;
}

function isAbout({ runId, headSha }: NightAcceptance, night: NightRecord): boolean {
  return runId === undefined ? headSha === night.headSha : runId === night.runId;
}
