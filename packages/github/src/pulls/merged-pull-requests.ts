import { ask, askForAll, unlessMissing } from "../client/ask.ts";
import { type GitHub, unreadable } from "../client/client.ts";
import { describing } from "../client/describe-failure.ts";
import { isRecord } from "../client/failure.ts";
import { type Actor, readActor } from "../contents/repository-files.ts";
import { recordOf, textOf } from "../releases/release-fields.ts";
import { type PullRequest, readPullRequest } from "./pull-requests.ts";

/** How a pull request was merged. Logins are from outside; a deleted account has none. */
export interface MergedPullRequest extends PullRequest {
  readonly author?: Actor;
  readonly mergedBy?: Actor;
  /** ISO 8601. */
  readonly mergedAt?: string;
  readonly mergeCommit?: string;
}

/** A review of a pull request. */
interface Review {
  readonly reviewer: Actor;
  /** `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED`, `PENDING`. */
  readonly state: string;
  /** The commit that was reviewed; empty where it is not known. */
  readonly commit: string;
  /** ISO 8601; of a review that was not sent yet empty. */
  readonly submittedAt: string;
}

const NEEDS = "pull requests: read";

/** The pull requests that brought a commit. @throws {OperationError} */
export async function findPullRequestsOfCommit(
  github: GitHub,
  repository: string,
  commit: string,
): Promise<PullRequest[]> {
  return describing(
    { action: `find the pull request of ${commit.slice(0, 12)}`, repository, needs: NEEDS },
    async () => {
      const route = "GET /commits/{commit_sha}/pulls";
      return (await askForAll(github, repository, route, { commit_sha: commit })).map(readPullRequest);
    },
  );
}

/** The last hundred pull requests into a branch that were merged, that which changed last first. @throws {OperationError} */
export async function findMergedPullRequests(github: GitHub, repository: string, base: string): Promise<PullRequest[]> {
  return describing({ action: "list the merged pull requests", repository, needs: NEEDS }, async () => {
    const order = { state: "closed", sort: "updated", direction: "desc", per_page: 100 };
    const data = await ask(github, repository, "GET /pulls", { base, ...order });
    if (!Array.isArray(data)) throw unreadable("a list was expected");
    return data.map(readPullRequest).filter(({ isMerged }) => isMerged);
  });
}

/** Who wrote a pull request, and who merged it when. @throws {OperationError} */
export async function readMergedPullRequest(
  github: GitHub,
  repository: string,
  number: number,
): Promise<MergedPullRequest> {
  return describing({ action: `read the pull request #${number}`, repository, needs: NEEDS }, async () => {
    const data = await ask(github, repository, "GET /pulls/{pull_number}", { pull_number: number });
    const pull = recordOf(data, "a pull request");
    const [author, mergedBy] = [readActor(pull.user), readActor(pull.merged_by)];
    const [mergedAt, mergeCommit] = [pull.merged_at, pull.merge_commit_sha];
    return {
      ...readPullRequest(data),
      ...(author === undefined ? {} : { author }),
      ...(mergedBy === undefined ? {} : { mergedBy }),
      ...(typeof mergedAt === "string" ? { mergedAt } : {}),
      ...(typeof mergeCommit === "string" ? { mergeCommit } : {}),
    };
  });
}

/** All reviews of a pull request whose reviewer still has an account, the oldest first. @throws {OperationError} */
export async function listReviews(github: GitHub, repository: string, number: number): Promise<Review[]> {
  return describing({ action: `list the reviews of #${number}`, repository, needs: NEEDS }, async () => {
    const items = await askForAll(github, repository, "GET /pulls/{pull_number}/reviews", { pull_number: number });
    return items.flatMap(readReview);
  });
}

/** Who wrote the commits of a pull request, as far as their addresses belong to accounts. @throws {OperationError} */
export async function listCommitAuthors(github: GitHub, repository: string, number: number): Promise<Actor[]> {
  return describing({ action: `list the commits of #${number}`, repository, needs: NEEDS }, async () => {
    const listed = askForAll(github, repository, "GET /pulls/{pull_number}/commits", { pull_number: number });
    // Of a branch that is gone and collected nobody knows the commits.
    const commits = (await unlessMissing(listed)) ?? [];
    const authors = commits.flatMap((commit) => (isRecord(commit) ? (readActor(commit.author) ?? []) : []));
    return [...new Map(authors.map((author) => [author.login, author])).values()];
  });
}

function readReview(data: unknown): Review[] {
  const review = recordOf(data, "a review");
  const reviewer = readActor(review.user);
  if (reviewer === undefined) return [];
  const [commit, submittedAt] = [review.commit_id, review.submitted_at].map((v) => (typeof v === "string" ? v : ""));
  return [{ reviewer, state: textOf(review, "state"), commit: commit ?? "", submittedAt: submittedAt ?? "" }];
}
