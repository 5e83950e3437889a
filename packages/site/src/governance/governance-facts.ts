import type { GovernanceCheck, GovernanceStatus, NightRecord, SiteHistory, SiteSnapshot } from "@forgebench/artifacts";

/** The rules for published figures; a rule that the standard lacks cannot be checked, and blocks. */
interface GovernanceStandard {
  readonly tier: string;
  readonly maxAgeDays: number;
  /** When a night starts each day: after midnight, in UTC. */
  readonly nightStartMinutes: number;
  readonly datasetVersions?: readonly string[];
  readonly runner?: string;
  /** Of each profile the fields that are fixed, its `id` among them. */
  readonly profiles?: readonly (Readonly<Record<string, unknown>> & { readonly id: string })[];
}

/** A review of the pull request that carried the figures. */
export interface PullRequestReview {
  readonly login: string;
  /** Absent: decided by the name only. */
  readonly isPerson?: boolean;
  /** As GitHub says: `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED`, `PENDING`. */
  readonly state: string;
  /** The commit that was reviewed. */
  readonly commit: string;
  /** ISO 8601. */
  readonly submittedAt: string;
}

/**
 * Who wrote, reviewed and merged the pull request that carried the latest snapshot. Fields about the merge are absent
 * where it is open.
 */
export interface PullRequestFacts {
  readonly url: string;
  readonly author: string;
  readonly mergedBy?: string;
  readonly mergedAt?: string;
  /** Absent: decided by the name only. */
  readonly isMergedByPerson?: boolean;
  readonly reviews: readonly PullRequestReview[];
  /** Who wrote its commits: they do not approve their own work. */
  readonly commitAuthors?: readonly string[];
  readonly mergeCommit?: string;
  /** The last commit of its branch when it was merged. */
  readonly headCommit?: string;
}

/** An answer to a request; status 0 where none came. */
interface LinkFacts {
  readonly url: string;
  readonly status: number;
}

interface PageFacts extends Omit<LinkFacts, "url"> {
  readonly shownSnapshotId?: string;
  readonly links: readonly LinkFacts[];
}

/** The facts for the review; unknown ones are absent. */
export interface GovernanceFacts {
  /** ISO 8601. */
  readonly now: string;
  /** The month that is reviewed, `2026-02`. */
  readonly period: string;
  readonly latest?: SiteSnapshot;
  readonly history?: SiteHistory;
  /** The problem of a file that exists and cannot be read. */
  readonly unreadable?: { readonly latest?: string; readonly history?: string };
  readonly standard: GovernanceStandard;
  /** The one that carried the latest snapshot. */
  readonly pullRequest?: PullRequestFacts;
  readonly page?: PageFacts;
  /** All of the history, whatever the month; none where there is no history. */
  readonly nights: readonly ScheduledNight[];
}

/** A night of the schedule, as far as the review asks for it; from the history. */
export type ScheduledNight = Pick<NightRecord, "runId" | "recordedAt" | "outcome" | "controls"> & {
  /** `release`: a weekly run beside that of the night. */
  readonly cadence?: string | undefined;
};

/** The result of a check, and the sentence that says why. */
export type Verdict = Pick<GovernanceCheck, "detail"> & { readonly status: GovernanceStatus };

/**
 * A check of the monthly review: its `remedy` is printed when it does not pass, and `judge` reads nothing but the
 * facts.
 */
export interface CheckRule {
  readonly id: string;
  readonly title: string;
  readonly remedy: string;
  readonly judge: (facts: GovernanceFacts) => Verdict;
}

/** A check that passed; `detail` says on what grounds. */
export const pass = (detail: string): Verdict => ({ status: "pass", detail });

/** A check that failed; `detail` says what was found. */
export const fail = (detail: string): Verdict => ({ status: "fail", detail });

/** A check that had nothing to judge: it blocks as one that failed does. */
export const unknown = (detail: string): Verdict => ({ status: "unknown", detail });

/** A check of the latest snapshot: unknown where there is none. */
export function ofLatest(
  judge: (latest: SiteSnapshot, facts: GovernanceFacts) => Verdict,
): (facts: GovernanceFacts) => Verdict {
  return (facts) =>
    facts.latest === undefined ? unknown("no latest snapshot could be read") : judge(facts.latest, facts);
}
