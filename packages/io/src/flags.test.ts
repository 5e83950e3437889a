import { UsageError } from "@forgebench/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  choiceFlag,
  integerFlag,
  listFlag,
  numberFlag,
  optionalInteger,
  optionalPath,
  optionalText,
  pathFlag,
  requiredText,
  switchFlag,
} from "./flag-kinds.ts";
import { describeFlags, HELP_REQUESTED, parseFlags } from "./flags.ts";

const table = {
  repo: requiredText({
    placeholder: "OWNER/NAME",
    pattern: /^[\w.-]+\/[\w.-]+$/,
    expected: "owner/name",
    description: "d",
  }),
  count: integerFlag({ min: 1, max: 100, unit: "images", fallback: 8, description: "d" }),
  "warm-pct": numberFlag({ min: 0, max: 1000, unit: "a percentage", fallback: 10, description: "d" }),
  offset: optionalInteger({ min: -5, max: 5, unit: "steps", description: "d" }),
  "out-dir": pathFlag({ fallback: ".tmp/out", description: "d" }),
  input: optionalPath({ description: "d" }),
  note: optionalText({ description: "d" }),
  mode: choiceFlag({ choices: ["advisory", "strict"], fallback: "advisory", description: "d" }),
  profiles: listFlag({ fallback: ["P1", "P2"], description: "d" }),
  "dry-run": switchFlag({ description: "d" }),
};
const context = { cwd: "/base/cwd", projectRoot: "/base/project" };
const REPO = ["--repo", "a/b"];

function parse(...argv: string[]) {
  const values = parseFlags(table, argv, context);
  if (values === HELP_REQUESTED) throw new Error("help was not asked for");
  return values;
}

/** The message and the details of the refusal, one text. */
function refusal(...argv: string[]): string {
  try {
    parse(...argv);
  } catch (error) {
    if (error instanceof UsageError) {
      return [error.message, ...error.details.map(({ label, text }) => `${label}: ${text}`)].join("\n");
    }
    throw error;
  }
  throw new Error(`${JSON.stringify(argv)} was accepted`);
}

describe("parseFlags accepts", () => {
  it("nothing but what is required, and fills in defaults below the project's root", () => {
    expect(parse(...REPO)).toEqual({
      repo: "a/b",
      count: 8,
      warmPct: 10,
      offset: undefined,
      outDir: "/base/project/.tmp/out",
      input: undefined,
      note: undefined,
      mode: "advisory",
      profiles: ["P1", "P2"],
      dryRun: false,
    });
  });

  it("--flag value and --flag=value alike, after a leading --", () => {
    const spaced = ["--count", "9", "--mode", "strict", "--profiles", "P3", "--dry-run", "--out-dir", "x"];
    const joined = ["--count=9", "--mode=strict", "--profiles=P3", "--dry-run", "--out-dir=x"];
    const expected = parse(...REPO, ...spaced);
    expect(expected).toMatchObject({ count: 9, mode: "strict", profiles: ["P3"], dryRun: true, outDir: "/base/cwd/x" });
    expect(parse(...REPO, ...joined)).toEqual(expected);
    expect(parse("--", ...REPO, ...spaced)).toEqual(expected);
  });

  it("values that look odd but are right", () => {
    expect(parse(...REPO, "--offset", "-5").offset).toBe(-5);
    expect(parse(...REPO, "--offset=-5").offset).toBe(-5);
    expect(parse(...REPO, "--warm-pct", "12.5").warmPct).toBe(12.5);
    expect(parse(...REPO, "--note=--dry-run").note).toBe("--dry-run");
    expect(parse(...REPO, "--note", "a=b").note).toBe("a=b");
    expect(parse(...REPO, "--input", "/ab s/ü ö/-x").input).toBe("/ab s/ü ö/-x");
    expect(parse(...REPO, "--profiles", "P1, P2").profiles).toEqual(["P1", "P2"]);
  });

  it("--help among anything else", () => {
    expect(parseFlags(table, ["--count", "abc", "--help"], context)).toBe(HELP_REQUESTED);
    expect(parseFlags(table, ["-h"], context)).toBe(HELP_REQUESTED);
    expect(parseFlags(table, ["--", "--help"], context)).toBe(HELP_REQUESTED);
  });
});

