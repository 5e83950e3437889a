/**
 * Purpose: brings snapshots to the website's repository as one pull request, which a person reviews and merges.
 * Reads: snapshots; latest.json and history.json on the website's default branch and on the automation branch.
 * Writes: the automation branch of the website's repository, and its pull request. With --workspace what they will say.
 * Network: the website's git repository (--git-url) and the API of GitHub (--api-url).
 * Secrets: IMAGEFORGE_SITE_SYNC_TOKEN, or what --token-env names: contents and pull requests: write on the website's
 *   repository; renewed where it was made.
 * Rerun: safe; nothing is done twice, and a sync that was stopped anywhere is finished by the next one.
 * Example: pnpm run bench:sync-site -- --help
 */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { nonCanonicalReasons, type SiteSnapshot, siteSnapshot } from "@forgebench/artifacts";
import { OperationError, printableLine, UsageError } from "@forgebench/errors";
import type { GitRemote } from "@forgebench/git";
import {
  apiUrlFlag,
  findPullRequests,
  type GitHub,
  gitHubClient,
  gitUrlFlag,
  openPullRequest,
  type PullRequest,
  pushSiteBranch,
  repoFlag,
  SITE_FILES,
  type SitePush,
  type SiteState,
  updatePullRequest,
} from "@forgebench/github";
import {
  EXIT,
  type FlagValues,
  integerFlag,
  launch,
  optionalPath,
  optionalText,
  printOutputs,
  readArtifact,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  switchFlag,
  textFlag,
  tokenOf,
  writeFileAtomic,
} from "@forgebench/io";
import { describeSync, formatOptionsFrom, formatSiteJson, planSiteUpdate, type SiteUpdate } from "@forgebench/site";

