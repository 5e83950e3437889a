/**
 * Purpose: syncs a snapshot to a website of this machine, with a real git repository and a stand-in for GitHub, and shows
 *   the pull request and the page that would come of it.
 * Reads: a snapshot; the website's repository of earlier runs.
 * Writes: OUT_DIR/website.git, latest.json, history.json, pull-request.html and preview.html.
 * Network: loopback alone.
 * Secrets: none; the token is made for this run and worth nothing elsewhere.
 * Rerun: safe; the website keeps the snapshots of earlier runs.
 * Example: npm run bench:sync-site:local -- --help
 */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import path from "node:path";
import { siteSnapshot } from "@forgebench/artifacts";
import { OperationError } from "@forgebench/errors";
import { findPullRequests, gitHubClient, SITE_FILES } from "@forgebench/github";
import { type StandIn, startStandIn } from "@forgebench/github-stand-in";
import {
  Credential,
  EXIT,
  type FlagValues,
  integerFlag,
  isThere,
  launch,
  makeFolder,
  pathFlag,
  printOutputs,
  readArtifact,
  requiredPath,
  runScript,
  runScriptChild,
  type ScriptArgs,
  type ScriptIo,
  type ScriptSpec,
  writeFileAtomic,
} from "@forgebench/io";
import { renderPullRequestPage } from "@forgebench/report";

const REPOSITORY = "local/website";
const BRANCH = "codex/benchmark-sync-nightly";
const TOKEN_ENV = "IMAGEFORGE_SITE_SYNC_TOKEN";

const flags = {
  snapshot: requiredPath({ placeholder: "FILE", description: "the snapshot to sync" }),
  "out-dir": pathFlag({ placeholder: "DIR", fallback: ".tmp/bench/site-local", description: "where the website goes" }),
  retention: integerFlag({
    min: 1,
    max: 10_000,
    unit: "snapshots",
    fallback: 20,
    description: "how many the history keeps",
  }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:sync-site:local --",
  purpose:
    "Syncs a snapshot to a website of this machine, and shows the pull request and the page that would come of it.",
  flags,
  outputs: {
    SITE_REPOSITORY: "the website's bare git repository",
    SITE_BRANCH: "the branch of the pull request in it",
    SITE_SYNC: "created, updated or unchanged",
    PULL_REQUEST_HTML: "the pull request, to look at",
    PREVIEW_HTML: "the page that its data make",
  },
  notes: [
    "The same scripts run as against GitHub: bench:sync-site and bench:preview-site. To accept the pull request here:\ngit -C OUT_DIR/website.git branch -f main codex/benchmark-sync-nightly",
  ],
  examples: ["npm run bench:sync-site:local -- --snapshot .tmp/bench/quickstart/7-site/site-benchmark-snapshot.json"],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => syncLocally(values, io));
}

async function syncLocally(values: Flags, io: ScriptIo): Promise<number> {
  const { outDir } = values;
  await readArtifact(siteSnapshot, values.snapshot);
  const token = randomBytes(16).toString("hex");
  const permissions = { contents: "write", pullRequests: "write", issues: "none" } as const;
  const bareFolder = path.join(await makeFolder(outDir), "website.git");
  const standIn = await startStandIn({
    accounts: { [token]: { login: "forgebench-bot", kind: "Bot", permissions } },
    repositories: { [REPOSITORY]: { bareFolder } },
  });
  try {
    const sync = await runSync(values, standIn, token, io);
    const pullRequestHtml = await keepPullRequest(outDir, standIn, token, io);
    const previewHtml = await runPreview(outDir, io);
    await printOutputs(io, {
      SITE_REPOSITORY: bareFolder,
      SITE_BRANCH: BRANCH,
      SITE_SYNC: sync,
      ...(pullRequestHtml === undefined ? {} : { PULL_REQUEST_HTML: pullRequestHtml }),
      PREVIEW_HTML: previewHtml,
    });
    return EXIT.ok;
  } finally {
    await standIn.stop();
  }
}

async function runSync(
  { snapshot, outDir, retention }: Flags,
  standIn: StandIn,
  token: string,
  io: ScriptIo,
): Promise<string> {
  // Of an earlier run, when there was one to show.
  await rm(path.join(outDir, "latest.json"), { force: true });
  const where = {
    "site-repo": REPOSITORY,
    "site-branch": BRANCH,
    "api-url": standIn.apiUrl,
    "git-url": standIn.gitUrl,
  };
  const args = { snapshot, ...where, workspace: outDir, retention };
  return (await run("sync-site-benchmark", args, { [TOKEN_ENV]: token }, io)).output("SITE_SYNC");
}

/** The pull request as the stand-in has it, which ends with this run. */
async function keepPullRequest(
  outDir: string,
  { apiUrl }: StandIn,
  token: string,
  io: ScriptIo,
): Promise<string | undefined> {
  const onWait = (message: string) => void io.stderr.write(`note: ${message}\n`);
  const credential = new Credential(token, TOKEN_ENV, apiUrl);
  const github = gitHubClient({ apiUrl, credential, signal: io.signal, onWait });
  const pull = (await findPullRequests(github, REPOSITORY, BRANCH)).find(({ isOpen }) => isOpen);
  if (pull === undefined) return undefined;
  const { title, body, number, baseBranch: base } = pull;
  const files = Object.values(SITE_FILES);
  const page = await renderPullRequestPage({ title, body, number, repository: REPOSITORY, head: BRANCH, base, files });
  const file = path.join(outDir, "pull-request.html");
  await writeFileAtomic(file, page);
  return file;
}

async function runPreview(outDir: string, io: ScriptIo): Promise<string> {
  const out = path.join(outDir, "preview.html");
  const made = async (name: string) => {
    const file = path.join(outDir, `${name}.json`);
    return (await isThere(file)) ? file : undefined;
  };
  await run("preview-site", { out, latest: await made("latest"), history: await made("history") }, {}, io);
  return out;
}

async function run(name: string, args: ScriptArgs, env: Readonly<Record<string, string>>, io: ScriptIo) {
  const child = await runScriptChild(name, args, io, env);
  if (child.exitCode === EXIT.ok) return child;
  throw new OperationError("unjudged", `Cannot go on: "${name}" ended with ${child.exitCode}, see above`);
}

await launch(import.meta.url, main);
