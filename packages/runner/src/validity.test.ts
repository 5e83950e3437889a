import { describe, expect, it } from "vitest";
import type { RunResult } from "./executor.ts";
import { ScriptedExecutor } from "./scripted-executor.ts";
import { readSubjectReport } from "./subject-report.ts";
import { makeReport, makeSuite } from "./test-helpers.ts";
import { findFailures } from "./validity.ts";

const suite = makeSuite();

async function failuresOf(result: Partial<RunResult>, phase: "cold" | "warm" = "cold", imageCount = 3, rules = suite) {
  const run = await new ScriptedExecutor(() => result).run({ argv: [], cwd: "", env: {}, timeoutMs: 1 });
  return findFailures(run, readSubjectReport(run, rules.subject.report), { suite: rules, phase, imageCount });
}

describe("findFailures", () => {
  it("finds nothing wrong with runs that are right", async () => {
    expect(await failuresOf({ stdout: makeReport({ total: 3 }) })).toEqual([]);
    expect(await failuresOf({ stdout: makeReport({ total: 3, cached: 3 }) }, "warm")).toEqual([]);
  });

  it("judges a run without a report by how it ended alone", async () => {
    const bare = makeSuite({ subject: { argv: ["sleep", "0.1"] } });
    for (const stdout of ["", "all done", makeReport({ total: 9, failed: 9 })]) {
      expect(await failuresOf({ stdout }, "cold", 3, bare)).toEqual([]);
    }
    expect(await failuresOf({ stdout: "x", stdoutOverflowed: true }, "warm", 3, bare)).toEqual([]);
    expect(await failuresOf({ exitCode: 2, leftBehindCount: 1 }, "cold", 3, bare)).toEqual([
      "exit 2",
      "left 1 process behind",
    ]);
  });

  it("does not hold the total against an input that nobody counts for the subject", async () => {
    const run = await new ScriptedExecutor(() => ({ stdout: makeReport({ total: 8 }) })).run({
      argv: [],
      cwd: "",
      env: {},
      timeoutMs: 1,
    });
    const report = readSubjectReport(run, suite.subject.report);
    expect(findFailures(run, report, { suite, phase: "cold", imageCount: undefined })).toEqual([]);
  });

  it.each<[string, Partial<RunResult>, string[]]>([
    ["exit 1, nothing printed", { exitCode: 1 }, ["exit 1"]],
    ["exit 1 with a good report", { exitCode: 1, stdout: makeReport({ total: 3 }) }, ["exit 1"]],
    ["a signal", { exitCode: null, signal: "SIGSEGV" }, ["ended by SIGSEGV"]],
    [
      "the time limit",
      { timedOut: true, signal: "SIGTERM", exitCode: null, wallMs: 2500 },
      ["ended by the time limit after 2.5 s"],
    ],
    ["no report", {}, ["the subject printed no report"]],
    ["foreign text", { stdout: "done\n" }, [expect.stringMatching(/^the subject's report is not JSON: /)]],
    [
      "JSON of another shape",
      { stdout: "[]" },
      [
        "total is missing, expected the 3 of the input",
        "failed is missing, expected 0",
        "errors: missing, expected none",
        "processed is missing, expected processed = total (total is missing)",
        "cached is missing, expected cached = 0",
      ],
    ],
    ["too much", { stdoutOverflowed: true, stdoutBytes: 100e6 }, ["the subject printed 100.0 MB, too much to keep"]],
    ["a child left", { leftBehindCount: 1, stdout: makeReport({ total: 3 }) }, ["left 1 process behind"]],
    ["children left", { leftBehindCount: 2, stdout: makeReport({ total: 3 }) }, ["left 2 processes behind"]],
    [
      "a failed image",
      { stdout: makeReport({ total: 3, failed: 1 }) },
      ["failed is 1, expected 0", "processed is 2, expected processed = total (total is 3)"],
    ],
    ["an error", { stdout: makeReport({ total: 3, errors: ["x"] }) }, ["errors: 1, expected none; the first: x"]],
    ["a wrong total", { stdout: makeReport({ total: 2 }) }, ["total is 2, expected the 3 of the input"]],
    [
      "a cold run with a cache",
      { stdout: makeReport({ total: 3, cached: 3 }) },
      ["processed is 0, expected processed = total (total is 3)", "cached is 3, expected cached = 0"],
    ],
    [
      "figures that are no numbers",
      { stdout: '{"summary":{"total":"3","processed":3,"cached":0,"failed":0},"errors":[]}' },
      [
        "total is missing, expected the 3 of the input",
        "processed is 3, expected processed = total (total is missing)",
      ],
    ],
  ])("says what is wrong with %s", async (_, result, failures) => {
    expect(await failuresOf(result)).toEqual(failures);
  });

  it("checks the rules of the suite", async () => {
    const rules = makeSuite({
      validity: { cold: ["processed >= 1", "total != 5", "processedBytes < originalBytes"], warm: [] },
    });
    expect(await failuresOf({ stdout: makeReport({ total: 3 }) }, "cold", 3, rules)).toEqual([]);
    expect(await failuresOf({ stdout: makeReport({ total: 5, cached: 5 }) }, "cold", 5, rules)).toEqual([
      "processed is 0, expected processed >= 1",
      "total is 5, expected total != 5",
    ]);
  });
});
