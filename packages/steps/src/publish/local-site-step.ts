import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import path from "node:path";
import { siteSnapshot } from "@forgebench/artifacts";
import { findPullRequests, gitHubClient, SITE_FILES } from "@forgebench/github";
import { startStandIn } from "@forgebench/github-stand-in";
import { Credential, isThere, makeFolder, readArtifact, writeFileAtomic } from "@forgebench/io";
import { renderPullRequestPage } from "@forgebench/report";
import { type StepIo, tell } from "../step-io.ts";
import { previewStep } from "./preview-step.ts";
import { type Synced, type SyncRequest, syncStep } from "./sync-step.ts";

const REPOSITORY = "local/website";
/** The automation branch of the website of this machine. */
export const LOCAL_SITE_BRANCH = "codex/benchmark-sync-nightly";

/** A snapshot, and the folder of the website of this machine. Both by absolute path. */
export interface LocalSiteRequest {
  readonly snapshot: string;
  readonly outDir: string;
  /** How many snapshots the history keeps. */
  readonly retention: number;
}

/** The website of this machine after a sync. */
export interface LocalSite {
  readonly bareFolder: string;
  readonly outcome: Synced["outcome"];
  /** The pull request as a page; undefined if there is none. */
  readonly pullRequestHtml: string | undefined;
  readonly previewHtml: string;
}

/**
 * Syncs a snapshot to a website of this machine, with a real git repository and a stand-in for GitHub on loopback, and
 * shows the pull request and the page with its data.
 * @throws {ArtifactError} for a snapshot that is wrong, {OperationError} when an output cannot be written.
 */
export async function localSiteStep(request: LocalSiteRequest, io: StepIo): Promise<LocalSite> {
  const { outDir, retention } = request;
  const { value } = await readArtifact(siteSnapshot, request.snapshot);
  const token = randomBytes(16).toString("hex");
  const permissions = { contents: "write", pullRequests: "write", issues: "none" } as const;
  const bareFolder = path.join(await makeFolder(outDir), "website.git");
  const standIn = await startStandIn({
    accounts: { [token]: { login: "forgebench-bot", kind: "Bot", permissions } },
    repositories: { [REPOSITORY]: { bareFolder } },
  });
  try {
    // An earlier run may have written a latest.
    await rm(path.join(outDir, "latest.json"), { force: true });
    const website: SyncRequest = {
      snapshots: [value],
      repository: REPOSITORY,
      defaultBranch: "main",
      siteBranch: LOCAL_SITE_BRANCH,
      retention,
      apiUrl: standIn.apiUrl,
      gitUrl: standIn.gitUrl,
      credentialFor: (url) => new Credential(token, "the token of this run", url),
      workspace: outDir,
      isDryRun: false,
    };
    const { outcome } = await syncStep(website, io);
    const pullRequestHtml = await keepPullRequest(website, outDir, io);
    return { bareFolder, outcome, pullRequestHtml, previewHtml: await showPage(outDir) };
  } finally {
    await standIn.stop();
  }
}

/** The pull request as the stand-in has it, which ends with this run. */
async function keepPullRequest(
  { apiUrl, credentialFor }: SyncRequest,
  outDir: string,
  io: StepIo,
): Promise<string | undefined> {
  const onWait = (message: string) => tell(io, `note: ${message}`);
  const github = gitHubClient({ apiUrl, credential: credentialFor(apiUrl), signal: io.signal, onWait });
  const pulls = await findPullRequests(github, REPOSITORY, LOCAL_SITE_BRANCH);
  const pull = pulls.find(({ isOpen }) => isOpen);
  if (pull === undefined) return undefined;
  const { title, body, number, baseBranch: base } = pull;
  const place = { number, repository: REPOSITORY, head: LOCAL_SITE_BRANCH, base };
  const page = await renderPullRequestPage({ title, body, ...place, files: Object.values(SITE_FILES) });
  const file = path.join(outDir, "pull-request.html");
  await writeFileAtomic(file, page);
  return file;
}

async function showPage(outDir: string): Promise<string> {
  const made = async (name: string) => {
    const file = path.join(outDir, name);
    return (await isThere(file)) ? file : undefined;
  };
  const out = path.join(outDir, "preview.html");
  await previewStep({ latest: await made("latest.json"), history: await made("history.json"), out });
  return out;
}
