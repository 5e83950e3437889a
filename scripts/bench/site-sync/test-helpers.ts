import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { SiteSnapshot } from "@forgebench/artifacts";
import { type StandIn, type StandInOptions, type StandInRepository, startStandIn } from "@forgebench/github-stand-in";
import { memoryIo, PROJECT_ROOT } from "@forgebench/io";
import { buildSnapshot } from "@forgebench/site/testing";
import { onTestFinished } from "vitest";
import { main } from "../sync-site-benchmark.ts";

/** Of the bot; with characters that every encoding changes. */
export const TOKEN = "ghp_c4n4ry/+=Zq8wVt2LmN0x";
export const TOKEN_ENV = "IMAGEFORGE_SITE_SYNC_TOKEN";
export const SITE = "acme/site";
export const BRANCH = "codex/benchmark-sync-nightly";

const none = { contents: "none", pullRequests: "none", issues: "none" } as const;
const accounts: StandInOptions["accounts"] = {
  [TOKEN]: { login: "bot", kind: "Bot", permissions: { ...none, contents: "write", pullRequests: "write" } },
  "no-pulls": { login: "half", permissions: { ...none, contents: "write" } },
  reader: { login: "rita", permissions: { contents: "read", pullRequests: "read", issues: "read" } },
  stranger: { login: "sam", permissions: none },
  old: { login: "olga", permissions: none, expired: true },
};

/** The snapshot of a night in March 2026; later nights are newer. */
export function nightly(day: number, more: Omit<Parameters<typeof buildSnapshot>[0], "runId"> = {}): SiteSnapshot {
  const generatedAt = new Date(Date.UTC(2026, 2, day, 3)).toISOString();
  return buildSnapshot({ runId: 1000 + day, generatedAt, ...more });
}

export interface Synced {
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface SyncOptions {
  readonly flags?: readonly string[];
  readonly token?: string;
  readonly repository?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface ShownPull {
  readonly number: number;
  readonly state: "open" | "closed";
  readonly title: string;
  readonly body: string;
  readonly html_url: string;
  readonly base: { readonly ref: string };
  readonly head: { readonly sha: string };
}

/** A stand-in with a website, and syncs to it. It ends with the test. */
export async function startSite(
  repository: StandInRepository = {},
  more: Readonly<Record<string, StandInRepository>> = {},
): Promise<Site> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "sync-"));
  const repositories = { [SITE]: repository, ...more };
  // The tests look at pull requests without a token.
  const standIn = await startStandIn({ accounts, repositories });
  for (const name of Object.keys(repositories)) {
    // As GitHub: contents may be left out of a fetch.
    execFileSync("git", ["-C", standIn.bareFolder(name), "config", "uploadpack.allowFilter", "true"]);
  }
  onTestFinished(async () => {
    await standIn.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return new Site(standIn, folder);
}

export class Site {
  readonly standIn: StandIn;
  readonly folder: string;
  #files = 0;

  constructor(standIn: StandIn, folder: string) {
    this.standIn = standIn;
    this.folder = folder;
  }

  /** The arguments of a sync of these snapshots. */
  flags(snapshots: readonly SiteSnapshot[], repository: string = SITE): string[] {
    this.#files += 1;
    const given = path.join(this.folder, `given-${this.#files}`);
    mkdirSync(given);
    for (const [index, snapshot] of snapshots.entries()) {
      writeFileSync(path.join(given, `${index}.json`), JSON.stringify(snapshot));
    }
    const { apiUrl, gitUrl } = this.standIn;
    return ["--snapshots-dir", given, "--site-repo", repository, "--api-url", apiUrl, "--git-url", gitUrl];
  }

  async sync(snapshots: readonly SiteSnapshot[], options: SyncOptions = {}): Promise<Synced> {
    const env = { PATH: process.env.PATH, [TOKEN_ENV]: options.token ?? TOKEN, ...options.env };
    const io = memoryIo({ cwd: this.folder, env, now: () => new Date("2026-04-01T00:00:00Z") });
    const exitCode = await main([...this.flags(snapshots, options.repository), ...(options.flags ?? [])], io);
    return { exitCode, stderr: io.stderrText(), outputs: outputsIn(io.stdoutText()) };
  }

  /** A sync as a process of its own. */
  start(snapshots: readonly SiteSnapshot[], { flags = [], token = TOKEN, env = {}, repository }: SyncOptions = {}) {
    const child = spawn(
      process.execPath,
      ["scripts/bench/sync-site-benchmark.mjs", ...this.flags(snapshots, repository), ...flags],
      {
        cwd: PROJECT_ROOT, // What a killed child leaves is in the folder that goes with the test.
        env: { PATH: process.env.PATH, TMPDIR: this.folder, [TOKEN_ENV]: token, ...env },
      },
    );
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    const ended = new Promise<Synced & { readonly signal: string | null }>((resolve) => {
      child.once("close", (exitCode, signal) => resolve({ exitCode, signal, stderr, outputs: outputsIn(stdout) }));
    });
    return { child, ended };
  }

  git(...args: string[]): string {
    return this.gitOf(SITE, ...args);
  }

  gitOf(repository: string, ...args: string[]): string {
    return execFileSync("git", ["-C", this.standIn.bareFolder(repository), ...args], {
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 256 << 20,
    })
      .toString()
      .trim();
  }

  /** The ids in the history of a branch, newest first. */
  history(branch = BRANCH, repository: string = SITE): string[] {
    const text = this.gitOf(repository, "show", `${branch}:data/benchmarks/history.json`);
    return JSON.parse(text).items.map(({ snapshotId }: SiteSnapshot) => snapshotId);
  }

  latest(branch = BRANCH, repository: string = SITE): string {
    return JSON.parse(this.gitOf(repository, "show", `${branch}:data/benchmarks/latest.json`)).snapshotId;
  }

  /** Pull requests of the website, the newest first. */
  async pulls(repository: string = SITE): Promise<ShownPull[]> {
    const address = `${this.standIn.apiUrl}/repos/${repository}/pulls?state=all&per_page=100`;
    return (await (await fetch(address)).json()) as ShownPull[];
  }

  /** What a person does with the API. */
  async ask(method: string, where: string, json: object): Promise<ShownPull> {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const address = `${this.standIn.apiUrl}/repos/${SITE}${where}`;
    const answer = await fetch(address, { method, headers, body: JSON.stringify(json) });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as ShownPull;
  }

  /** Requests since the `from`th that change something. */
  writesSince(from: number): string[] {
    const isWrite = (method: string, url: string) =>
      url.includes("git-receive-pack") || (!/^(GET|HEAD)$/.test(method) && !url.includes("git-upload-pack"));
    return this.standIn.requests
      .slice(from)
      .filter(({ method, url }) => isWrite(method, url))
      .map(({ method, url }) => `${method} ${url}`);
  }
}

function outputsIn(stdout: string): Record<string, string> {
  return Object.fromEntries(
    stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}
