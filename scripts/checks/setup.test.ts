import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { PROJECT_ROOT } from "@forgebench/io";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { withoutSecrets } from "../launcher/secrets.mjs";
import { bundlesOf, runNode } from "./test-helpers.ts";

let folder = "";

beforeAll(() => {
  folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "setup test ")));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("gives a compiler neither tokens nor what a flag names as one", () => {
  const env = { PATH: "/bin", GITHUB_TOKEN: "a", MY_SECRET: "b", API_KEY: "c", OTHER: "d", HOME: "/root" };
  expect(withoutSecrets(env, ["--token-env", "OTHER"])).toEqual({ PATH: "/bin", HOME: "/root" });
  expect(withoutSecrets(env, ["--token-env=OTHER"])).toEqual({ PATH: "/bin", HOME: "/root" });
});

describe("setting up", () => {
  const SETUP = "scripts/launcher/setup.mjs";
  let project = "";
  let log = "";

  /** A folder with an npx that writes down that it was called, and then does what it is told. */
  function withNpx(then: string): NodeJS.ProcessEnv {
    const programs = path.join(folder, "programs");
    mkdirSync(programs, { recursive: true });
    writeFileSync(path.join(programs, "npx"), `#!/bin/sh\necho "$@" >> "${log}"\n${then}\n`, { mode: 0o755 });
    return { PATH: `${programs}${path.delimiter}${process.env.PATH}` };
  }
  const calls = () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").length : 0);

  beforeAll(() => {
    project = path.join(folder, "set up");
    cpSync(path.join(PROJECT_ROOT, "scripts/launcher"), path.join(project, "scripts/launcher"), { recursive: true });
    // Whether something is installed is looked at here; bundling has tests of its own.
    writeFileSync(path.join(project, "scripts/launcher/make-bundle.mjs"), "");
    for (const [home, needed] of [["", "tsx"] as const, ["packages/io", "execa"] as const]) {
      mkdirSync(path.join(project, home, "node_modules", needed), { recursive: true });
      writeFileSync(path.join(project, home, "package.json"), JSON.stringify({ dependencies: { [needed]: "1.0.0" } }));
    }
    for (const name of ["pnpm-lock.yaml", "pnpm-workspace.yaml"]) writeFileSync(path.join(project, name), "");
    log = path.join(folder, "npx.log");
  });
  beforeEach(() => rmSync(log, { force: true }));

  it("installs once, and then only when what is to be installed has changed", async () => {
    const env = withNpx("exit 0");
    expect(await runNode(project, [SETUP], env)).toMatchObject({ code: 0, stdout: "" });
    expect(readFileSync(log, "utf8")).toMatch(/^-y pnpm@\d+\.\d+\.\d+ install --frozen-lockfile --prefer-offline\n$/);
    expect(await runNode(project, [SETUP, "--if-changed"], env)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(calls()).toBe(1);
    appendFileSync(path.join(project, "pnpm-lock.yaml"), "\n# changed\n");
    expect(await runNode(project, [SETUP, "--if-changed"], env)).toMatchObject({ code: 0 });
    expect(calls()).toBe(2);
    const packages = path.join(project, "packages/io/node_modules");
    renameSync(packages, `${packages}-away`);
    await runNode(project, [SETUP, "--if-changed"], env);
    renameSync(`${packages}-away`, packages);
    expect(calls()).toBe(3);
  });

  it("installs again after one that failed or was killed", async () => {
    const failed = await runNode(project, [SETUP], withNpx("exit 7"));
    expect(failed).toMatchObject({ code: 69, stderr: expect.stringContaining("Cannot install the packages") });
    const program = path.join(project, SETUP);
    const started = path.join(folder, "started");
    const env = { ...process.env, ...withNpx(`touch "${started}"; exec sleep 600`) };
    const child = spawn(process.execPath, [program], { env, stdio: "ignore", detached: true });
    while (!existsSync(started)) await new Promise((resolve) => setTimeout(resolve, 10));
    // With the npx that it waits for.
    process.kill(-(child.pid ?? 0), "SIGKILL");
    await once(child, "exit");
    await runNode(project, [SETUP, "--if-changed"], withNpx("exit 0"));
    expect(calls()).toBe(3);
  });

  it("waits for another one that is under way, and does not do it again", async () => {
    rmSync(path.join(bundlesOf(project), "installed.json"), { force: true });
    const env = withNpx("sleep 1; exit 0");
    const ended = await Promise.all([0, 1].map(() => runNode(project, [SETUP, "--if-changed"], env)));
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(ended.map(({ stderr }) => stderr).join("")).toMatch(/waiting for process \d+, which installs the packages/);
    expect(calls()).toBe(1);
  });

  it("leaves a lock alone that another one is just making", async () => {
    rmSync(path.join(bundlesOf(project), "installed.json"), { force: true });
    const lock = path.join(project, ".tmp", "setup.lock");
    writeFileSync(lock, "");
    const ended = runNode(project, [SETUP, "--if-changed"], withNpx("exit 0"));
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(calls()).toBe(0);
    expect(existsSync(lock)).toBe(true);
    rmSync(lock);
    expect(await ended).toMatchObject({ code: 0 });
  });

  it("refuses arguments that it does not know", async () => {
    expect(await runNode(project, [SETUP, "--force"])).toMatchObject({ code: 64 });
    expect(await runNode(project, [SETUP, "--if-changed", "x"])).toMatchObject({ code: 64 });
  });
});

describe("npm run bench where nothing is installed", () => {
  const QUICKSTART = "scripts/bench/quickstart.mjs";
  let project = "";
  beforeAll(() => {
    project = path.join(folder, "bare");
    for (const name of ["package.json", "pnpm-lock.yaml", "scripts/launcher", QUICKSTART]) {
      cpSync(path.join(PROJECT_ROOT, name), path.join(project, name), { recursive: true });
    }
  });
  // Were anything installed, this would fail.
  const env = { PATH: "" };

  it.each<[string[], NodeJS.ProcessEnv, string]>([
    [["--conut", "5"], {}, "error: unknown flag --conut\n  meant   --count?\nexit 64 (usage)\n"],
    [["--count", "many"], {}, 'error: --count: "many" is not a number\n'],
    [["5"], { npm_lifecycle_event: "bench", npm_config_count: "true" }, "write   npm run bench -- --count 5"],
  ])("refuses %j with %j at once", async (args, more, message) => {
    const { code, stdout, stderr } = await runNode(project, [QUICKSTART, ...args], { ...env, ...more });
    expect({ code, stdout, stderr }).toEqual({ code: 64, stdout: "", stderr: expect.stringContaining(message) });
    expect(existsSync(path.join(project, "node_modules"))).toBe(false);
    expect(existsSync(path.join(project, ".tmp"))).toBe(false);
  });

  it("answers --help", async () => {
    const { code, stdout } = await runNode(project, [QUICKSTART, "--help"], env);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("--time-budget-minutes N") });
  });
});
