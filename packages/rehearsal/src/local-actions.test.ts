import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { LOCAL_ACTIONS } from "./local-actions.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "local actions "));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const git = (cwd: string, ...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", ...args], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();

/** A repository with a file on `main` and another one on `data`. */
function makeRemote(): { readonly remote: string; readonly sha: string } {
  const remote = path.join(root, "remote");
  git(root, "init", "--quiet", remote);
  for (const branch of ["main", "data"]) {
    git(remote, "checkout", "--quiet", "--orphan", branch);
    writeFileSync(path.join(remote, "branch"), branch);
    git(remote, "add", ".");
    git(remote, "commit", "--quiet", "-m", branch);
  }
  return { remote, sha: git(remote, "rev-parse", "main") };
}

it("checks a branch out into a folder beside the code, and into none outside", async () => {
  const workspace = mkdtempSync(path.join(root, "workspace-"));
  const log: string[] = [];
  const place = { workspace, artifacts: root, artifactsOfRuns: {}, ...makeRemote() };
  const checkout = async (inputs: Readonly<Record<string, string>>) =>
    LOCAL_ACTIONS["actions/checkout"]?.run({ ...place, inputs, log: (line) => log.push(line) });
  await checkout({});
  await checkout({ ref: "data", path: ".tmp/a/history" });
  const read = (file: string) => readFileSync(path.join(workspace, file), "utf8");
  expect([read("branch"), read(".tmp/a/history/branch")]).toEqual(["main", "data"]);
  expect(log).toEqual([`checked out ${place.sha}`, "checked out data into .tmp/a/history"]);
  await expect(checkout({ ref: "data", path: "../x" })).rejects.toThrow('"../x" is outside of the workspace');
});
