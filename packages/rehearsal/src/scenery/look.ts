import { execa } from "execa";
import { FORK, OWNER_TOKEN, REPOSITORY, SITE } from "./make-stage.ts";
import type { Traces } from "./scenarios.ts";

/** The traces of a run, read from the stand-in and its repositories. */
export async function lookAround(apiUrl: string, bareFolder: string, hadDataset: boolean): Promise<Traces> {
  const count = async (route: string) => {
    const headers = { authorization: `Bearer ${OWNER_TOKEN}`, "user-agent": "rehearsal" };
    const answer = await fetch(`${apiUrl}/repos/${route}`, { headers });
    const items: unknown = await answer.json();
    return Array.isArray(items) ? items.filter((item) => !(typeof item === "object" && "pull_request" in item)) : [];
  };
  const lines = await historyLines(bareFolder);
  const releases = await count(`${REPOSITORY}/releases`);
  return {
    nights: lines.length,
    nightsOnOtherTiers: lines.filter((line) => /"tierId":"(?!tier200")/.test(line)).length,
    issues: (await count(`${REPOSITORY}/issues?state=open`)).length,
    siteIssues: (await count(`${SITE}/issues?state=open`)).length,
    sitePulls: (await count(`${SITE}/pulls?state=open`)).length,
    comments: (await count(`${REPOSITORY}/issues/1/comments`)).length,
    newReleases: releases.length - (hadDataset ? 1 : 0),
  };
}

async function historyLines(bareFolder: string): Promise<string[]> {
  const git = async (...args: string[]) => (await execa("git", args, { cwd: bareFolder, reject: false })).stdout;
  const files = await git("ls-tree", "-r", "--name-only", "forgebench-data");
  const parts = files.split("\n").filter((file) => file.startsWith("nights/"));
  const texts = await Promise.all(parts.map((part) => git("show", `forgebench-data:${part}`)));
  return texts.flatMap((text) => text.split("\n")).filter((line) => line.trim() !== "");
}

/** The head of a fork's branch and the pull request that it makes. */
export async function openPullRequest(apiUrl: string, branch: string): Promise<number> {
  const answer = await fetch(`${apiUrl}/repos/${REPOSITORY}/pulls`, {
    method: "POST",
    headers: { authorization: `Bearer ${OWNER_TOKEN}`, "user-agent": "rehearsal", "content-type": "application/json" },
    body: JSON.stringify({ title: HOSTILE_TITLE, head: `${FORK.split("/")[0]}:${branch}`, base: "main" }),
  });
  const pull = (await answer.json()) as { readonly number?: number; readonly message?: string };
  if (pull.number === undefined) throw new Error(`the stand-in takes no pull request: ${pull.message}`);
  return pull.number;
}

/** Text that would do harm where it reached a shell or a log unquoted. */
const HOSTILE_TITLE = 'Fix "$(touch pwned)" `touch pwned` ::set-output name=x::y <!-- forgebench -->';

/** The same as the name of a branch: git allows it, and a shell would run it. */
export const HOSTILE_BRANCH = 'a;touch$IFS"pwned";$(touch$IFS"pwned")';