const branch = {
  pattern: /^(?![/.-])(?!.*(\.\.|@\{|\/\/|\.lock(\/|$)))[^\s~^:?*[\\\p{Cc}]{1,200}(?<![/.])$/u,
  expected: "the name of a branch",
};

const flags = {
  snapshot: optionalPath({ placeholder: "FILE", description: "the snapshot to sync" }),
  "snapshots-dir": optionalPath({
    placeholder: "DIR",
    description: "a folder of snapshots (*.json), all to sync: the nights that waited",
  }),
  "site-repo": repoFlag("the website's repository"),
  "site-default-branch": textFlag({
    ...branch,
    placeholder: "BRANCH",
    fallback: "main",
    description: "what is published",
  }),
  "site-branch": textFlag({
    ...branch,
    placeholder: "BRANCH",
    fallback: "codex/benchmark-sync-nightly",
    description: "the automation branch, of this script alone",
  }),
  retention: integerFlag({
    min: 1,
    max: 10_000,
    unit: "snapshots",
    fallback: 20,
    description: "how many the history keeps",
  }),
  "token-env": textFlag({
    placeholder: "NAME",
    fallback: "IMAGEFORGE_SITE_SYNC_TOKEN",
    pattern: /^[A-Za-z_]\w*$/,
    expected: "the name of a variable, not the token itself",
    description: "the variable with the token: contents and pull requests: write",
  }),
  "pr-title": optionalText({
    pattern: /^\P{Cc}{1,200}$/u,
    expected: "one line of at most 200 characters",
    description: "title of the pull request; default: what becomes of the latest",
  }),
  "run-url": optionalText({
    placeholder: "URL",
    pattern: /^https:\/\/[\x21-\x7e]+$/,
    expected: "an https address",
    description: "the run that syncs, for the pull request",
  }),
  workspace: optionalPath({
    placeholder: "DIR",
    description: "where latest.json, history.json, pull-request.md and (dry run) changes.diff go, to look at",
  }),
  "api-url": apiUrlFlag(),
  "git-url": gitUrlFlag(),
  "dry-run": switchFlag({ description: "changes nothing: prints the difference and the text of the pull request" }),
};

const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:sync-site --",
  purpose: "Brings snapshots to the website's repository as one pull request, which a person reviews and merges.",
  flags,
  outputs: {
    SITE_PR_URL: "the pull request, where there is one",
    SITE_SYNC: "created, updated or unchanged",
    SITE_LATEST: "the snapshotId that the website will show, where there is one",
  },
  notes: [
    "The automation branch is made anew on the default branch each time; its history is the union of what is published, what\nwaits for a review and what is new. latest.json becomes the newest canonical snapshot and never an older one than before.\nExactly these two files change. Nothing of the website is installed, executed or checked out; its formatter's settings are\nread as data.",
    "A pull request is created or updated and never merged. One that a person closed is followed by a new one that says so. Where a\nperson has committed to the automation branch nothing is pushed (exit 73).",
  ],
  examples: [
    "pnpm run bench:sync-site -- --snapshot site-benchmark-snapshot.json --site-repo OWNER/NAME --retention 20",
    "pnpm run bench:sync-site -- --snapshot site-benchmark-snapshot.json --site-repo OWNER/NAME --dry-run --workspace .tmp/bench/site",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => syncSite(values, io));
}

async function syncSite(values: Flags, io: ScriptIo): Promise<number> {
  const snapshots = await readSnapshots(values);
  const token = tokenFor(values, io);
  const onWait = (message: string) => note(message, io);
  const { apiUrl, tokenEnv: tokenName } = values;
  const github = gitHubClient({ apiUrl, token, tokenName, signal: io.signal, onWait });
  const push = await pushSiteBranch(
    remoteOf(values, token, io),
    { defaultBranch: values.siteDefaultBranch, siteBranch: values.siteBranch, isDryRun: values.dryRun },
    (state) => planChange(state, snapshots, values, io),
  );
  for (const message of push.change.notes) note(message, io);
  const pulls = await findPullRequests(github, values.siteRepo, values.siteBranch);
  const text = textOf(push.change, pulls, values);
  await keep(push, text, values, io);
  const result = values.dryRun ? foresee(push, pulls) : await bringPullRequest(github, push, pulls, text, values);
  await say(push.change.update, result, values, io);
  return EXIT.ok;
}

async function readSnapshots({ snapshot, snapshotsDir }: Flags): Promise<SiteSnapshot[]> {
  if ((snapshot === undefined) === (snapshotsDir === undefined)) {
    throw new UsageError("nothing to sync, or twice: give --snapshot FILE or --snapshots-dir DIR");
  }
  const files = snapshot === undefined ? await listSnapshots(snapshotsDir ?? "") : [snapshot];
  const snapshots: SiteSnapshot[] = [];
  for (const file of files) snapshots.push((await readArtifact(siteSnapshot, file)).value);
  return snapshots;
}

async function listSnapshots(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new OperationError("data", `Cannot read the snapshots in "${folder}"`, { cause: error });
  });
  const files = names.filter((name) => name.endsWith(".json") && !name.startsWith(".")).toSorted();
  if (files.length > 0) return files.map((name) => path.join(folder, name));
  throw new OperationError("data", `Cannot sync: there are no snapshots (*.json) in "${folder}"`);
}

/** A dry run of a public repository needs none. */
function tokenFor({ tokenEnv, dryRun }: Flags, io: ScriptIo): string | undefined {
  return dryRun && (io.env[tokenEnv] ?? "") === "" ? undefined : tokenOf(io.env, tokenEnv);
}

function remoteOf({ gitUrl, siteRepo }: Flags, token: string | undefined, io: ScriptIo): GitRemote {
  const { origin } = new URL(gitUrl);
  return {
    url: `${gitUrl}/${siteRepo}.git`,
    label: `the website "${siteRepo}"`,
    env: io.env,
    signal: io.signal,
    token: token === undefined ? undefined : { value: token, origin },
  };
}

interface Change {
  readonly update: SiteUpdate;
  readonly files: ReadonlyMap<string, string>;
  readonly message: string;
  readonly date: Date;
  readonly isPublished: boolean;
  readonly isPending: boolean;
  readonly notes: readonly string[];
}

