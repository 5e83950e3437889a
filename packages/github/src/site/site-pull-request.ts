import type { PullRequest } from "../pulls/pull-requests.ts";

/** Title and Markdown of a pull request. */
export interface SiteText {
  readonly title: string;
  readonly body: string;
}

/** The pull requests of the automation branch, sorted for a sync. */
export interface SitePulls {
  /** The one that is open, to be updated. */
  readonly own?: PullRequest;
  /** Closed without being merged since the last one that was merged. */
  readonly closed: readonly PullRequest[];
  /** Open ones of somebody else, from the same branch into another; they are left alone. */
  readonly foreign: readonly PullRequest[];
}

/**
 * Sorts the pull requests of the automation branch. A sync's is the one into the default branch; where there is none, one
 * that was pointed elsewhere, known by its mark.
 */
export function sortPulls(pulls: readonly PullRequest[], base: string, marker: string): SitePulls {
  const isMarked = ({ body }: PullRequest) => body.includes(marker);
  const open = pulls.filter(({ isOpen }) => isOpen);
  const own = open.find(({ baseBranch }) => baseBranch === base) ?? open.find(isMarked);
  const ours = pulls.filter((pull) => pull.baseBranch === base || isMarked(pull));
  // If a later one was merged, the closed ones no longer matter.
  const lastMerged = Math.max(0, ...ours.filter(({ isMerged }) => isMerged).map(({ number }) => number));
  return {
    ...(own === undefined ? {} : { own }),
    closed: ours.filter(({ isOpen, isMerged, number }) => !isOpen && !isMerged && number > lastMerged),
    foreign: open.filter((pull) => pull !== own),
  };
}

/** Whether a pull request has this text already. Ticked boxes, and the line ends of a browser, do not count. */
export function saysSame(pull: PullRequest, { title, body }: SiteText, base: string): boolean {
  return pull.title === title && pull.baseBranch === base && plain(pull.body) === plain(body);
}

function plain(body: string): string {
  return body
    .replaceAll("\r\n", "\n")
    .replaceAll(/^(\s*[-*] \[)[xX]\]/gm, "$1 ]")
    .trim();
}
