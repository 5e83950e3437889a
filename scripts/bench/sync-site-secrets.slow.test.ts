/** @module-tag slow */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { redactor } from "@forgebench/io";
import { expect, it } from "vitest";
import { nightly, type Site, startSite, TOKEN } from "./site-sync/test-helpers.ts";

const redactToken = redactor(TOKEN);
const redactLogin = redactor(`x-access-token:${TOKEN}`);
const holdsToken = (text: string) => redactToken(text) !== text || redactLogin(text) !== text;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** A `git` that says what it is given, and is the real one then. */
function writeSpy(folder: string, log: string): string {
  const bin = path.join(folder, "bin");
  mkdirSync(bin);
  const real = (process.env.PATH ?? "").split(":").find((one) => existsSync(path.join(one, "git"))) ?? "/usr/bin";
  const seen = `{ cat /proc/$$/environ /proc/$$/cmdline; echo; } >> "${log}"`;
  writeFileSync(path.join(bin, "git"), `#!/bin/sh\n${seen}\nexec "${real}/git" "$@"\n`);
  chmodSync(path.join(bin, "git"), 0o755);
  return `${bin}:${process.env.PATH}`;
}

/** Arguments and environments of all that descends from a process, but its own; by polling, so that short ones may be missed. */
async function watch(root: number, isOver: () => boolean): Promise<Map<string, string>> {
  const seen = new Map<string, string>();
  const read = (file: string) => {
    try {
      return readFileSync(file, "latin1");
    } catch {
      return "";
    }
  };
  const commandOf = (pid: string) => read(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
  while (!isOver()) {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const parents = new Map(pids.map((pid) => [pid, / \w (\d+) /.exec(read(`/proc/${pid}/stat`))?.[1] ?? "0"]));
    const descends = (pid: string): boolean => {
      const parent = parents.get(pid);
      return parent !== undefined && (parent === String(root) || descends(parent));
    };
    for (const pid of pids.filter(descends)) {
      const command = commandOf(pid);
      // A child that has not become a program of its own yet is still a copy of its parent.
      if (command !== "" && command !== commandOf(String(root)))
        seen.set(`${pid} ${command}`, read(`/proc/${pid}/environ`));
    }
    await sleep(5);
  }
  return seen;
}

interface Spied {
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly seen: ReadonlyMap<string, string>;
  /** Files in which the token is. */
  readonly leaks: readonly string[];
}

async function spiedSync(site: Site, day: number, token: string, killWhen?: RegExp): Promise<Spied> {
  const folder = path.join(site.folder, `spied-${day}-${token.length}`);
  const temporary = path.join(folder, "tmp");
  mkdirSync(temporary, { recursive: true });
  const log = path.join(folder, "seen");
  const env = {
    PATH: writeSpy(folder, log),
    TMPDIR: temporary,
    HOME: folder,
    GIT_TRACE_CURL: path.join(folder, "trace"),
  };
  const flags = ["--workspace", path.join(folder, "workspace")];
  const from = site.standIn.requests.length;
  const { child, ended } = site.start([nightly(day)], { token, env, flags });
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  const watched = watch(child.pid ?? 0, () => isOver);
  while (killWhen !== undefined && !isOver) {
    if (site.standIn.requests.slice(from).some(({ method, url }) => killWhen.test(`${method} ${url}`)))
      child.kill("SIGKILL");
    await sleep(1);
  }
  const { exitCode, stderr, outputs } = await ended;
  const seen = await watched;
  expect(readFileSync(log, "latin1")).toContain("fast-import");
  // The log is among them.
  const leaks = [...filesBelow(folder), ...filesBelow(site.standIn.bareFolder("acme/site"))].filter((file) =>
    holdsToken(readFileSync(file, "latin1")),
  );
  expect(holdsToken(stderr + JSON.stringify(outputs))).toBe(false);
  return { exitCode, stderr, seen, leaks };
}

it("shows the token to nobody but GitHub: after success, failure and kills", async () => {
  const site = await startSite({ private: true });
  const check = ({ seen, leaks }: Spied) => {
    expect(leaks).toEqual([]);
    for (const [command, environment] of seen) expect(holdsToken(command + environment), command).toBe(false);
  };
  const success = await spiedSync(site, 1, TOKEN);
  expect(success.exitCode, success.stderr).toBe(0);
  check(success);
  const commands = [...success.seen.keys()].join("\n");
  for (const child of ["remote-http", "credential-helper.mjs"]) expect(commands).toContain(child);

  site.standIn.protectBranch("acme/site", "codex/benchmark-sync-nightly");
  const failure = await spiedSync(site, 2, TOKEN);
  expect(failure.exitCode, failure.stderr).toBe(73);
  check(failure);
  site.standIn.protectBranch("acme/site", "codex/benchmark-sync-nightly", false);

  site.standIn.addFault({ match: /git-receive-pack/, how: { kind: "delay", delayMs: 300 }, times: 10 });
  const killed = await spiedSync(site, 3, TOKEN, /POST .*git-receive-pack/);
  expect(killed.exitCode).toBe(null);
  check(killed);

  const { apiUrl, gitUrl } = site.standIn;
  const hosts = [apiUrl, gitUrl].map((url) => new URL(url).host);
  for (const { url, host, headers } of site.standIn.requests) {
    expect(holdsToken(url)).toBe(false);
    if (headers.authorization !== undefined) expect(hosts).toContain(host);
    expect(holdsToken(JSON.stringify({ ...headers, authorization: "" }))).toBe(false);
  }
});
