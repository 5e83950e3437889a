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
import { type SiteSnapshot, siteSnapshot } from "@forgebench/artifacts";
import { OperationError, UsageError } from "@forgebench/errors";
import { apiUrlFlag, branchFlag, gitUrlFlag, repoFlag } from "@forgebench/github";
import {
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
} from "@forgebench/io";
import { syncStep } from "@forgebench/steps";

const flags = {
  snapshot: optionalPath({ placeholder: "FILE", description: "the snapshot to sync" }),
  "snapshots-dir": optionalPath({
    placeholder: "DIR",
    description: "a folder of snapshots (*.json), all to sync: the nights that are not yet published",
  }),
  "site-repo": repoFlag("the website's repository"),
  "site-default-branch": branchFlag("main", "the published branch"),
  "site-branch": branchFlag("codex/benchmark-sync-nightly", "the automation branch; only this script writes it"),
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
    description: "title of the pull request; default: how the latest snapshot changes",
  }),
  "run-url": optionalText({
    placeholder: "URL",
    pattern: /^https:\/\/[\x21-\x7e]+$/,
    expected: "an https address",
    description: "the run that syncs, for the pull request",
  }),
  workspace: optionalPath({
    placeholder: "DIR",
    description: "where latest.json, history.json, pull-request.md and (dry run) changes.diff go, to read",
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
    "The automation branch is made anew on the default branch each time; its history is the union of the published, the\nwaiting and the new snapshots. latest.json becomes the newest canonical snapshot, and never an older one than before.\nOnly latest.json and history.json change. Nothing of the website is installed, executed or checked out; its formatter's\nsettings are read as data.",
    "A pull request is created or updated and never merged. If a person closed it, a new one is made that says so. If a\nperson has committed to the automation branch, nothing is pushed (exit 73).",
  ],
  examples: [
    "pnpm run bench:sync-site -- --snapshot site-benchmark-snapshot.json --site-repo OWNER/NAME --retention 20",
    "pnpm run bench:sync-site -- --snapshot site-benchmark-snapshot.json --site-repo OWNER/NAME --dry-run --workspace .tmp/bench/site",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => sync(values, io));
}

async function sync(values: Flags, io: ScriptIo): Promise<number> {
  const { siteDefaultBranch: defaultBranch, siteBranch, dryRun: isDryRun, tokenEnv } = values;
  if (siteBranch === defaultBranch) {
    throw new UsageError(`--site-branch: "${siteBranch}" is the published branch`, [
      { label: "expected", text: "a branch that is only for syncs" },
    ]);
  }
  const snapshots = await readSnapshots(values);
  refuseTokenAsName(tokenEnv);
  const { siteRepo: repository, prTitle: pullRequestTitle, retention, apiUrl, gitUrl, runUrl, workspace } = values;
  const website = { repository, defaultBranch, siteBranch, retention, apiUrl, gitUrl };
  // A dry run of a public repository needs no token.
  const credentialFor = (url: string) => credentialIn(io.env, tokenEnv, url, { isOptional: isDryRun });
  const how = { pullRequestTitle, runUrl, workspace, isDryRun, credentialFor };
  const { outcome, pullRequestUrl, latestId } = await syncStep({ snapshots, ...website, ...how }, io);
  await printOutputs(io, {
    ...(pullRequestUrl === undefined ? {} : { SITE_PR_URL: pullRequestUrl }),
    SITE_SYNC: outcome,
    ...(latestId === undefined ? {} : { SITE_LATEST: latestId }),
  });
  return EXIT.ok;
}

async function readSnapshots({ snapshot, snapshotsDir }: Flags): Promise<SiteSnapshot[]> {
  if ((snapshot === undefined) === (snapshotsDir === undefined)) {
    throw new UsageError("give either --snapshot FILE or --snapshots-dir DIR, not both or none");
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

/** A value that is no name is not quoted: it may be the token itself. */
function refuseTokenAsName(tokenEnv: string): void {
  if (/^(?!gh[a-z]_|github_pat_)[A-Za-z_]\w*$/.test(tokenEnv)) return;
  throw new UsageError("--token-env: is not the name of a variable", [
    { label: "expected", text: "the name of a variable, not the token itself" },
  ]);
}

await launch(import.meta.url, main);
