import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Suite } from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { prepareSuiteInputs } from "./suite-inputs-folder.ts";
import { makeSuite } from "./test-helpers.ts";

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "suite inputs ü-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const file = (name: string) => path.join(root, name);
const put = (name: string, text: string) => {
  mkdirSync(path.dirname(file(name)), { recursive: true });
  writeFileSync(file(name), text);
};

beforeEach(() => {
  for (const name of ["suites", "data", "work"]) rmSync(file(name), { recursive: true, force: true });
  put("suites/a.json", "{}");
  put("suites/sub/b.json", "[]");
  put("suites/sub/deep/c.txt", "c");
  put("suites/sub/deep/.hidden", "h");
  put("data/big.bin", "0".repeat(1000));
});

/** Prepares the inputs of a suite of one scenario, `s`, that is measured, and perhaps another, that is not. */
function prepare(inputs: readonly string[], changes: Partial<Suite> = {}) {
  const suite = { ...makeSuite({ scenarios: [{ name: "s" }] }), inputs: [...inputs], ...changes };
  const scenarios = suite.scenarios.filter(({ name }) => name === "s");
  const folder = file("work/scratch/inputs");
  return prepareSuiteInputs({ suite, suitePath: file("suites/s.yaml"), scenarios, folder, workspace: file("work") });
}

const namesIn = async (inputs: readonly string[]) => (await prepare(inputs)).files.s;

describe("prepareSuiteInputs", () => {
  it("copies files by their name, the content of folders, and what a glob finds below its fixed part", async () => {
    expect(await namesIn(["a.json", "../data/big.bin"])).toEqual(["a.json", "big.bin"]);
    expect(await namesIn(["sub"])).toEqual(["b.json", "deep/.hidden", "deep/c.txt"]);
    expect(await namesIn(["{suiteDir}/sub"])).toEqual(["b.json", "deep/.hidden", "deep/c.txt"]);
    expect(await namesIn(["sub/*"])).toEqual(["b.json"]);
    expect(await namesIn(["sub/**/*.{txt,json}"])).toEqual(["b.json", "deep/c.txt"]);
    expect(await namesIn(["*.json", "a.json"])).toEqual(["a.json"]);
  });

  it("takes a linked folder that is named, and leaves one alone that a glob does not go into", async () => {
    put("suites/linked/x.txt", "x");
    symlinkSync("../sub/deep", file("suites/linked/link"));
    expect(await namesIn(["linked/*.txt", "linked/link"])).toEqual([".hidden", "c.txt", "x.txt"]);
  });

  it("gives the measured scenarios a copy of their own, of nothing where there is nothing", async () => {
    const inputs = await prepare(["a.json"]);
    writeFileSync(path.join(inputs.folders.s ?? "", "a.json"), "changed");
    expect(readFileSync(file("suites/a.json"), "utf8")).toBe("{}");
    expect(inputs.imageCounts).toEqual({});
    await expect(inputs.reread("s")).rejects.toThrow(
      'the input of "s" changed during the measurement: "a.json" has other bytes',
    );
    const { inputs: _, ...bare } = makeSuite({ scenarios: [{ name: "s" }] });
    const none = await prepareSuiteInputs({
      suite: bare,
      suitePath: file("suites/s.yaml"),
      scenarios: bare.scenarios,
      folder: file("work/none"),
      workspace: file("work"),
    });
    expect(readdirSync(none.folders.s ?? "")).toEqual([]);
    expect(none.files).toEqual({ s: [] });
    await none.reread("s");
  });

  it("names the content of all scenarios, whichever of them are measured here", async () => {
    const two = makeSuite({ scenarios: [{ name: "s" }, { name: "t", inputs: ["sub/b.json"] }] }).scenarios;
    const one = await prepare(["a.json"]);
    const both = await prepare(["a.json"], { scenarios: two });
    expect(both.datasetSha256).not.toBe(one.datasetSha256);
    expect(Object.keys(both.folders)).toEqual(["s"]);
    put("suites/sub/b.json", "[1]");
    expect((await prepare(["a.json"], { scenarios: two })).datasetSha256).not.toBe(both.datasetSha256);
    expect((await prepare(["a.json"])).datasetSha256).toBe(one.datasetSha256);
  });

  it("leaves the workspace out of a folder that holds it", async () => {
    put("work/raw-runs.jsonl", "x");
    expect(await namesIn([".."])).toEqual([
      ...["data/big.bin", "suites/a.json", "suites/sub/b.json", "suites/sub/deep/.hidden", "suites/sub/deep/c.txt"],
    ]);
  });

  it.runIf(process.platform === "linux")("refuses a file that cannot be read", async () => {
    symlinkSync("/proc/self/mem", file("suites/unreadable"));
    await expect(prepare(["unreadable"])).rejects.toThrow('inputs: "unreadable" cannot be read: ');
  });

  it.each<[string, string[], string]>([
    [
      "a file that is not there",
      ["a.json", "b.json"],
      'inputs[1]: "b.json": there is no such file or folder, seen from',
    ],
    ["a glob that finds nothing", ["sub/*.xml"], 'inputs[0]: "sub/*.xml" matches no file below "sub"'],
    [
      "a glob in a folder that is not there",
      ["nowhere/*.xml"],
      'inputs[0]: "nowhere/*.xml": there is no folder "nowhere"',
    ],
    ["a folder without files", ["empty"], 'inputs[0]: "empty" is a folder without files'],
    [
      "two files at one place",
      ["sub/b.json", "other/b.json"],
      'inputs[1]: "other/b.json" has a "b.json", and so has another input',
    ],
    ["a glob that would leave out a linked folder", ["linked/**"], 'inputs[0]: "link" is a link to a folder: name it'],
    ["a folder with a linked folder", ["linked"], 'inputs[0]: "link" is a link to a folder: name it'],
    [
      "a folder with a link that leads nowhere",
      ["links"],
      'inputs[0]: the folder holds "dead", which is not a plain file',
    ],
  ])("refuses %s", async (_, inputs, message) => {
    mkdirSync(file("suites/empty/deeper"), { recursive: true });
    put("suites/other/b.json", "{}");
    mkdirSync(file("suites/links"));
    put("suites/linked/x.txt", "x");
    symlinkSync("../sub", file("suites/linked/link"));
    symlinkSync("nowhere", file("suites/links/dead"));
    await expect(prepare(inputs)).rejects.toThrow(`Cannot read suite "${file("suites/s.yaml")}": ${message}`);
    await expect(prepare(inputs)).rejects.toThrow(ArtifactError);
  });
});
