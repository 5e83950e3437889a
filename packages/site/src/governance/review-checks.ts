import {
  type CheckRule,
  fail,
  type GovernanceFacts,
  type PullRequestFacts,
  type PullRequestReview,
  pass,
  unknown,
  type Verdict,
} from "./governance-facts.ts";

/** Whether people reviewed the published figures. */
export const reviewChecks: readonly CheckRule[] = [
  {
    id: "reviewed",
    title: "The sync was reviewed",
    remedy: "review the merged commit, and let the site dismiss stale approvals",
    judge: ofPullRequest(judgeReviews),
  },
  {
    id: "merged",
    title: "A person merged the sync",
    remedy: "merge it by hand, and switch off automatic merging",
    judge: ofPullRequest(judgeMerge),
  },
];

function ofPullRequest(judge: (pullRequest: PullRequestFacts) => Verdict): (facts: GovernanceFacts) => Verdict {
  return ({ pullRequest }) =>
    pullRequest === undefined
      ? unknown("no pull request was found that carried the latest snapshot")
      : judge(pullRequest);
}

function judgeMerge({ url, mergedBy, mergedAt, mergeCommit, isMergedByPerson }: PullRequestFacts): Verdict {
  if (mergedAt === undefined) return fail(`${url} is not merged`);
  if (mergedBy === undefined) return unknown(`it is not known who merged ${url}`);
  if (isMergedByPerson === false || isBotName(mergedBy)) return fail(`${mergedBy}, who merged ${url}, is not a person`);
  if (mergeCommit === undefined) return unknown(`the commit by which ${url} was merged is not known`);
  return pass(`${mergedBy} merged ${url} at ${mergedAt}`);
}

/** An approval is for one commit: later pushes of the bot were not reviewed. */
function judgeReviews({ author, commitAuthors = [], headCommit, mergedAt, reviews, url }: PullRequestFacts): Verdict {
  if (headCommit === undefined || headCommit === "")
    return unknown(`the commit of ${url} that was merged is not known`);
  const standing = standingReviews(reviews.filter((review) => isBefore(review, mergedAt)));
  const byOthers = standing.filter(({ login }) => !isSameLogin(login, author));
  const objection = byOthers.find(({ state }) => state === "CHANGES_REQUESTED");
  if (objection !== undefined) return fail(`${objection.login} asked for changes and has not taken it back`);
  const approvals = byOthers.filter(
    ({ state, login }) => state === "APPROVED" && !commitAuthors.some((one) => isSameLogin(one, login)),
  );
  const valid = approvals.find(({ commit }) => commit === headCommit);
  if (valid !== undefined) return pass(`${valid.login} approved ${headCommit.slice(0, 7)}, which was merged`);
  const [stale] = approvals;
  if (stale !== undefined) {
    return fail(`${stale.login} approved ${stale.commit.slice(0, 7)}, but ${headCommit.slice(0, 7)} was merged`);
  }
  return fail(`nobody but its authors or a bot approved ${url}`);
}

function isBefore({ submittedAt }: PullRequestReview, mergedAt: string | undefined): boolean {
  return mergedAt === undefined || Date.parse(submittedAt) <= Date.parse(mergedAt);
}

/** The last of each person's reviews that decides something; a comment does not take an approval back. */
function standingReviews(reviews: readonly PullRequestReview[]): PullRequestReview[] {
  const deciding = reviews
    .filter(({ login, isPerson, state }) => {
      return isPerson !== false && !isBotName(login) && ["APPROVED", "CHANGES_REQUESTED", "DISMISSED"].includes(state);
    })
    .toSorted((a, b) => Date.parse(a.submittedAt) - Date.parse(b.submittedAt));
  return [...new Map(deciding.map((review) => [review.login.toLowerCase(), review])).values()];
}

function isSameLogin(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function isBotName(login: string): boolean {
  return login === "" || /\[bot\]$/i.test(login);
}