describe("parseFlags refuses", () => {
  it.each([
    ["an unknown flag, with the one that is near", ["--cuont", "3"], "unknown flag --cuont\nmeant: --count?"],
    ["an unknown flag that is near to none", ["--frobnicate"], "unknown flag --frobnicate\nsee: --help"],
    ["a short flag", ["-x"], "unknown flag -x\nsee: --help"],
    ["a name of every object", ["--constructor=1"], "unknown flag --constructor\nsee: --help"],
    ["a prototype", ["--__proto__=1"], "unknown flag --__proto__\nsee: --help"],
    ["an argument without flag", ["file.json"], 'unexpected argument "file.json"'],
    ["a second --", ["--", "--count", "3"], 'unexpected "--" between the arguments'],
    ["a flag given twice", ["--count", "3", "--count=4"], "--count is given more than once"],
    ["a value at the end that is missing", ["--count"], "--count needs a value\nexpected: --count N"],
    ["a value that is the next flag", ["--out-dir", "--dry-run"], "--out-dir needs a value\nexpected: --out-dir PATH"],
    ["a value for a switch", ["--dry-run=yes"], '--dry-run takes no value, but has "yes"'],
    [
      "a word for a number",
      ["--count", "abc"],
      '--count: "abc" is not a number\nexpected: a whole number from 1 to 100 (images), for example --count 8',
    ],
    ["an empty number", ["--count="], '--count: "" is not a number'],
    [
      "NaN",
      ["--warm-pct", "NaN"],
      '--warm-pct: "NaN" is not a number\nexpected: a number from 0 to 1000 (a percentage), for example --warm-pct 10',
    ],
    ["Infinity", ["--warm-pct", "Infinity"], '"Infinity" is not a number'],
    ["an exponent", ["--count", "1e1"], '"1e1" is not a number'],
    ["a hexadecimal number", ["--count", "0x10"], '"0x10" is not a number'],
    ["a number with a unit", ["--count", "10 images"], '"10 images" is not a number'],
    ["a fraction", ["--count", "1.5"], '--count: "1.5" is not a whole number'],
    ["too little", ["--count", "0"], '--count: "0" is out of range\nexpected: a whole number from 1 to 100'],
    ["too much", ["--count", "101"], '--count: "101" is out of range'],
    ["a huge number", ["--count", "9".repeat(400)], "is out of range"],
    ["a negative number", ["--count", "-3"], '--count: "-3" is out of range'],
    ["an empty path", ["--out-dir", ""], '--out-dir: "" is empty\nexpected: a path'],
    ["an empty path after =", ["--input="], '--input: "" is empty'],
    ["a path of two lines", ["--out-dir", "a\nb"], '--out-dir: "a\\nb" holds a control character'],
    ["an empty text", ["--note", ""], '--note: "" is empty'],
    ["an empty part of a list", ["--profiles", "P1,,P2"], '--profiles: "P1,,P2" has an empty part'],
    [
      "a word that is no choice",
      ["--mode", "Strict"],
      '--mode: "Strict" is not one of the choices\nexpected: advisory, strict',
    ],
  ])("%s", (_, argv, expected) => {
    expect(refusal(...REPO, ...argv)).toContain(expected);
  });

  it("what is required and missing or of the wrong form", () => {
    expect(refusal()).toBe("missing --repo\nsee: --help");
    expect(refusal("--repo", "nobody")).toBe('--repo: "nobody" has the wrong form\nexpected: owner/name');
  });

  it("or understands anything at all, and never fails otherwise", () => {
    const arg = fc.oneof(
      fc.constantFrom(
        ...Object.keys(table).map((name) => `--${name}`),
        "--",
        "-h",
        "--help",
        "=",
        "--=",
        "---",
        "-",
        "--no-dry-run",
      ),
      fc.string({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(arg, { maxLength: 6 }), (argv) => {
        try {
          parseFlags(table, argv, context);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("no whole number in range and every other one", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), (value) => {
        if (value >= 1 && value <= 100) expect(parse(...REPO, `--count=${value}`).count).toBe(value);
        else expect(refusal(...REPO, `--count=${value}`)).toContain("is out of range");
      }),
    );
  });
});

it("describes each flag with its default or that it is required", () => {
  const text = describeFlags(table);
  expect(text).toContain("--repo OWNER/NAME");
  expect(text).toContain("d (required)");
  expect(text).toMatch(/--count N +d \(8\)/);
  expect(text).toMatch(/--dry-run +d\n/);
  expect(text).toContain("--mode advisory|strict");
  expect(text.split("\n")).toHaveLength(Object.keys(table).length + 1);
});
