import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { Credential } from "@forgebench/io";
import { expect, it, vi } from "vitest";
import { answerTo } from "./credential-server.ts";
import { gitEnvironment, gitText, runGit } from "./git-process.ts";

const token = "ghs_s3cr3t/+=";
const basic = Buffer.from(`x-access-token:${token}`).toString("base64");

it("gives git no configuration, no prompt and no variable but the named ones", async () => {
  const env = {
    PATH: process.env.PATH,
    GITHUB_TOKEN: "x",
    GIT_DIR: "/nowhere",
    GIT_CONFIG_COUNT: "1",
    HOME: os.homedir(),
  };
  const made = gitEnvironment({ env });
  expect(made).toMatchObject({ GIT_TERMINAL_PROMPT: "0", GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" });
  expect(Object.keys(made)).not.toEqual(expect.arrayContaining(["GITHUB_TOKEN"]));
  expect(JSON.stringify(made)).not.toMatch(/GIT_DIR|GIT_CONFIG_COUNT|GITHUB/);
  const listed = await runGit(["config", "--list", "--show-scope"], { cwd: os.tmpdir(), env });
  const scopes = new Set(
    listed.stdout
      .toString()
      .trim()
      .split("\n")
      .map((line) => line.split("\t")[0]),
  );
  expect([...scopes]).toEqual(["command"]);
});

it("hands nothing of its own environment on", async () => {
  vi.stubEnv("SECRET_OF_THIS_PROCESS", token);
  const told = await runGit(["-c", "alias.told=!env", "told"], { cwd: os.tmpdir(), env: { PATH: process.env.PATH } });
  vi.unstubAllEnvs();
  expect(told.stdout.toString()).toContain("GIT_TERMINAL_PROMPT=0");
  expect(told.stdout.toString()).not.toContain(token);
});

/** A server that asks for a password as a git server does, and keeps what it was told. */
async function startServer() {
  const seen: { readonly url: string; readonly authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const { authorization } = request.headers;
    seen.push({ url: request.url?.split("?")[0] ?? "", authorization });
    if (request.url?.startsWith("/moved") === true) response.writeHead(302, { location: `/a.git/info/refs` }).end();
    else if (authorization === undefined) response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
    else response.writeHead(403).end(`no ${token} ${basic}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { seen, origin, stop: () => new Promise((resolve) => server.close(resolve)) };
}

it("gives a token to its own origin, follows no redirect and shows it nowhere", async () => {
  const { seen, origin, stop } = await startServer();
  try {
    const options = { cwd: os.tmpdir(), env: { PATH: process.env.PATH } };
    const asking = (path: string, at: string) =>
      gitText(
        ["ls-remote", "--", `${origin}${path}`],
        { ...options, credential: new Credential(token, "T", at) },
        { kind: "service", action: "Cannot ask" },
      );
    const failure = await asking("/a.git", origin).catch((error: unknown) => error);
    expect(failure).toMatchObject({ failure: "service" });
    expect(String(failure)).toContain("Cannot ask: git ended with 128");
    expect(String(failure)).not.toMatch(/s3cr3t/);
    expect(String(failure)).not.toContain(basic);
    expect(seen.map(({ authorization }) => authorization)).toEqual([undefined, `Basic ${basic}`]);
    seen.length = 0;
    await asking("/moved", origin).catch(() => undefined);
    expect(seen.map(({ url }) => url)).toEqual(["/moved/info/refs"]);
    seen.length = 0;
    await asking("/a.git", "https://example.org").catch(() => undefined);
    expect(seen.map(({ authorization }) => authorization)).toEqual([undefined]);
  } finally {
    await stop();
  }
});

it("keeps the token out of every argument, environment and file of git and its children", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "git-token-"));
  const { origin, stop } = await startServer();
  try {
    // In place of git's own children: what they are given is what could leak.
    const spy = path.join(folder, "spy");
    await writeFile(
      spy,
      `#!/bin/sh\n{ env; cat /proc/$PPID/environ /proc/$PPID/cmdline; } >> "${folder}/seen"\nexit 1\n`,
    );
    await chmod(spy, 0o755);
    const env = { PATH: process.env.PATH, TMPDIR: folder };
    const extraEnv = { GIT_ASKPASS: spy };
    const args = ["ls-remote", "--", `${origin}/a.git`];
    const asked = { cwd: folder, env, extraEnv };
    // Of another origin, so that git turns to the spy after our answer.
    await runGit(args, { ...asked, credential: new Credential(token, "T", "https://example.org") });
    const seen = await readFile(path.join(folder, "seen"), "latin1");
    expect(seen).toContain("credential-helper.mjs");
    for (const secret of [token, basic, encodeURIComponent(token)]) expect(seen).not.toContain(secret);
    await runGit(args, { ...asked, credential: new Credential(token, "T", origin) });
    expect(await readdir(folder)).toEqual(expect.arrayContaining(["seen", "spy"]));
    expect(await readdir(folder)).toHaveLength(2);
  } finally {
    await stop();
    await rm(folder, { recursive: true, force: true });
  }
});

it("answers only for the origin of the token", () => {
  const asked = (protocol: string, host: string) =>
    answerTo(`protocol=${protocol}\nhost=${host}\nwwwauth[]=Basic\n\n`, { value: "t", origin: "https://github.com" });
  expect(asked("https", "github.com")).toBe("username=x-access-token\npassword=t\n");
  expect(asked("http", "github.com")).toBe("");
  expect(asked("https", "github.com:8443")).toBe("");
  expect(asked("https", "github.com.example.org")).toBe("");
  expect(answerTo("", { value: "t", origin: "https://github.com" })).toBe("");
});
