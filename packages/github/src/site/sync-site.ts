import { OperationError } from "@forgebench/errors";
import { BareRepository, type GitRemote } from "@forgebench/git";
import { ask, unlessMissing } from "../client/ask.ts";
import type { GitHub } from "../client/client.ts";
import { describing } from "../client/describe-failure.ts";
import { isRecord } from "../client/failure.ts";
import { findPullRequests, openPullRequest, type PullRequest, updatePullRequest } from "../pulls/pull-requests.ts";
import { pushSiteBranch, type SiteChange, type SitePlace, type SitePush } from "./push-site-branch.ts";
import type { SiteState } from "./site-branch.ts";
import { type SitePulls, type SiteText, saysSame, sortPulls } from "./site-pull-request.ts";

interface SiteSyncJob<Change extends SiteChange> {
  /** `owner/name` of the website's repository. */
  readonly repository: string;
  readonly remote: GitRemote;
  readonly place: Omit<SitePlace, "isMerged">;
  /** By this text in its body a sync's pull request is known. */
  readonly marker: string;
  /** Plans the contents, without effects; called again if the website has changed meanwhile. */
  readonly plan: (state: SiteState) => Promise<Change>;
  readonly describe: (change: Change, pulls: SitePulls) => SiteText;
  readonly onNote: (message: string) => void;
}

/**
 * The result of a sync, or the planned one in a dry run; `pull` is absent if there was nothing to offer, or none was
 * made.
 */
export interface SiteSync<Change extends SiteChange> {
  readonly outcome: "created" | "updated" | "unchanged";
  readonly pull?: PullRequest;
  readonly push: SitePush<Change>;
  readonly text: SiteText;
}

/** Of looks whether the branch is still the one that the pull request tells of. */
const MAX_ROUNDS = 10;

/**
 * Updates branch and pull request of a website as `plan` and `describe` say. Nothing is merged. If somebody else
 * moves the branch meanwhile, the text is made again, so that it is always about the last push.
 * @throws as {@link pushSiteBranch}, and {OperationError} if GitHub refuses; run again, it continues where it ended.
 */
export async function syncSite<Change extends SiteChange>(
  github: GitHub,
  job: SiteSyncJob<Change>,
): Promise<SiteSync<Change>> {
  const remote: GitRemote = { ...job.remote, isSparse: true };
  return BareRepository.with(remote, async (repository) => {
    const outcomes = new Set<string>();
    for (let round = 1; ; round += 1) {
      const place = { ...job.place, isMerged: (commit: string) => isMerged(github, job, commit) };
      const push = await pushSiteBranch(repository, remote, place, job.plan);
      if (push.status === "pushed" && !job.place.isDryRun) outcomes.add("updated");
      const { sync, isWritten } = await bringPullRequest(github, push, job, round < MAX_ROUNDS);
      if (sync !== undefined) outcomes.add(sync.outcome);
      if (sync === undefined || (isWritten && round < MAX_ROUNDS && (await hasMoved(github, push, job)))) continue;
      return { ...sync, outcome: worthiest(outcomes) };
    }
  });
}

/** If GitHub does not answer, nothing counts as merged; the request for the pull request then reports the failure. */
async function isMerged<Change extends SiteChange>(
  github: GitHub,
  { repository, place }: SiteSyncJob<Change>,
  commit: string,
): Promise<boolean> {
  try {
    const pulls = await findPullRequests(github, repository, place.siteBranch);
    return pulls.some((pull) => pull.isMerged && pull.headCommit === commit);
  } catch (error) {
    github.access.signal.throwIfAborted();
    if (error instanceof OperationError) return false;
    throw error;
  }
}

/** The total result of several rounds. */
function worthiest(outcomes: ReadonlySet<string>): SiteSync<SiteChange>["outcome"] {
  return outcomes.has("created") ? "created" : outcomes.has("updated") ? "updated" : "unchanged";
}

