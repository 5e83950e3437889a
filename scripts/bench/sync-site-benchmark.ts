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
import { OperationError, printable, printableLine, UsageError } from "@forgebench/errors";
import type { GitRemote } from "@forgebench/git";
import {
  apiUrlFlag,
  branchFlag,
  gitHubClient,
  gitUrlFlag,
  repoFlag,
  SITE_FILES,
  type SiteChange,
  type SitePulls,
  type SiteState,
  type SiteSync,
  syncSite,
} from "@forgebench/github";
import {
  type Credential,
  credentialIn,
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
  writeFileAtomic,
} from "@forgebench/io";
import {
  describeSync,
  formatOptionsFrom,
  formatSiteJson,
  planSiteUpdate,
  SITE_SYNC_MARKER,
  type SiteUpdate,
} from "@forgebench/site";

const flags = {
  snapshot: optionalPath({ placeholder: "FILE", description: "the snapshot to sync" }),
  "snapshots-dir": optionalPath({
    placeholder: "DIR",
    description: "a folder of snapshots (*.json), all to sync: the nights that waited",
  }),
  "site-repo": repoFlag("the website's repository"),
  "site-default-branch": branchFlag("main", "what is published"),
  "site-branch": branchFlag("codex/benchmark-sync-nightly", "the automation branch, of this script alone"),
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

export const spec: ScriptSpec<typeof flags> = {
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
  return runScript(spec, argv, io, (values) => run(values, io));
}

async function run(values: Flags, io: ScriptIo): Promise<number> {
  const { siteRepo, siteDefaultBranch: defaultBranch, siteBranch, dryRun: isDryRun, apiUrl, tokenEnv } = values;
  if (siteBranch === defaultBranch) {
    throw new UsageError(`--site-branch: "${siteBranch}" is what is published`, [
      { label: "expected", text: "a branch that is there for syncs alone" },
    ]);
  }
  const snapshots = await readSnapshots(values);
  refuseTokenAsName(tokenEnv);
  // A dry run of a public repository needs none.
  const credentialFor = (url: string) => credentialIn(io.env, tokenEnv, url, { isOptional: isDryRun });
  const onNote = (message: string) => note(message, io);
  const github = gitHubClient({ apiUrl, credential: credentialFor(apiUrl), signal: io.signal, onWait: onNote });
  const sync = await syncSite(github, {
    repository: siteRepo,
    remote: remoteOf(values, credentialFor(values.gitUrl), io),
    place: { defaultBranch, siteBranch, isDryRun },
    marker: SITE_SYNC_MARKER,
    plan: (state) => planChange(state, snapshots, values, io),
    describe: (change, pulls) => textOf(change, pulls, values),
    onNote,
  });
  await keep(sync, values, io);
  await say(sync, values, io);
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

/** What is no name is not quoted: it may be the token itself. */
function refuseTokenAsName(tokenEnv: string): void {
  if (/^(?!gh[a-z]_|github_pat_)[A-Za-z_]\w*$/.test(tokenEnv)) return;
  throw new UsageError("--token-env: is not the name of a variable", [
    { label: "expected", text: "the name of a variable, not the token itself" },
  ]);
}

function remoteOf({ gitUrl, siteRepo }: Flags, credential: Credential | undefined, io: ScriptIo): GitRemote {
  return {
    url: `${gitUrl}/${siteRepo}.git`,
    label: `the website "${siteRepo}"`,
    env: io.env,
    signal: io.signal,
    credential,
    retry: { baseMs: 1000, onWait: (message) => note(message, io) },
  };
}

interface Change extends SiteChange {
  readonly update: SiteUpdate;
  readonly notes: readonly string[];
}

async function planChange(
  { published, pending, settings, settingNotes }: SiteState,
  snapshots: readonly SiteSnapshot[],
  { retention }: Flags,
  io: ScriptIo,
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

function textOf({ update, notes }: Change, { closed }: SitePulls, { runUrl, siteBranch, prTitle }: Flags) {
  const text = describeSync(update, {
    ...(runUrl === undefined ? {} : { runUrl }),
    siteBranch,
    files: Object.values(SITE_FILES),
    closedByHand: closed.map(({ url }) => url),
    notes,
  });
  return { body: text.body, title: prTitle ?? text.title };
}

/** What a person may want to look at. */
async function keep({ push, text }: SiteSync<Change>, { workspace, dryRun }: Flags, io: ScriptIo): Promise<void> {
  const page = `# ${text.title}\n\n${text.body}`;
  const { change, diff } = push;
  if (workspace !== undefined) {
    for (const [file, content] of change.files)
      await writeFileAtomic(path.join(workspace, path.basename(file)), content);
    await writeFileAtomic(path.join(workspace, "pull-request.md"), page);
    if (diff !== undefined) await writeFileAtomic(path.join(workspace, "changes.diff"), diff);
  }
  if (!dryRun) return;
  const lines = `${diff ?? ""}\n${page}`.split("\n");
  for (const line of lines) io.stderr.write(`${printable(line)}\n`);
}

async function say({ outcome, pull, push }: SiteSync<Change>, { dryRun }: Flags, io: ScriptIo): Promise<void> {
  const { update, notes } = push.change;
  for (const message of notes) note(message, io);
  for (const { snapshot, reasons } of update.notLatest) {
    note(`${snapshot.snapshotId} is in the history and not shown as the latest: ${reasons.join("; ")}`, io);
  }
  if (dryRun) note("a dry run: nothing was changed", io);
  await printOutputs(io, {
    ...(pull === undefined ? {} : { SITE_PR_URL: pull.url }),
    SITE_SYNC: outcome,
    ...(update.latest === undefined ? {} : { SITE_LATEST: update.latest.snapshotId }),
  });
}

function note(message: string, io: ScriptIo): void {
  io.stderr.write(`note: ${printableLine(message, 400)}\n`);
}

await launch(import.meta.url, main);
