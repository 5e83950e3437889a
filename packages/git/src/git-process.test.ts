import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import { expect, it } from "vitest";
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

it("sends a token in a header to its own origin, follows no redirect and shows it nowhere", {
  timeout: 20_000,
}, async () => {
  const seen: { readonly url: string; readonly authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url ?? "", authorization: request.headers.authorization });
    if (request.url?.startsWith("/moved") === true) response.writeHead(302, { location: `/a.git/info/refs` }).end();
    else response.writeHead(403).end(`no ${token} ${basic}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const options = { cwd: os.tmpdir(), env: { PATH: process.env.PATH } };
    const asking = (path: string, at: string) =>
      gitText(
        ["ls-remote", "--", `${origin}${path}`],
        { ...options, token: { value: token, origin: at } },
        { kind: "service", action: "Cannot ask" },
      );
    const failure = await asking("/a.git", origin).catch((error: unknown) => error);
    expect(failure).toMatchObject({ failure: "service" });
    expect(String(failure)).toContain("Cannot ask: git ended with 128");
    expect(String(failure)).not.toMatch(/s3cr3t/);
    expect(String(failure)).not.toContain(basic);
    expect(seen.every(({ authorization }) => authorization === `Basic ${basic}`)).toBe(true);
    const before = seen.length;
    await asking("/moved", origin).catch(() => undefined);
    expect(seen.slice(before).map(({ url }) => url.split("?")[0])).toEqual(["/moved/info/refs"]);
    seen.length = 0;
    await asking("/a.git", "https://example.org").catch(() => undefined);
    expect(seen.map(({ authorization }) => authorization)).toEqual(seen.map(() => undefined));
    expect(seen.length).toBeGreaterThan(0);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
