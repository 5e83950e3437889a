import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { EXIT, memoryIo } from "@forgebench/io";
import { buildSnapshot } from "@forgebench/site/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { main } from "./sync-site-local.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "site local "));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function synced(runId: number, generatedAt: string) {
  const file = path.join(root, `${runId}.json`);
  await writeFile(file, JSON.stringify(buildSnapshot({ runId, generatedAt })));
  const io = memoryIo({ cwd: root });
  const exitCode = await main(["--snapshot", file, "--out-dir", "site"], io);
  expect(exitCode, io.stderrText()).toBe(EXIT.ok);
  const outputs = Object.fromEntries(
    io
      .stdoutText()
      .trim()
      .split("\n")
      .map((line) => line.split("=", 2)),
  );
  return outputs as Readonly<Record<string, string>>;
}

it("ends with a pull request on a real repository, and keeps what waits in it", { tags: ["slow"] }, async () => {
  const first = await synced(11, "2026-02-15T03:00:00Z");
  const second = await synced(12, "2026-02-16T03:00:00Z");
  const branch = second.SITE_BRANCH ?? "";
  const git = (...args: string[]) => execFileSync("git", args, { cwd: second.SITE_REPOSITORY }).toString();
  const history = JSON.parse(git("show", `${branch}:data/benchmarks/history.json`));
  expect(history.items.map(({ snapshotId }: { readonly snapshotId: string }) => snapshotId)).toEqual(["12.1", "11.1"]);
  expect(git("diff", "--name-only", "main", branch).trim().split("\n")).toEqual([
    "data/benchmarks/history.json",
    "data/benchmarks/latest.json",
  ]);
  expect(first.PULL_REQUEST_HTML).toBe(second.PULL_REQUEST_HTML);
  const page = await readFile(second.PULL_REQUEST_HTML ?? "", "utf8");
  expect(page).toContain("2 nights added");
  expect(page).not.toMatch(/<script/);
  expect(await readFile(second.PREVIEW_HTML ?? "", "utf8")).toContain("12.1");
});
