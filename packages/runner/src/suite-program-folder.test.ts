import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Suite } from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assertProgramsThere, commandFactsOf, foreignFolders, hashProgram } from "./suite-program-folder.ts";
import { makeSuite } from "./test-helpers.ts";

const suiteDir = realpathSync(mkdtempSync(path.join(os.tmpdir(), "suite program ü-")));
afterAll(() => rmSync(suiteDir, { recursive: true, force: true }));
const file = (name: string) => path.join(suiteDir, name);

beforeAll(() => {
  mkdirSync(file("bin/folder"), { recursive: true });
  writeFileSync(file("bin/tool"), "#!/bin/sh\n");
  chmodSync(file("bin/tool"), 0o755);
  symlinkSync("tool", file("bin/link"));
  writeFileSync(file("bin/text"), "no program");
  writeFileSync(file("work.py"), "pass");
});

const placeOf = (argv: readonly string[], changes: Partial<Suite> = {}) => ({
  suite: { ...makeSuite(), subject: { argv: [...argv] }, ...changes },
  suitePath: "s.yaml",
  suiteDir,
  searchPath: `/nowhere:${file("bin")}`,
  nodePath: process.execPath,
});

describe("hashProgram", () => {
  it("finds a program on the PATH, beside the suite, or where it is said to be", async () => {
    const sha256 = await hashProgram(placeOf(["tool"]));
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    for (const word of ["link", "{suiteDir}/bin/tool", file("bin/tool")]) {
      expect(await hashProgram(placeOf([word]))).toBe(sha256);
    }
    expect(await hashProgram(placeOf(["node"]))).toBe(await hashProgram(placeOf([process.execPath])));
  });

  it.each([
    ["tol", '"tol" is not on the PATH, "tool" is meant?: install it'],
    ["text", '"text" is not on the PATH'],
    ["folder", '"folder" is not on the PATH'],
    ["./tool", '"./tool" would be searched in the folder of the run; write {suiteDir}/…'],
    ["work.py", '"work.py" is not on the PATH but beside the suite: write "{suiteDir}/work.py"'],
    ["{suiteDir}/work.py", '"{suiteDir}/work.py" is not an executable program'],
  ])("refuses %j", async (word, message) => {
    await expect(hashProgram(placeOf([word]))).rejects.toThrow(
      `Cannot read suite "s.yaml": subject.argv[0]: ${message}`,
    );
    await expect(hashProgram(placeOf([word]))).rejects.toThrow(ArtifactError);
  });
});

describe("assertProgramsThere", () => {
  const check = (changes: Partial<Suite>, argv = ["tool"], usesPlantCommand = true) =>
    assertProgramsThere(placeOf(argv, changes), { phases: ["warm", "p"], usesPlantCommand });
  const preparing = (word: string) => ({ phases: { p: { prepare: [word, "x"] } } });

  it("takes what is there, and what lies in a place of the run", async () => {
    for (const word of ["tool", "node", "{suiteDir}/bin/tool", "{outDir}/made", "./made"]) await check(preparing(word));
    await check({ plantCommand: ["tool", "{command}"] }, ["{cli}"]);
    await check({ plantCommand: ["nowhere", "{command}"] }, ["tool"], false);
    await check({ phases: { other: { prepare: ["nowhere"] } } });
  });

  it.each<[Partial<Suite>, string, string[]?]>([
    [preparing("tol"), 'phases.p.prepare[0]: "tol" is not on the PATH, "tool" is meant?'],
    [preparing("work.py"), 'phases.p.prepare[0]: "work.py" is not on the PATH but beside the suite'],
    [preparing("{suiteDir}/work.py"), 'phases.p.prepare[0]: "{suiteDir}/work.py" is not an executable program'],
    [{ plantCommand: ["tooll", "{command}"] }, 'plantCommand[0]: "tooll" is not on the PATH, "tool" is meant?'],
    [{}, 'subject.argv[0]: "toool" is not on the PATH, "tool" is meant?', ["toool", "{cli}"]],
  ])("refuses what is not: %#", async (changes, message, argv) => {
    await expect(check(changes, argv)).rejects.toThrow(`Cannot read suite "s.yaml": ${message}`);
  });
});

describe("commandFactsOf", () => {
  it("tells arms by their arguments, and commands by the files beside the suite that they name", async () => {
    expect(await commandFactsOf(placeOf(["tool", "{suiteDir}"]), "head")).toEqual({});
    const arms = { head: { arguments: ["-5"] }, base: { arguments: ["-3"] } };
    const place = placeOf(["python3", "{suiteDir}/work.py", "{arm}"], { arms });
    const [head, base] = [await commandFactsOf(place, "head"), await commandFactsOf(place, "base")];
    expect(head.filesSha256).toBe(base.filesSha256);
    expect(head.argumentsSha256).not.toBe(base.argumentsSha256);
    writeFileSync(file("work.py"), "print()");
    expect((await commandFactsOf(place, "head")).filesSha256).not.toBe(head.filesSha256);
  });

  it("refuses a file that is not there", async () => {
    await expect(commandFactsOf(placeOf(["python3", "{suiteDir}/wrok.py"]), "head")).rejects.toThrow(
      'subject.argv[1]: "{suiteDir}/wrok.py": there is no such file or folder beside the suite, "work.py" is meant?',
    );
  });

  it("names the place of a file that is not there", async () => {
    const place = placeOf(["tool"], { phases: { p: { prepare: ["sh", "{suiteDir}/nowhere.sh"] } } });
    await expect(commandFactsOf(place, "head")).rejects.toThrow(
      'phases.p.prepare[1]: "{suiteDir}/nowhere.sh": there is',
    );
  });
});

it("foreignFolders finds the folders of this machine that a command names, and takes no pattern for one", async () => {
  const foldersOf = (...argv: string[]) => foreignFolders(placeOf(argv).suite);
  const tool = file("bin/tool");
  const plain = path.join(os.tmpdir(), "plain-data.txt");
  expect(
    await foldersOf(tool, "/usr/bin/env", "/nowhere/x", "/a/p", "a/b", "{outDir}/x", "https://example.org/x"),
  ).toEqual([file("bin")]);
  expect(await foldersOf("x", `--data=${plain}`)).toEqual([os.tmpdir()]);
  expect(await foldersOf("sh", "-c", `cat '${plain}'|wc`)).toEqual([os.tmpdir()]);
});