async function planChange(
  { published, pending, settings }: SiteState,
  snapshots: readonly SiteSnapshot[],
  { retention }: Flags,
  io: ScriptIo,
): Promise<Change> {
  const request = { snapshots, published, retention, objections: nonCanonicalReasons };
  const update = planSiteUpdate(pending === undefined ? request : { ...request, pending });
  const files = new Map<string, string>();
  const notes = new Set<string>();
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

function textOf({ update, notes }: Change, pulls: readonly PullRequest[], values: Flags) {
  const closed = pulls.filter(({ isOpen, isMerged }) => !isOpen && !isMerged);
  // Later ones that were merged say that the matter is settled.
  const lastMerged = Math.max(0, ...pulls.filter(({ isMerged }) => isMerged).map(({ number }) => number));
  const text = describeSync(update, {
    ...(values.runUrl === undefined ? {} : { runUrl: values.runUrl }),
    siteBranch: values.siteBranch,
    files: Object.values(SITE_FILES),
    closedByHand: closed.filter(({ number }) => number > lastMerged).map(({ url }) => url),
    notes,
  });
  return { body: text.body, title: values.prTitle ?? text.title };
}

/** What a person may want to look at. */
async function keep(
  { change, diff }: SitePush<Change>,
  { title, body }: ReturnType<typeof textOf>,
  { workspace, dryRun }: Flags,
  io: ScriptIo,
): Promise<void> {
  const page = `# ${title}\n\n${body}\n`;
  if (workspace !== undefined) {
    for (const [file, text] of change.files) await writeFileAtomic(path.join(workspace, path.basename(file)), text);
    await writeFileAtomic(path.join(workspace, "pull-request.md"), page);
    if (diff !== undefined) await writeFileAtomic(path.join(workspace, "changes.diff"), diff);
  } else if (dryRun) {
    const lines = `${diff ?? ""}\n${page}`.split("\n");
    for (const line of lines) io.stderr.write(`${printableLine(line, 2000)}\n`);
  }
}

interface Result {
  readonly sync: "created" | "updated" | "unchanged";
  readonly pull?: PullRequest | undefined;
}

function openOf(pulls: readonly PullRequest[]): PullRequest | undefined {
  return pulls.find(({ isOpen }) => isOpen);
}

function foresee({ status }: SitePush<Change>, pulls: readonly PullRequest[]): Result {
  const pull = openOf(pulls);
  if (status === "published") return { sync: "unchanged", pull };
  return { sync: pull === undefined ? "created" : status === "pushed" ? "updated" : "unchanged", pull };
}

async function bringPullRequest(
  github: GitHub,
  { status }: SitePush<Change>,
  pulls: readonly PullRequest[],
  { title, body }: ReturnType<typeof textOf>,
  { siteRepo, siteBranch, siteDefaultBranch }: Flags,
): Promise<Result> {
  const open = openOf(pulls);
  if (status === "published") return { sync: "unchanged", pull: open };
  const { pull, isNew } =
    open === undefined
      ? await openPullRequest(github, siteRepo, { head: siteBranch, base: siteDefaultBranch, title, body })
      : { pull: open, isNew: false };
  if (isNew) return { sync: "created", pull };
  const isSame = pull.title === title && pull.body === body && pull.baseBranch === siteDefaultBranch;
  if (isSame) return { sync: status === "pushed" ? "updated" : "unchanged", pull };
  const changes = { title, body, base: siteDefaultBranch };
  return { sync: "updated", pull: await updatePullRequest(github, siteRepo, pull, changes) };
}

async function say(update: SiteUpdate, { sync, pull }: Result, { dryRun }: Flags, io: ScriptIo): Promise<void> {
  for (const { snapshot, reasons } of update.notLatest) {
    note(`${snapshot.snapshotId} is in the history and not shown as the latest: ${reasons.join("; ")}`, io);
  }
  if (dryRun) note("a dry run: nothing was changed", io);
  await printOutputs(io, {
    ...(pull === undefined ? {} : { SITE_PR_URL: pull.url }),
    SITE_SYNC: sync,
    ...(update.latest === undefined ? {} : { SITE_LATEST: update.latest.snapshotId }),
  });
}

function note(message: string, io: ScriptIo): void {
  io.stderr.write(`note: ${printableLine(message, 400)}\n`);
}

await launch(import.meta.url, main);
