import { OperationError } from "@forgebench/errors";
import { type BareRepository, type GitRemote, RemoteError } from "@forgebench/git";
import { Again, repeat } from "@forgebench/io";
import { readSite, refuseForeignCommit, SITE_BOT, SITE_FILES, type SiteState } from "./site-branch.ts";

/** Branches of a website's repository. */
export interface SitePlace {
  /** The published branch. */
  readonly defaultBranch: string;
  /** The automation branch, made anew on the default branch each time. */
  readonly siteBranch: string;
  /** Pushes nothing. */
  readonly isDryRun: boolean;
  /** Whether a tip of the automation branch was merged: then its snapshots are on the default branch. */
  readonly isMerged: (commit: string) => Promise<boolean>;
}

/** The planned contents of a sync. */
export interface SiteChange {
  /** Texts of the data files by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly message: string;
  readonly date: Date;
  /** No difference from the published files. */
  readonly isPublished: boolean;
  /** No difference from the files that wait for a review. */
  readonly isPending: boolean;
}

/** The result for the automation branch of a website. */
export interface SitePush<Change extends SiteChange> {
  /** `pushed`: the branch was moved (or would be, in a dry run); `pending`: it was as it should be; `published`: nothing is to be done. */
  readonly status: "pushed" | "pending" | "published";
  readonly change: Change;
  /** The commit of the branch; undefined if it does not matter or was not moved. */
  readonly commit?: string;
  /** The difference from the default branch, as a patch; in a dry run only. */
  readonly diff?: string;
}

/** How often other syncs at the same time may win; each conflict lets one through. */
const MAX_MEETINGS = 60;
/** The wait after a conflict is up to this many times the attempt, so that the syncs run one after another. */
const MAX_SPREAD = 16;
const LOST_WAIT_MS = 100;
/** Of pushes whose answer was lost, or that could not be sent. */
const MAX_LOST = 3;

/**
 * Gives the automation branch the contents that `plan` makes from the site's branches. The plan is made again if another
 * sync was faster, so that no change is lost; it must not have effects.
 * @throws {ArtifactError} for unreadable data (exit 65); {OperationError} for a person's commits on the branch (73), an
 *   unreachable repository (69) or a refused push (73).
 */
export async function pushSiteBranch<Change extends SiteChange>(
  repository: BareRepository,
  remote: GitRemote,
  place: SitePlace,
  plan: (state: SiteState) => Promise<Change>,
): Promise<SitePush<Change>> {
  const sent = new Set<string>();
  let [meetings, lost] = [0, 0];
  const push = async () => {
    const startedMs = performance.now();
    const result = await attempt(repository, remote, { place, plan, sent });
    if (result !== "beaten") return result;
    meetings += 1;
    if (meetings === MAX_MEETINGS) throw alwaysBeaten(remote);
    return new Again((performance.now() - startedMs) * Math.min(2 ** meetings, MAX_SPREAD) * Math.random());
  };
  return repeat<SitePush<Change>>(remote.signal, () =>
    push().catch((error: unknown) => {
      // The next attempt sees whether it was done.
      const isLost = error instanceof RemoteError && (error.isPassing || error.problem === "branch-gone");
      if (!isLost || lost >= MAX_LOST || (error.isPassing && sent.size === 0)) throw error;
      lost += 1;
      return new Again((remote.retry?.baseMs ?? LOST_WAIT_MS) * 2 ** lost * Math.random());
    }),
  );
}

function alwaysBeaten({ label }: GitRemote): OperationError {
  return new OperationError("service", `Cannot push to ${label}: other syncs were faster ${MAX_MEETINGS} times`, {
    details: [{ label: "try", text: "run the same command again; nothing was changed" }],
  });
}

interface Attempt<Change extends SiteChange> {
  readonly place: SitePlace;
  readonly plan: (state: SiteState) => Promise<Change>;
  /** Commits that were pushed, whatever came of it. */
  readonly sent: Set<string>;
}

async function attempt<Change extends SiteChange>(
  repository: BareRepository,
  remote: GitRemote,
  { place, plan, sent }: Attempt<Change>,
): Promise<SitePush<Change> | "beaten"> {
  const { defaultBranch, siteBranch, isDryRun } = place;
  const { defaultTip, siteTip } = await fetchTips(repository, remote, place);
  // A merged branch that was not deleted has nothing waiting: snapshots that were removed from the history since then
  // stay removed.
  const isMade = siteTip !== undefined && siteTip !== defaultTip && !(await place.isMerged(siteTip));
  const parents = isMade ? await parentsOfSync(repository, siteTip, siteBranch) : [];
  const state = await readSite(
    repository,
    { commit: defaultTip, label: `${remote.label}, branch ${defaultBranch}` },
    isMade ? { commit: siteTip, label: `${remote.label}, branch ${siteBranch}` } : undefined,
  );
  const change = await plan(state);
  if (change.isPublished) return { status: "published", change };
  if (isMade && change.isPending && parents[0] === defaultTip) {
    return { status: sent.has(siteTip) ? "pushed" : "pending", change, commit: siteTip };
  }
  const files = new Map([...change.files].map(([file, text]) => [file, Buffer.from(text)]));
  const { message, date } = change;
  const commit = await repository.commit({ parent: defaultTip, files, message, ...SITE_BOT, date });
  if (isDryRun) {
    const diff = await repository.diff(defaultTip, commit, Object.values(SITE_FILES));
    return { status: "pushed", change, diff };
  }
  sent.add(commit);
  return (await repository.push(commit, siteBranch, siteTip)) ? { status: "pushed", change, commit } : "beaten";
}

async function fetchTips(repository: BareRepository, remote: GitRemote, { defaultBranch, siteBranch }: SitePlace) {
  const branches = await repository.branches([defaultBranch, siteBranch]);
  if (branches.defaultBranch === siteBranch) throw publishedBranch(siteBranch, remote);
  if (!branches.tips.has(defaultBranch)) throw missingBranch(defaultBranch, branches.defaultBranch, remote);
  const hasSite = branches.tips.has(siteBranch);
  const [defaultTip = "", siteTip] = await repository.fetch([defaultBranch, ...(hasSite ? [siteBranch] : [])]);
  return { defaultTip, siteTip };
}

/** @throws {OperationError} when the commit is not a sync's (exit 73) */
async function parentsOfSync(repository: BareRepository, commit: string, branch: string): Promise<readonly string[]> {
  const facts = await repository.readCommit(commit);
  refuseForeignCommit(facts, commit, branch);
  return facts.parents;
}

function publishedBranch(branch: string, { label }: GitRemote): OperationError {
  return new OperationError("output", `Cannot sync to ${label}: "${branch}" is its default branch`, {
    details: [{ label: "try", text: "--site-branch with a branch that is only for syncs" }],
  });
}

function missingBranch(branch: string, now: string | undefined, { label }: GitRemote): OperationError {
  const text = now === undefined ? "with the name that it has now" : JSON.stringify(now);
  return new OperationError("data", `Cannot sync to ${label}: it has no branch "${branch}"`, {
    details: [{ label: "try", text: `--site-default-branch ${text}` }],
  });
}
