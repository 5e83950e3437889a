/** @module-tag slow */
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { PROJECT_ROOT } from "@forgebench/io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listScripts } from "./source-tree.ts";
import { bundlesOf, copyWithoutBundles, runNode } from "./test-helpers.ts";

const SCRIPT = "scripts/bench/merge-runs";

let folder = "";

beforeAll(() => {
  // A path with a space.
  folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "launcher test ")));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const copy = (name: string) => copyWithoutBundles(path.join(folder, name));

const indexOf = (project: string) => path.join(bundlesOf(project), "merge-runs.json");
const bundleFolders = (project: string) =>
  readdirSync(bundlesOf(project)).filter((name) => name.startsWith("scripts-"));

/** Changes what the help of the script says first. */
function sayInHelp(project: string, text: string): void {
  const file = path.join(project, `${SCRIPT}.ts`);
  const source = readFileSync(file, "utf8");
  writeFileSync(file, source.replace(/purpose:\s+"[^"]*"/, `purpose: "${text}"`));
}

describe("a launcher", () => {
  let project = "";
  beforeAll(() => {
    project = copy("one");
  });
  const help = (env?: NodeJS.ProcessEnv) => runNode(project, [`${SCRIPT}.mjs`, "--help"], env);

  it("starts several at once where there is no bundle yet, and leaves one", async () => {
    const ended = await Promise.all([help(), help(), help()]);
    for (const { code, stdout, stderr } of ended) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("bench:merge");
    }
    expect(bundleFolders(project)).toHaveLength(1);
    expect(readdirSync(bundlesOf(project)).filter((name) => /^making-|\.tmp$/.test(name))).toEqual([]);
  });

  it.each(listScripts(PROJECT_ROOT))("starts %s", async (name) => {
    const { code, stdout, stderr } = await runNode(project, [`scripts/bench/${name}.mjs`, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Flags:");
    const wrong = await runNode(project, [`scripts/bench/${name}.mjs`, "--no-such-flag"]);
    expect(wrong).toMatchObject({
      code: 64,
      stdout: "",
      stderr: expect.stringContaining("unknown flag --no-such-flag"),
    });
  });

  it("runs what the sources say now, and keeps the bundle of before for those that run from it", async () => {
    sayInHelp(project, "Says something new.");
    expect((await help()).stdout).toContain("Says something new.");
    expect(bundleFolders(project)).toHaveLength(2);
    // Touched, with the content of before.
    sayInHelp(project, "Says something new.");
    expect((await help()).stdout).toContain("Says something new.");
    expect(bundleFolders(project)).toHaveLength(2);
  });

  it.each(["truncated", "changed", "removed"])("makes a bundle anew that was %s", async (how) => {
    const { folder: bundle } = JSON.parse(readFileSync(indexOf(project), "utf8"));
    for (const file of readdirSync(path.join(bundlesOf(project), bundle))) {
      const full = path.join(bundlesOf(project), bundle, file);
      if (how === "truncated") truncateSync(full, 100);
      if (how === "changed") appendFileSync(full, "\nthrow new Error('changed');\n");
      if (how === "removed") rmSync(full);
    }
    expect(await help()).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("something new") });
    expect(await help()).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("something new") });
  });

  it("takes an index that is torn, or no index at all, for none", async () => {
    for (const text of ["null", '{"folder":']) {
      writeFileSync(indexOf(project), text);
      expect(await help()).toMatchObject({ code: 0, stderr: "" });
    }
  });

  it("runs from source, and says so, where no bundle can be written or made", async () => {
    rmSync(bundlesOf(project), { recursive: true });
    writeFileSync(bundlesOf(project), "a file in the place of the folder");
    expect(await help({ GITHUB_TOKEN: "x" })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("something new"),
      stderr: expect.stringMatching(/^note: merge-runs runs from source, which starts slowly: .*(ENOTDIR|EEXIST)/),
    });
    rmSync(bundlesOf(project));
    writeFileSync(path.join(project, "scripts/bench/plan-night.ts"), "this is { no script");
    expect(await help()).toMatchObject({ code: 0, stderr: expect.stringMatching(/runs from source.*Build failed/) });
  });

  it("says what to do where the packages are not installed", async () => {
    rmSync(path.join(project, "node_modules"), { recursive: true });
    const { code, stderr } = await help();
    expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringContaining("try   npm run setup") });
  });
});

it("two checkouts of different commits that share a temporary folder each run their own", async () => {
  const [one, other] = [copy("commit a"), copy("commit b")];
  sayInHelp(one, "Is the first.");
  sayInHelp(other, "Is the second.");
  const env = { TMPDIR: folder };
  const texts = await Promise.all(
    [one, other, one, other].map((project) => runNode(project, [`${SCRIPT}.mjs`, "--help"], env)),
  );
  expect(texts.map(({ stdout }) => /Is the \w+/.exec(stdout)?.[0])).toEqual([
    ...["Is the first", "Is the second", "Is the first", "Is the second"],
  ]);
});
