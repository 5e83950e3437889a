import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { runGit } from "@forgebench/git";
import { Credential } from "@forgebench/io";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { StandIn } from "./stand-in.ts";
import { ask, started, TOKENS } from "./testing.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "stand-in-git-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const WHO = ["-c", "user.name=Wendy", "-c", "user.email=wendy@users.noreply.github.com"];

async function git(standIn: StandIn, args: readonly string[], as?: keyof typeof TOKENS, cwd = folder) {
  const token = as === undefined ? {} : { credential: new Credential(TOKENS[as], "T", standIn.gitUrl) };
  const { exitCode, stdout, stderr } = await runGit([...WHO, ...args], {
    cwd,
    env: { PATH: process.env.PATH },
    ...token,
  });
  return { exitCode, stdout: stdout.toString(), stderr };
}

/** The children of this process that serve git. */
async function backends(): Promise<string[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "ppid=,stat=,args="]);
  const isMine = new RegExp(`^\\s*${process.pid}\\s+[^Z].*git-http-backend`);
  return stdout.split("\n").filter((line) => isMine.test(line));
}

/** A clone with one commit that is not pushed. */
async function changedClone(standIn: StandIn, as?: keyof typeof TOKENS): Promise<string> {
  const clone = path.join(folder, "clone");
  expect(await git(standIn, ["clone", "-q", `${standIn.gitUrl}/acme/site.git`, clone], as)).toMatchObject({
    exitCode: 0,
  });
  await mkdir(path.join(clone, "data"));
  await writeFile(path.join(clone, "data/latest.json"), "{}\n");
  await git(standIn, ["add", "."], undefined, clone);
  expect((await git(standIn, ["commit", "-q", "-m", "Add data"], undefined, clone)).exitCode).toBe(0);
  return clone;
}

it("lets everybody clone what is public, and writers push", async () => {
  const standIn = await started();
  const clone = await changedClone(standIn);
  const anonymous = await git(standIn, ["push", "-q", "origin", "HEAD:refs/heads/bench"], undefined, clone);
  expect(anonymous.exitCode).not.toBe(0);
  const reader = await git(standIn, ["push", "-q", "origin", "HEAD:refs/heads/bench"], "reader", clone);
  expect([reader.exitCode, reader.stderr]).toEqual([128, expect.stringContaining("denied to rita")]);
  expect((await ask(standIn, "GET /branches/bench")).status).toBe(404);
  expect(await git(standIn, ["push", "-q", "origin", "HEAD:refs/heads/bench"], "writer", clone)).toMatchObject({
    exitCode: 0,
  });
  const head = (await git(standIn, ["rev-parse", "HEAD"], undefined, clone)).stdout.trim();
  expect((await ask(standIn, "GET /branches/bench")).json.commit.sha).toBe(head);
  const pushed = standIn.requests.filter(({ url }) => url.endsWith("/git-receive-pack")).at(-1);
  expect([pushed?.status, pushed?.headers.authorization]).toEqual([200, expect.stringMatching(/^Basic /)]);
});

it("hides private repositories, and asks for a password before it says whether there is one", async () => {
  const standIn = await started({ private: true });
  const list = (as?: keyof typeof TOKENS) => git(standIn, ["ls-remote", `${standIn.gitUrl}/acme/site.git`], as);
  expect((await list()).exitCode).toBe(128);
  expect((await list("stranger")).stderr).toContain("not found");
  expect((await list("old")).exitCode).toBe(128);
  expect((await list("reader")).stdout).toContain("refs/heads/main");
  for (const name of ["site", "nothing"]) {
    const answer = await fetch(`${standIn.gitUrl}/acme/${name}.git/info/refs?service=git-upload-pack`);
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, 'Basic realm="GitHub"']);
  }
});

it("refuses pushes to protected branches", async () => {
  const standIn = await started();
  standIn.protectBranch("acme/site", "main");
  const clone = await changedClone(standIn);
  const main = await git(standIn, ["push", "origin", "HEAD:main"], "writer", clone);
  expect([main.exitCode, main.stderr]).toEqual([
    1,
    expect.stringContaining("GH006: Protected branch update failed for refs/heads/main"),
  ]);
  standIn.protectBranch("acme/site", "main", false);
  expect((await git(standIn, ["push", "origin", "HEAD:main"], "writer", clone)).exitCode).toBe(0);
});

it("takes gzipped requests, and speaks protocol 2 where asked", async () => {
  const standIn = await started();
  const url = `${standIn.gitUrl}/acme/site.git`;
  const v2 = await fetch(`${url}/info/refs?service=git-upload-pack`, { headers: { "git-protocol": "version=2" } });
  expect(await v2.text()).toContain("version 2");
  const body = gzipSync("0014command=ls-refs\n00010000");
  const refs = await fetch(`${url}/git-upload-pack`, {
    method: "POST",
    headers: {
      "content-type": "application/x-git-upload-pack-request",
      "content-encoding": "gzip",
      "git-protocol": "version=2",
    },
    body,
  });
  expect([refs.status, await refs.text()]).toEqual([200, expect.stringContaining("refs/heads/main")]);
  expect((await fetch(`${url}/info/refs`)).status).toBe(403);
  expect((await fetch(`${url}/HEAD`)).status).toBe(403);
});

it("a push that was cut after the work is there, one that was cut before is not", async () => {
  const standIn = await started();
  const clone = await changedClone(standIn);
  const match = /POST .*git-receive-pack/;
  // Git tries again on a connection that it had used before.
  standIn.addFault({ match, times: 3, how: { kind: "reset" } });
  expect((await git(standIn, ["push", "origin", "HEAD:refs/heads/a"], "writer", clone)).exitCode).not.toBe(0);
  standIn.clearFaults();
  standIn.addFault({ match, times: 3, how: { kind: "reset", afterWork: true } });
  expect((await git(standIn, ["push", "origin", "HEAD:refs/heads/b"], "writer", clone)).exitCode).not.toBe(0);
  const { stdout } = await git(standIn, ["ls-remote", "--heads", `${standIn.gitUrl}/acme/site.git`]);
  expect(stdout.match(/refs\/.+/g)).toEqual(["refs/heads/b", "refs/heads/main"]);
});

it("ends a child that hangs when it is stopped", async () => {
  const standIn = await started();
  const { hostname, port } = new URL(standIn.gitUrl);
  // A request that never ends: the child waits for the rest of it.
  const client = spawn(process.execPath, [
    "-e",
    `const s = require("node:net").connect(${port}, "${hostname}", () => s.write("POST /acme/site.git/git-upload-pack HTTP/1.1\\r\\nHost: x\\r\\nContent-Type: application/x-git-upload-pack-request\\r\\nContent-Length: 99999\\r\\n\\r\\n0032want")); s.on("error", () => {}); s.on("close", () => process.exit(7)); s.resume();`,
  ]);
  const ended = new Promise((resolve) => client.once("close", resolve));
  while (!standIn.requests.some(({ url }) => url.endsWith("git-upload-pack")))
    await new Promise((next) => setTimeout(next, 20));
  expect(await backends()).toHaveLength(1);
  await standIn.stop();
  expect(await ended).toBe(7);
  while ((await backends()).length > 0) await new Promise((next) => setTimeout(next, 20));
});
