import path from "node:path";
import { nonCanonicalReasons, type SiteSnapshot } from "@forgebench/artifacts";
import { printable, printableLine } from "@forgebench/errors";
import type { GitRemote } from "@forgebench/git";
import {
  gitHubClient,
  SITE_FILES,
  type SiteChange,
  type SitePulls,
  type SiteState,
  type SiteSync,
  syncSite,
} from "@forgebench/github";
import { type Credential, writeFileAtomic } from "@forgebench/io";
import {
  describeSync,
  formatOptionsFrom,
  formatSiteJson,
  planSiteUpdate,
  SITE_SYNC_MARKER,
  type SiteUpdate,
} from "@forgebench/site";
import { type StepIo, tell } from "../step-io.ts";

/** Which snapshots go to which website. */
export interface SyncRequest {
  readonly snapshots: readonly SiteSnapshot[];
  /** The website's repository, `OWNER/NAME`. */
  readonly repository: string;
  /** The branch that is published. */
  readonly defaultBranch: string;
  /** The automation branch, of syncs alone. */
  readonly siteBranch: string;
  /** How many snapshots the history keeps. */
  readonly retention: number;
  readonly apiUrl: string;
  readonly gitUrl: string;
  /** The credential for an address of either; undefined: none is sent, which is enough for a dry run. */
  readonly credentialFor: (url: string) => Credential | undefined;
  /** Title of the pull request; undefined: how the latest snapshot changes. */
  readonly pullRequestTitle?: string | undefined;
  /** The run that syncs, for the pull request. */
  readonly runUrl?: string | undefined;
  /** The folder where the two files and the text of the pull request go, to read. */
  readonly workspace?: string | undefined;
  /** Changes nothing, and shows the difference and the text of the pull request. */
  readonly isDryRun: boolean;
}

/** The result of a sync. */
export interface Synced {
  readonly outcome: SiteSync<SiteChange>["outcome"];
  /** The pull request, where there is one. */
  readonly pullRequestUrl: string | undefined;
  /** The `snapshotId` that the website will show, where there is one. */
  readonly latestId: string | undefined;
}

/**
 * Brings snapshots to the website's repository as one pull request.
 * @throws {OperationError} when the website or GitHub refuses or fails, or a person has committed to the automation branch.
 */
export async function syncStep(request: SyncRequest, io: StepIo): Promise<Synced> {
  const { repository, defaultBranch, siteBranch, isDryRun, apiUrl } = request;
  const onNote = (message: string) => note(message, io);
  const credential = request.credentialFor(apiUrl);
  const github = gitHubClient({ apiUrl, credential, signal: io.signal, onWait: onNote });
  const sync = await syncSite(github, {
    repository,
    remote: remoteOf(request, io),
    place: { defaultBranch, siteBranch, isDryRun },
    marker: SITE_SYNC_MARKER,
    plan: (state) => planChange(state, request, io),
    describe: (change, pulls) => textOf(change, pulls, request),
    onNote,
  });
  await keep(sync, request, io);
  const { update, notes } = sync.push.change;
  for (const message of notes) note(message, io);
  for (const { snapshot, reasons } of update.notLatest) {
    note(`${snapshot.snapshotId} is in the history and not shown as the latest: ${reasons.join("; ")}`, io);
  }
  if (isDryRun) note("a dry run: nothing was changed", io);
  return { outcome: sync.outcome, pullRequestUrl: sync.pull?.url, latestId: update.latest?.snapshotId };
}

function remoteOf({ gitUrl, repository, credentialFor }: SyncRequest, io: StepIo): GitRemote {
  return {
    url: `${gitUrl}/${repository}.git`,
    label: `the website "${repository}"`,
    env: io.env,
    signal: io.signal,
    credential: credentialFor(gitUrl),
    retry: { baseMs: 1000, onWait: (message) => note(message, io) },
  };
}

interface Change extends SiteChange {
  readonly update: SiteUpdate;
  readonly notes: readonly string[];
}

async function planChange(
  { published, pending, settings, settingNotes }: SiteState,
  { snapshots, retention }: SyncRequest,
  io: StepIo,
): Promise<Change> {
  const request = { snapshots, published, retention, objections: nonCanonicalReasons };
  const update = planSiteUpdate(pending === undefined ? request : { ...request, pending });
  const files = new Map<string, string>();
  const notes = new Set(settingNotes);
  for (const name of ["latest", "history"] as const) {
    const value = update[name];
    if (value === undefined) continue;
    const format = formatOptionsFrom(settings, SITE_FILES[name]);
    for (const message of format.notes) notes.add(message);
    files.set(SITE_FILES[name], await formatSiteJson(value, format.options));
  }
  const newest = update.history.items[0];
  const message = `Sync benchmark snapshots up to ${newest?.snapshotId ?? "none"}`;
  const { isPublished, isPending } = update;
  return { update, files, message, date: io.now(), isPublished, isPending, notes: [...notes] };
}

function textOf(
  { update, notes }: Change,
  { closed }: SitePulls,
  { runUrl, siteBranch, pullRequestTitle }: SyncRequest,
) {
  const text = describeSync(update, {
    ...(runUrl === undefined ? {} : { runUrl }),
    siteBranch,
    files: Object.values(SITE_FILES),
    closedByHand: closed.map(({ url }) => url),
    notes,
  });
  return { body: text.body, title: pullRequestTitle ?? text.title };
}

/** The files that a person may want to read. */
async function keep({ push, text }: SiteSync<Change>, { workspace, isDryRun }: SyncRequest, io: StepIo): Promise<void> {
  const page = `# ${text.title}\n\n${text.body}`;
  const { change, diff } = push;
  if (workspace !== undefined) {
    for (const [file, content] of change.files)
      await writeFileAtomic(path.join(workspace, path.basename(file)), content);
    await writeFileAtomic(path.join(workspace, "pull-request.md"), page);
    if (diff !== undefined) await writeFileAtomic(path.join(workspace, "changes.diff"), diff);
  }
  if (!isDryRun) return;
  const lines = `${diff ?? ""}\n${page}`.split("\n");
  for (const line of lines) tell(io, printable(line));
}

function note(message: string, io: StepIo): void {
  tell(io, `note: ${printableLine(message, 400)}`);
}