interface Brought<Change extends SiteChange> {
  /** Nothing where the branch was changed meanwhile. */
  readonly sync: SiteSync<Change> | undefined;
  readonly isWritten: boolean;
}

async function bringPullRequest<Change extends SiteChange>(
  github: GitHub,
  push: SitePush<Change>,
  job: SiteSyncJob<Change>,
  mayGoAgain: boolean,
): Promise<Brought<Change>> {
  const { repository, place, marker } = job;
  try {
    const pulls = sortPulls(await findPullRequests(github, repository, place.siteBranch), place.defaultBranch, marker);
    const text = job.describe(push.change, pulls);
    if (place.isDryRun || push.status === "published")
      return { sync: foresee(push, pulls, text, job), isWritten: false };
    return await write(github, { push, pulls, text }, job);
  } catch (error) {
    if (mayGoAgain && error instanceof OperationError && (await hasMoved(github, push, job).catch(() => false))) {
      return { sync: undefined, isWritten: false };
    }
    if (push.status === "pushed" && !place.isDryRun) {
      job.onNote(`the branch "${place.siteBranch}" is pushed; run the same command again to finish the sync`);
    }
    throw error;
  }
}

function foresee<Change extends SiteChange>(
  push: SitePush<Change>,
  { own }: SitePulls,
  text: SiteText,
  { onNote }: SiteSyncJob<Change>,
): SiteSync<Change> {
  if (push.status === "published") {
    if (own !== undefined) onNote(`${own.url} has only published snapshots; it can be closed`);
    return { outcome: "unchanged", push, text, ...(own === undefined ? {} : { pull: own }) };
  }
  if (own === undefined) return { outcome: "created", push, text };
  return { outcome: push.status === "pushed" ? "updated" : "unchanged", push, text, pull: own };
}

interface Writing<Change extends SiteChange> {
  readonly push: SitePush<Change>;
  readonly pulls: SitePulls;
  readonly text: SiteText;
}

async function write<Change extends SiteChange>(
  github: GitHub,
  { push, pulls: { own, closed, foreign }, text }: Writing<Change>,
  job: SiteSyncJob<Change>,
): Promise<Brought<Change>> {
  const { repository, place, onNote } = job;
  const { defaultBranch, siteBranch } = place;
  for (const { url, baseBranch } of foreign) onNote(`${url} of the same branch into "${baseBranch}" is left alone`);
  const opened =
    own === undefined
      ? await openPullRequest(github, repository, { head: siteBranch, base: defaultBranch, ...text })
      : { pull: own, isNew: false };
  const { pull, isNew } = opened;
  if (isNew) {
    for (const { url } of closed) onNote(`${url} was closed without being merged; ${pull.url} is opened in its place`);
    return { sync: { outcome: "created", pull, push, text }, isWritten: true };
  }
  if (saysSame(pull, text, defaultBranch)) {
    const outcome = push.status === "pushed" ? "updated" : "unchanged";
    return { sync: { outcome, pull, push, text }, isWritten: false };
  }
  // The sync that pushed meanwhile writes the current text.
  if (await hasMoved(github, push, job)) {
    return { sync: { outcome: "updated", pull, push, text }, isWritten: false };
  }
  const updated = await updatePullRequest(github, repository, pull, { ...text, base: defaultBranch });
  return { sync: { outcome: "updated", pull: updated, push, text }, isWritten: true };
}

/** Whether the branch is not where it was when the text was made. */
async function hasMoved<Change extends SiteChange>(
  github: GitHub,
  { commit }: SitePush<Change>,
  { repository, place: { siteBranch } }: SiteSyncJob<Change>,
): Promise<boolean> {
  if (commit === undefined) return false;
  return describing({ action: `read the branch "${siteBranch}"`, repository, needs: "contents: read" }, async () => {
    const data = await unlessMissing(ask(github, repository, "GET /git/ref/{ref}", { ref: `heads/${siteBranch}` }));
    return !(isRecord(data) && isRecord(data.object) && data.object.sha === commit);
  });
}
