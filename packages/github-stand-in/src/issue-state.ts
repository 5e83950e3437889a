/** A comment on an issue or a pull request. */
export interface Comment {
  readonly id: number;
  readonly author: string;
  body: string;
}

/**
 * The states of a review that was handed in; GitHub's `PENDING` ones are seen by their author alone, and are not stood
 * in for.
 */
export type ReviewState = "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED";

/** A review that a test or a rehearsal has added to a pull request. */
export interface Review {
  readonly id: number;
  readonly author: string;
  readonly state: ReviewState;
  /** The head when it was reviewed. */
  readonly commitSha: string;
  readonly submittedAt: Date;
}

/** What an issue has besides when it is a pull request. */
interface Pull {
  readonly headOwner: string;
  readonly headBranch: string;
  baseBranch: string;
  /** As of the last look while it was open. */
  headSha: string;
  baseSha: string;
  merged: { readonly at: Date; readonly by: string; readonly sha: string } | undefined;
  readonly reviews: Review[];
}

/** An issue, or a pull request, which is an issue too. */
export interface Issue {
  readonly id: number;
  readonly number: number;
  readonly author: string;
  readonly createdAt: Date;
  title: string;
  body: string | null;
  state: "closed" | "open";
  stateReason: string | null;
  labels: string[];
  updatedAt: Date;
  readonly comments: Comment[];
  readonly pull: Pull | undefined;
}

/**
 * An issue with a branch to merge: GitHub numbers both together, and comments on a pull request are those of its issue.
 */
export type PullRequest = Issue & { readonly pull: Pull };
