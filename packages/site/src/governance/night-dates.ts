import type { GovernanceReview } from "@forgebench/artifacts";
import type { GovernanceFacts, ScheduledNight } from "./governance-facts.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A night that began less long ago may still be running. */
const NIGHT_MS = 12 * 3_600_000;

/** The nights of a review by the day on which they began, as days since 1970. */
interface NightDates {
  /** Days on which a night was due, in the month. */
  readonly due: readonly number[];
  readonly missing: readonly number[];
  /** Days on which every night failed. */
  readonly failed: readonly number[];
  /** How many of the newest due nights are missing in a row, also across the month's edge. */
  readonly missingInARow: number;
}

/**
 * Which nights there should have been: one a day from the first that was recorded until now, or until the month is over.
 * Undefined where that cannot be told: nothing was ever recorded, or nothing was due in the month.
 */
export function nightDates(facts: GovernanceFacts): NightDates | undefined {
  const outcomes = new Map<number, ScheduledNight["outcome"][]>();
  for (const { day, night } of nightsByDay(facts)) {
    // A comparison with a release runs besides the night, and does not count for the day.
    if (night.cadence !== "release") outcomes.set(day, [...(outcomes.get(day) ?? []), night.outcome]);
  }
  const all = daysDue(facts, [...outcomes.keys()]);
  const due = all.filter((day) => monthOf(day) === facts.period);
  if (due.length === 0) return undefined;
  return {
    due,
    missing: due.filter((day) => !outcomes.has(day)),
    failed: due.filter((day) => outcomes.get(day)?.every((outcome) => outcome === "failed") === true),
    missingInARow: all.length - 1 - all.findLastIndex((day) => outcomes.has(day)),
  };
}

/**
 * The month that is reviewed when none is named: that of yesterday, so that on the first of a month the one that has ended is,
 * but none before the first night was recorded.
 */
export function usualPeriod(found: {
  readonly now: string;
  readonly nights: readonly ScheduledNight[];
  readonly nightStartMinutes: number;
}): string {
  const { now, nights } = found;
  const first = nights.map(({ recordedAt }) => dayOf(Date.parse(recordedAt), found));
  return monthOf(Math.max(Math.floor(Date.parse(now) / DAY_MS) - 1, ...first.slice(0, 1)));
}

/** The nights that began in the month. */
export function nightsOfPeriod(facts: GovernanceFacts): ScheduledNight[] {
  return nightsByDay(facts).flatMap(({ day, night }) => (monthOf(day) === facts.period ? [night] : []));
}

/** The nights of the month as the review records them; undefined where {@link nightDates} has none. */
export function summariseNights(facts: GovernanceFacts): NonNullable<GovernanceReview["nights"]> | undefined {
  const dates = nightDates(facts);
  if (dates === undefined) return undefined;
  return { dueCount: dates.due.length, missing: dates.missing.map(dateOf), failed: dates.failed.map(dateOf) };
}

/** `2026-02-04, 2026-02-07 to 2026-02-09`. */
export function describeDays(days: readonly number[]): string {
  const firsts = days.filter((day, index) => days[index - 1] !== day - 1);
  const lasts = days.filter((day, index) => days[index + 1] !== day + 1);
  return firsts
    .map((first, index) => {
      const last = lasts[index] ?? first;
      return first === last ? dateOf(first) : `${dateOf(first)} to ${dateOf(last)}`;
    })
    .join(", ");
}

/** A night belongs to the last start before it was recorded; a run that was repeated to its first attempt. */
function nightsByDay({ nights, standard }: GovernanceFacts): { day: number; night: ScheduledNight }[] {
  const days = new Map<string, number>();
  for (const { runId, recordedAt } of nights) {
    const day = dayOf(Date.parse(recordedAt), standard);
    days.set(runId, Math.min(day, days.get(runId) ?? day));
  }
  return nights.map((night) => ({ day: days.get(night.runId) ?? Number.NaN, night }));
}

/** Until the end of the month, so that what is newest in a month that is over is judged, too. */
function daysDue({ now, period, standard }: GovernanceFacts, recorded: readonly number[]): number[] {
  const nowMs = Date.parse(now);
  const today = dayOf(nowMs, standard);
  if (!Number.isFinite(today) || recorded.length === 0) return [];
  const past = recorded.filter((day) => day <= today);
  const last = Math.max(dayOf(nowMs - NIGHT_MS, standard), ...past);
  const first = Math.min(...recorded);
  const days = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  return days.filter((day) => monthOf(day) <= period);
}

function dayOf(timeMs: number, { nightStartMinutes }: { readonly nightStartMinutes: number }): number {
  return Math.floor((timeMs - nightStartMinutes * MINUTE_MS) / DAY_MS);
}

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

function monthOf(day: number): string {
  return dateOf(day).slice(0, 7);
}
