import type { Octokit } from "octokit";

/** How GitHub is reached. */
export interface GitHubAccess {
  /** Such as `https://api.github.com`; https, or http on loopback. */
  readonly apiUrl: string;
  /** Nothing: anonymous, for public repositories. */
  readonly token?: string;
  readonly signal: AbortSignal;
  /** Says why it waits: rate limits and repeated attempts. */
  readonly onWait: (message: string) => void;
  /** The first wait of a repeated attempt, doubled each time; smaller in tests. */
  readonly retryBaseMs?: number;
}

/** A client and what it was made from. */
export interface GitHub {
  readonly octokit: Octokit;
  readonly access: GitHubAccess;
}
