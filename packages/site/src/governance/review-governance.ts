import type { GovernanceCheck, GovernanceReview, SiteSnapshot } from "@forgebench/artifacts";
import { counted, UsageError } from "@forgebench/errors";
import type { CheckRule, GovernanceFacts } from "./governance-facts.ts";
import { nightChecks } from "./night-checks.ts";
import { nightsOfPeriod, summariseNights } from "./night-dates.ts";
import { nightRates, rateChecks } from "./night-rates.ts";
import { pageChecks } from "./page-checks.ts";
import { reviewChecks } from "./review-checks.ts";
import { snapshotChecks } from "./snapshot-checks.ts";

const RULES: readonly CheckRule[] = [...snapshotChecks, ...reviewChecks, ...pageChecks, ...nightChecks, ...rateChecks];

/**
 * The monthly review of the published figures. It passes when every check does: an unknown result blocks like a
 * wrong one.
 * @throws {UsageError} when the period is no month.
 */
export function reviewGovernance(facts: GovernanceFacts): GovernanceReview {
  const { period, now, latest, pullRequest } = facts;
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(period)) {
    throw new UsageError(`Cannot review "${period}": a period is a month, such as 2026-02`);
  }
  const checks = RULES.map((rule): GovernanceCheck => {
    const { id, title, remedy, judge } = rule;
    const verdict = judge(facts);
    return { id, title, ...verdict, blocking: true, remedy: verdict.status === "pass" ? "" : remedy };
  });
  const open = checks.filter(({ status, blocking }) => blocking && status !== "pass");
  const nights = summariseNights(facts);
  return {
    kind: "governance-review",
    version: "1.0",
    generatedAt: now,
    period,
    passed: open.length === 0,
    summary: summarise(open, checks.length),
    snapshot: latest === undefined ? null : snapshotFacts(latest),
    pullRequestUrl: pullRequest?.url ?? null,
    checks,
    rates: nightRates(nightsOfPeriod(facts)),
    ...(nights === undefined ? {} : { nights }),
  };
}

function summarise(open: readonly GovernanceCheck[], count: number): string {
  if (open.length === 0) return `All ${counted(count, "check")} pass.`;
  return `${open.length} of ${counted(count, "check")} did not pass: ${open.map(({ title }) => title).join("; ")}.`;
}

function snapshotFacts({ snapshotId, generatedAt, source }: SiteSnapshot): GovernanceReview["snapshot"] {
  const { tier, datasetVersion, runner } = source;
  return { snapshotId, generatedAt, tier, datasetVersion, runner };
}
