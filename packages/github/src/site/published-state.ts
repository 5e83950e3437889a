import { parseArtifact, type SiteHistory, type SiteSnapshot, siteHistory, siteSnapshot } from "@forgebench/artifacts";
import { ArtifactError, type ArtifactIssue } from "@forgebench/errors";
import type { GitHub } from "../client/client.ts";
import { findBranchTip, findLastChange, readRepositoryFile } from "../contents/repository-files.ts";
import {
  findMergedPullRequests,
  findPullRequestsOfCommit,
  type MergedPullRequest,
  readMergedPullRequest,
} from "../pulls/merged-pull-requests.ts";
import { findRepository } from "../releases/find-releases.ts";
import { SITE_FILES } from "./site-branch.ts";

/** The data of a website's default branch; missing files are absent, unreadable ones are named. */
interface PublishedSite {
  readonly defaultBranch: string;
  /** Absent where the repository has no commit. */
  readonly commit?: string;
  readonly latest?: SiteSnapshot;
  readonly history?: SiteHistory;
  readonly unreadable: { readonly latest?: string; readonly history?: string };
}

/** The most merged pull requests that are searched for a snapshot. */
const MAX_CANDIDATES = 10;

/** Reads the data files of one commit. @throws {OperationError} */
export async function readPublishedSite(github: GitHub, repository: string): Promise<PublishedSite> {
  const { defaultBranch } = await findRepository(github, repository);
  const commit = await findBranchTip(github, repository, defaultBranch);
  if (commit === undefined) return { defaultBranch, unreadable: {} };
  const [latest, history] = await Promise.all([
    readRepositoryFile(github, repository, { path: SITE_FILES.latest, commit }),
    readRepositoryFile(github, repository, { path: SITE_FILES.history, commit }),
  ]);
  const [ofLatest, ofHistory] = [
    parsed(latest, (text) => parseArtifact(siteSnapshot, text, SITE_FILES.latest)),
    parsed(history, (text) => parseArtifact(siteHistory, text, SITE_FILES.history)),
  ];
  return {
    defaultBranch,
    commit,
    ...(ofLatest.value === undefined ? {} : { latest: ofLatest.value }),
    ...(ofHistory.value === undefined ? {} : { history: ofHistory.value }),
    unreadable: {
      ...(ofLatest.problem === undefined ? {} : { latest: ofLatest.problem }),
      ...(ofHistory.problem === undefined ? {} : { history: ofHistory.problem }),
    },
  };
}

function parsed<T>(text: string | undefined, parse: (text: string) => T): { value?: T; problem?: string } {
  if (text === undefined) return {};
  try {
    return { value: parse(text) };
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    const [issue]: readonly (ArtifactIssue | undefined)[] = error.issues;
    const what =
      issue === undefined ? "unusable" : [issue.path, issue.message].filter((part) => part !== "").join(": ");
    return { problem: `${error.path}: ${what}` };
  }
}

/**
 * The merged pull request by which the latest snapshot came to the default branch: the one of the commit that changed the
 * file last, else one that bears the sync's mark. It counts only if its branch held this very snapshot.
 * @throws {OperationError}
 */
export async function findCarrier(
  github: GitHub,
  repository: string,
  { site, isSame, marker }: CarrierSearch,
): Promise<MergedPullRequest | undefined> {
  const { commit, defaultBranch } = site;
  if (commit === undefined) return undefined;
  const lastChange = await findLastChange(github, repository, { path: SITE_FILES.latest, commit });
  const direct = lastChange === undefined ? [] : await findPullRequestsOfCommit(github, repository, lastChange);
  const marked = (await findMergedPullRequests(github, repository, defaultBranch)).filter(
    ({ number, body }) => body.includes(marker) && !direct.some((one) => one.number === number),
  );
  const candidates = [...direct, ...marked].filter(
    ({ isMerged, baseBranch, headCommit }) => isMerged && baseBranch === defaultBranch && headCommit !== "",
  );
  for (const { number, headCommit } of candidates.slice(0, MAX_CANDIDATES)) {
    const file = { path: SITE_FILES.latest, commit: headCommit };
    const { value } = parsed(await readRepositoryFile(github, repository, file), (text) =>
      parseArtifact(siteSnapshot, text, SITE_FILES.latest),
    );
    if (value !== undefined && isSame(value)) return readMergedPullRequest(github, repository, number);
  }
  return undefined;
}

interface CarrierSearch {
  readonly site: PublishedSite;
  /** Whether a snapshot is the latest one, figures and all. */
  readonly isSame: (snapshot: SiteSnapshot) => boolean;
  /** The mark of a sync in the text of its pull request. */
  readonly marker: string;
}
