import { describe, expect, it } from "vitest";
import { EXIT } from "./errors.ts";
import { type Options, parseOptions } from "./options.ts";

const parse = (...argv: string[]) => parseOptions(["in", "--out-dir", "out", ...argv], "/data") as Options;

function failure(...argv: string[]): unknown {
  try {
    return parseOptions(argv, "/data");
  } catch (error) {
    return error;
  }
}

describe("parseOptions", () => {
  it("has defaults for all but the two folders", () => {
    const { concurrency, ...rest } = parse();
    expect(concurrency).toBeGreaterThanOrEqual(1);
    expect(rest).toEqual({
      inputDir: "/data/in",
      outDir: "/data/out",
      manifestPath: "/data/out/manifest.json",
      settings: { formats: ["webp"], quality: 80, blur: true, widths: [] },
      useCache: true,
      mode: "run",
      forceOverwrite: false,
      include: [],
      exclude: [],
      maxPixels: 100_000_000,
      json: false,
      verbosity: "normal",
    });
  });

  it("reads every flag, as --flag value and --flag=value, after a leading --", () => {
    const argv = ["--", "in", "--out-dir=o", "--output", "m.json", "--formats", "avif, WEBP,avif", "--quality=7"];
    const more = ["--widths", "640,320,640", "--no-blur", "--concurrency", "3", "--no-cache", "--dry-run"];
    const rest = ["--force-overwrite", "--include=*.jpg", "--include", "a/**", "--exclude", "x*", "--max-pixels", "9"];
    const options = parseOptions([...argv, ...more, ...rest, "--json", "--verbose"], "/data");
    expect(options).toEqual({
      inputDir: "/data/in",
      outDir: "/data/o",
      manifestPath: "/data/m.json",
      settings: { formats: ["webp", "avif"], quality: 7, blur: false, widths: [320, 640] },
      concurrency: 3,
      useCache: false,
      mode: "dry-run",
      forceOverwrite: true,
      include: ["*.jpg", "a/**"],
      exclude: ["x*"],
      maxPixels: 9,
      json: true,
      verbosity: "verbose",
    });
    expect(parse("--check", "--quiet", "--blur", "--cache")).toMatchObject({ mode: "check", verbosity: "quiet" });
  });

  it.each([
    [["--out-dir", "o"], "INPUT_DIR is missing"],
    [["in"], "--out-dir is missing"],
    [["in", "two", "--out-dir", "o"], 'unexpected argument "two"'],
    [["in", "--out-dir", ""], '--out-dir: "" is empty'],
    [["in", "--out-dir", "o", "--output", ""], '--output: "" is empty'],
    [["in", "--out-dir", "o", "--output", "o/a.webp"], '"o/a.webp" is named like an image'],
    [["in", "--out-dir"], "--out-dir"],
    [["in", "--out-dir", "o", "--quality", "--json"], "--quality"],
    [["in", "--out-dir", "o", "--colour"], "--colour"],
    [["in", "--out-dir", "o", "--json=yes"], "--json"],
    [["in", "--out-dir", "o", "--formats", "webp,jxl"], '"jxl" is not one of webp, avif'],
    [["in", "--out-dir", "o", "--formats="], '"" is not one of webp, avif'],
    [["in", "--out-dir", "o", "--quality", "abc"], '--quality: "abc" is not a whole number from 1 to 100'],
    [["in", "--out-dir", "o", "--quality", "101"], '--quality: "101"'],
    [["in", "--out-dir", "o", "--quality", "0x50"], '--quality: "0x50"'],
    [["in", "--out-dir", "o", "--concurrency", "0"], '--concurrency: "0"'],
    [["in", "--out-dir", "o", "--max-pixels", "1e9"], '--max-pixels: "1e9"'],
    [["in", "--out-dir", "o", "--widths", "320,,640"], '--widths: "" is not a whole number from 1 to 16383'],
    [["in", "--out-dir", "o", "--widths", "20000"], '--widths: "20000"'],
    [["in", "--out-dir", "o", "--blur", "--no-blur"], "--blur and --no-blur contradict each other"],
    [["in", "--out-dir", "o", "--cache", "--no-cache"], "--cache and --no-cache"],
    [["in", "--out-dir", "o", "--quiet", "--verbose"], "--quiet and --verbose"],
    [["in", "--out-dir", "o", "--check", "--no-cache"], "--check and --no-cache"],
    [["in", "--out-dir", "o", "--check", "--dry-run"], "--check and --dry-run"],
  ])("refuses %j with the flag and what is allowed", (argv, message) => {
    expect(failure(...argv)).toMatchObject({ exitCode: EXIT.usage, message: expect.stringContaining(message) });
  });

  it("answers --help and --version before it asks for the folders", () => {
    expect(parseOptions(["--help"], "/")).toBe("help");
    expect(parseOptions(["-h"], "/")).toBe("help");
    expect(parseOptions(["--version"], "/")).toBe("version");
  });
});
