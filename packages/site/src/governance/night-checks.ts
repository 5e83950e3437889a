import { counted } from "@forgebench/errors";
import { type CheckRule, fail, type GovernanceFacts, pass, unknown, type Verdict } from "./governance-facts.ts";
import { describeDays, nightDates } from "./night-dates.ts";

/** Nights of a month that may be missing: GitHub drops a scheduled run now and then when it is busy. */
const MISSING_ALLOWED = 2;
/** If this many of the newest nights are missing in a row, the nights do not run any more. */
const SILENT_NIGHTS = 2;

/** Whether the nights ran at all: one that did not leaves no other trace than its absence. */
export const nightChecks: readonly CheckRule[] = [
  {
    id: "nights",
    title: "A night was recorded each day",
    remedy:
      "check the scheduled runs of these days: was the workflow disabled, did a job wait for a machine, could the history not be written?",
    judge: judgeNights,
  },
];

function judgeNights(facts: GovernanceFacts): Verdict {
  const dates = nightDates(facts);
  if (dates === undefined) return unknown(whyNone(facts));
  const { due, missing, failed, missingInARow } = dates;
  const found = [
    `${due.length - missing.length} of ${counted(due.length, "night")} recorded`,
    ...(missing.length === 0 ? [] : [`missing: ${describeDays(missing)}`]),
    ...(missingInARow < SILENT_NIGHTS ? [] : [`the newest ${missingInARow} in a row`]),
    ...(failed.length === 0 ? [] : [`failed: ${describeDays(failed)}`]),
  ];
  const detail = `${found.join("; ")}; at most ${MISSING_ALLOWED} may be missing`;
  return missing.length > MISSING_ALLOWED || missingInARow >= SILENT_NIGHTS ? fail(detail) : pass(detail);
}

function whyNone({ nights, period }: GovernanceFacts): string {
  if (nights.every(({ cadence }) => cadence === "release")) return "no scheduled night was ever recorded";
  return `no night was due in ${period} yet, counted from the first that was recorded`;
}
