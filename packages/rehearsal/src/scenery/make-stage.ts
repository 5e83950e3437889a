import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type StandIn, type StandInAccount, startStandIn } from "@forgebench/github-stand-in";
import { execa } from "execa";
import { permissionsOf } from "../rehearse-workflow.ts";
import type { Stage } from "../stage.ts";
import type { Workflow } from "../workflow.ts";
import { makePictures } from "./pictures.ts";
import type { RehearsalRepository } from "./repository.ts";
import { startWebsite } from "./website.ts";

/** The repository whose workflows are rehearsed; the stand-in knows it by this name. */
export const REPOSITORY = "octo-org/tool";

/** Where pull requests of strangers come from. */
export const FORK = "fork-owner/tool";

/** The repository of the website, which gets pull requests with figures. */
export const SITE = "octo-org/site";
const DATASET_VERSION = "1.0.0";

/** The id of the first run; artifacts and evidence are named by it. */
export const RUN_ID = "22036204221";

/** What the stand-in is asked with when a rehearsal prepares and looks. */
export const OWNER_TOKEN = "token-of-the-owner";
const SITE_TOKEN = "token-of-the-site";

interface StageOptions {
  readonly folder: string;
  readonly repository: RehearsalRepository;
  readonly workflows: readonly Workflow[];
  readonly isFromFork: boolean;
  /** Settings of the repository, beside those of every rehearsal. */
  readonly vars: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** Where a rehearsal takes place. */
interface MadeStage {
  readonly stage: Stage;
  readonly standIn: StandIn;
  /** What no log and no artifact may hold. */
  readonly secrets: readonly string[];
  stop(): Promise<void>;
}

/** Starts the GitHub of a rehearsal: the repository, the website, and a token for each job that may do what the job may. */
export async function makeStage(options: StageOptions): Promise<MadeStage> {
  const { folder, repository, workflows } = options;
  const standIn = await startStandIn({
    accounts: accountsOf(workflows, options.isFromFork),
    repositories: {
      [REPOSITORY]: { bareFolder: repository.bareFolder },
      [FORK]: { forkOf: REPOSITORY },
      [SITE]: {},
    },
  });
  const website = await startWebsite(() => standIn.bareFolder(SITE));
  const secret = options.isFromFork ? {} : { IMAGEFORGE_SITE_SYNC_TOKEN: SITE_TOKEN };
  const stage: Stage = {
    folder,
    apiUrl: standIn.apiUrl,
    gitUrl: standIn.gitUrl,
    pagesUrl: "https://github.com",
    // GitHub gives neither settings nor secrets to a run of a fork.
    vars: options.isFromFork ? {} : { ...varsOf(), BENCH_PAGE_URL: website.url, ...options.vars },
    secrets: {},
    environmentSecrets: { "benchmark-site": secret, "benchmark-governance": secret },
    tokenOf: (jobId) => `token-of-${jobId}`,
    artifactsOfRuns: {},
    env: await environmentOf(options),
    stepTimeoutMs: 240_000,
    signal: options.signal,
    onProgress: options.onProgress,
  };
  const stop = async () => {
    website.stop();
    await standIn.stop();
  };
  return { stage, standIn, secrets: [SITE_TOKEN, OWNER_TOKEN], stop };
}

/** Programs of the machine, and before them what stands for npx: packages are installed once in a rehearsal. */
async function environmentOf({ env, folder }: StageOptions): Promise<Record<string, string>> {
  const [kept, programs] = [path.join(folder, "packages"), path.join(folder, "programs")];
  for (const made of [kept, programs]) await mkdir(made, { recursive: true });
  const { stdout: npx } = await execa("sh", ["-c", "command -v npx"], { env, extendEnv: false });
  const script = await readFile(fileURLToPath(new URL("../../scenery/npx", import.meta.url)), "utf8");
  const written = script.replace("@NPX@", `'${npx}'`).replace("@KEPT@", `'${kept}'`);
  await writeFile(path.join(programs, "npx"), written, { mode: 0o755 });
  return { ...env, PATH: `${programs}:${env.PATH ?? ""}` };
}

/** The settings by which a repository changes what the workflows do, here to something small. */
function varsOf(): Record<string, string> {
  return {
    BENCH_SHARDS: '["1/2", "2/2"]',
    BENCH_BUDGET_MINUTES: "2",
    BENCH_NODE_VERSION: process.versions.node.split(".")[0] ?? "",
    BENCH_SITE_REPOSITORY: SITE,
  };
}

function accountsOf(workflows: readonly Workflow[], isReadOnly: boolean): Record<string, StandInAccount> {
  const owner = { contents: "write", pullRequests: "write", issues: "write" } as const;
  const jobs = workflows.flatMap((workflow) => workflow.jobs.map((job) => [workflow, job] as const));
  return {
    [OWNER_TOKEN]: { login: "ann", permissions: owner },
    [SITE_TOKEN]: { login: "site-sync", permissions: owner, repositories: [SITE] },
    ...Object.fromEntries(
      jobs.map(([workflow, job]) => [
        `token-of-${job.id}`,
        {
          login: "github-actions[bot]",
          kind: "Bot" as const,
          repositories: [REPOSITORY],
          permissions: levelsOf(permissionsOf(workflow, job), isReadOnly && workflow.file.endsWith("benchmark-ci.yml")),
        },
      ]),
    ),
  };
}

function levelsOf(written: Readonly<Record<string, string>>, isReadOnly: boolean): StandInAccount["permissions"] {
  const level = (name: string) => {
    const value = written[name];
    if (value === "write") return isReadOnly ? ("read" as const) : ("write" as const);
    return value === "read" ? ("read" as const) : ("none" as const);
  };
  return {
    contents: level("contents"),
    pullRequests: level("pull-requests"),
    issues: level("issues"),
  };
}

/** Releases the tiny dataset that nights measure on, by the project's own scripts. */
export async function releaseDataset(projectRoot: string, folder: string, stage: Stage): Promise<void> {
  const place = (name: string) => path.join(folder, "dataset", name);
  const bench = (entry: string, ...flags: string[]) =>
    execa("npm", ["run", "--silent", `bench:dataset:${entry}`, "--", ...flags], {
      cwd: projectRoot,
      env: { ...stage.env, GITHUB_TOKEN: OWNER_TOKEN },
      extendEnv: false,
      timeout: 120_000,
    });
  await makePictures(place("pictures"));
  await bench("synthetic", "--count", "1", "--out-dir", place("synthetic"));
  const version = ["--dataset-version", DATASET_VERSION];
  const from = ["--sources-dir", place("pictures"), "--synthetic-dir", place("synthetic")];
  await bench(
    "build",
    ...version,
    ...from,
    "--tiers",
    "30,200",
    "--out-dir",
    place("assets"),
    "--build-dir",
    place("build"),
  );
  const to = ["--repo", REPOSITORY, "--api-url", stage.apiUrl];
  await bench("release", ...version, ...to, "--assets-dir", place("assets"));
}
