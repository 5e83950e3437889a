import { describe, expect, it } from "vitest";
import { executable, fillPlaces, subjectCommand, versionCommand } from "./subject-command.ts";
import { makeSuite } from "./test-helpers.ts";

const suite = makeSuite();
const places = {
  cli: "/a b/{input}/cli.js",
  input: "/in",
  inputFile: "/in/a",
  outDir: "/out",
  manifest: "/m.json",
  suiteDir: "/suites",
};
const [profile] = suite.profiles;
if (profile === undefined) throw new Error("no profile");

describe("subjectCommand", () => {
  it("puts the profile's arguments and the places in, each argument on its own", () => {
    expect(subjectCommand(suite, profile, places, "head")).toEqual([
      "node",
      "/a b/{input}/cli.js",
      "/in",
      "--formats",
      "webp",
      "--out-dir",
      "/out",
      "--output",
      "/m.json",
    ]);
  });

  it("puts the arguments of the arm in, with their places", () => {
    const arms = { head: { arguments: ["-5", "{suiteDir}/x"] }, base: { arguments: [] } };
    const own = { ...suite, arms, subject: { argv: ["tool", "{arm}", "{inputFile}", "{{arm}}"] } };
    expect(subjectCommand(own, profile, places, "head")).toEqual(["tool", "-5", "/suites/x", "/in/a", "{arm}"]);
    expect(subjectCommand(own, profile, places, "base")).toEqual(["tool", "/in/a", "{arm}"]);
  });

  it("has nothing for a place that is not there", () => {
    expect(() => fillPlaces("{inputFile}", { input: "i", outDir: "o", manifest: "m" })).toThrow(
      'nothing is ready for {inputFile} of "{inputFile}"',
    );
  });

  it("fills places once, inside arguments too, and leaves other braces", () => {
    expect(fillPlaces("--out={outDir}/x {cli} {other} {profile}", places)).toBe(
      "--out=/out/x /a b/{input}/cli.js {other} {profile}",
    );
  });
});

describe("versionCommand", () => {
  it("asks the CLI alone", () => {
    expect(versionCommand(suite, "/cli.js")).toEqual(["node", "/cli.js", "--version"]);
    expect(
      versionCommand(makeSuite({ subject: { ...suite.subject, argv: ["tool", "--cli={cli}"] } }), "/cli.js"),
    ).toBeUndefined();
  });
});

describe("executable", () => {
  it("takes this Node for node, in the first place alone", () => {
    expect(executable(["node", "node"], "/n")).toEqual(["/n", "node"]);
    expect(executable(["python3", "x"], "/n")).toEqual(["python3", "x"]);
  });
});
