/** @module-tag slow */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeBulkDataset } from "@forgebench/dataset";
import { startStandIn } from "@forgebench/github-stand-in";
import { memoryIo, PROJECT_ROOT, scriptFile, sha256Of } from "@forgebench/io";
import { expect, it, onTestFinished } from "vitest";
import { main } from "./release-dataset.ts";

/** More of them take minutes. */
const KILLS = Number(process.env.FORGEBENCH_KILLS ?? 4);
const TOKEN = "t-writer";
/** Of a whole release; later than that nothing is left to kill. */
const REQUESTS = 36;

/** A folder as `build-tiers` leaves it; returns the hash of each file by its name. */
async function writeAssets(folder: string, datasetVersion: string): Promise<Map<string, string>> {
  const signal = new AbortController().signal;
  const spec = { tierId: "tier2", datasetVersion, sizeBytes: 3_000_000, signal, onProgress: () => undefined };
  await writeBulkDataset(folder, spec);
  return new Map(
    readdirSync(folder).map((name) => [name, `sha256:${sha256Of(readFileSync(path.join(folder, name)))}`]),
  );
}

interface Shown {
  readonly draft: boolean;
  readonly tag_name: string;
  readonly assets: readonly { readonly name: string; readonly digest: string | null }[];
}

it(`after kills at ${KILLS} random requests nothing half is visible, and the next run ends with the same release`, {
  timeout: 300_000 + KILLS * 60_000,
}, async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "release-kill-"));
  const permissions = { contents: "write", pullRequests: "none", issues: "none" } as const;
  const standIn = await startStandIn({
    accounts: {
      [TOKEN]: { login: "wendy", permissions },
      // Without a token there are 60 requests an hour.
      "t-reader": { login: "rita", permissions: { ...permissions, contents: "read" } },
    },
    repositories: { "octo/images": {} },
  });
  onTestFinished(async () => {
    await standIn.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const shown = async (tag: string, token: string): Promise<Shown[]> => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${standIn.apiUrl}/repos/octo/images/releases?per_page=100`, { headers });
    return ((await response.json()) as Shown[]).filter(({ tag_name }) => tag_name === tag);
  };
  let killed = 0;
  for (let round = 0; round < KILLS; round += 1) {
    const version = `1.0.${round}`;
    const tag = `bench-dataset-v${version}`;
    const assets = path.join(folder, version);
    const wanted = await writeAssets(assets, version);
    const flags = ["--repo", "octo/images", "--dataset-version", version, "--assets-dir", assets];
    const child = spawn(process.execPath, [scriptFile("release-dataset"), ...flags, "--api-url", standIn.apiUrl], {
      cwd: PROJECT_ROOT,
      env: { PATH: process.env.PATH, TMPDIR: folder, GITHUB_TOKEN: TOKEN },
      stdio: "ignore",
    });
    let isOver = false;
    const over = new Promise<string | null>((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
    void over.then(() => {
      isOver = true;
    });
    const killAt = standIn.requests.length + 1 + Math.floor(Math.random() * REQUESTS);
    while (!isOver && standIn.requests.length < killAt) await sleep(1);
    await sleep(Math.random() * 20);
    child.kill("SIGKILL");
    if ((await over) === "SIGKILL") killed += 1;

    for (const release of await shown(tag, "t-reader")) {
      expect(new Map(release.assets.map(({ name, digest }) => [name, digest]))).toEqual(wanted);
    }
    const io = memoryIo({ cwd: folder, env: { GITHUB_TOKEN: TOKEN } });
    expect(await main([...flags, "--api-url", standIn.apiUrl], io), io.stderrText()).toBe(0);
    const [release, ...more] = await shown(tag, TOKEN);
    expect(more).toEqual([]);
    expect(release?.draft).toBe(false);
    expect(new Map(release?.assets.map(({ name, digest }) => [name, digest]))).toEqual(wanted);
  }
  expect(killed).toBeGreaterThan(0);
});
