import { setTimeout as sleep } from "node:timers/promises";
import { OperationError } from "@forgebench/errors";
import { BareRepository, type GitRemote } from "@forgebench/git";
import {
  readFormatSettings,
  readSiteBranch,
  refuseForeignCommit,
  SITE_BOT,
  SITE_FILES,
  type SiteBranch,
} from "./site-branch.ts";

/** Branches of a website's repository. */
export interface SitePlace {
  /** What is published. */
  readonly defaultBranch: string;
  /** The automation branch, made anew on the default branch each time. */
  readonly siteBranch: string;
  /** Pushes nothing. */
  readonly isDryRun: boolean;
}

/** What there is before a sync. */
export interface SiteState {
  readonly published: SiteBranch;
  /** Absent where nothing waits for a review. */
  readonly pending?: SiteBranch;
  readonly settings: readonly { readonly path: string; readonly text: string }[];
}

/** What a sync would have there be. */
export interface SiteChange {
  /** Texts of the data files by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly message: string;
  readonly date: Date;
  /** Nothing differs from what is published. */
  readonly isPublished: boolean;
  /** Nothing differs from what waits for a review. */
  readonly isPending: boolean;
}

export interface SitePush<Change extends SiteChange> {
  /** `pushed`: the branch was moved (or would be, in a dry run); `pending`: it was as it should be; `published`: nothing is to be done. */
  readonly status: "pushed" | "pending" | "published";
  readonly change: Change;
  /** What differs from the default branch, as a patch; in a dry run only. */
  readonly diff?: string;
}

/** Twenty syncs that start at once meet again and again; each meeting lets one through. */
const PUSH_TRIES = 40;
const WAIT_MS = 100;

/**
 * Brings the automation branch to what `plan` makes of the site's branches. The plan is made again when somebody else was
 * faster, so that no change of two is lost; it must not have effects.
 * @throws {ArtifactError} for unreadable data (exit 65); {OperationError} for a person's commits on the branch (73), an
 *   unreachable repository or a refused push (69).
 */
export async function pushSiteBranch<Change extends SiteChange>(
  remote: GitRemote,
  place: SitePlace,
  plan: (state: SiteState) => Promise<Change>,
): Promise<SitePush<Change>> {
  return BareRepository.with({ ...remote, isSparse: true }, async (repository) => {
    for (let tries = 1; tries <= PUSH_TRIES; tries += 1) {
      const result = await attempt(repository, remote, place, plan);
      if (result !== "beaten") return result;
      await sleep(WAIT_MS * Math.min(tries, 10) * Math.random(), undefined, { signal: remote.signal });
    }
    throw new OperationError("service", `Cannot push to ${remote.label}: others were faster ${PUSH_TRIES} times`, {
      details: [{ label: "try", text: "run the same command again; nothing was changed" }],
    });
  });
}

async function attempt<Change extends SiteChange>(
  repository: BareRepository,
  remote: GitRemote,
  { defaultBranch, siteBranch, isDryRun }: SitePlace,
  plan: (state: SiteState) => Promise<Change>,
): Promise<SitePush<Change> | "beaten"> {
  const tips = await repository.tipsOf([defaultBranch, siteBranch]);
  if (!tips.has(defaultBranch)) throw missingBranch(defaultBranch, remote);
  const hasPending = tips.has(siteBranch);
  const fetched = await repository.fetch([defaultBranch, ...(hasPending ? [siteBranch] : [])]);
  const [defaultTip = "", siteTip] = fetched;
  const parents = siteTip === undefined ? [] : (await refuseForeignCommit(repository, siteTip, siteBranch)).parents;
  const published = await readSiteBranch(repository, defaultTip, `${remote.label}, branch ${defaultBranch}`);
  const pending =
    siteTip === undefined
      ? undefined
      : await readSiteBranch(repository, siteTip, `${remote.label}, branch ${siteBranch}`);
  const settings = await readFormatSettings(repository, defaultTip, remote.label);
  const change = await plan({ published, ...(pending === undefined ? {} : { pending }), settings });
  if (change.isPublished) return { status: "published", change };
  if (change.isPending && parents.length === 1 && parents[0] === defaultTip) return { status: "pending", change };

  const files = new Map([...change.files].map(([file, text]) => [file, Buffer.from(text)]));
  const { message, date } = change;
  const commit = await repository.commit({ parent: defaultTip, files, message, ...SITE_BOT, date });
  if (isDryRun) {
    const diff = await repository.diff(defaultTip, commit, Object.values(SITE_FILES));
    return { status: "pushed", change, diff };
  }
  return (await repository.push(commit, siteBranch, siteTip)) ? { status: "pushed", change } : "beaten";
}

function missingBranch(branch: string, { label }: GitRemote): OperationError {
  return new OperationError("data", `Cannot sync to ${label}: it has no branch "${branch}"`, {
    details: [{ label: "try", text: "--site-default-branch with the name that it has now" }],
  });
}
