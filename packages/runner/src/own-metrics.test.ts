import { parseSuite, type Suite } from "@forgebench/artifacts";
import { describe, expect, it } from "vitest";
import { familyOf } from "./family.ts";
import { declarationsOf, readOwnMetrics } from "./own-metrics.ts";
import { assertSuiteRunnable } from "./suite-problems.ts";
import { makeCells } from "./test-helpers.ts";

const suiteOf = (metric: string, gate = "[]"): Suite =>
  parseSuite(
    `
name: own
subject: { argv: [tool] }
scenarios: [{ name: one, phases: [warm] }]
metrics: [wall, ${metric}]
gateChanged: ${gate}
`,
    "s.yaml",
  );
const readIn = (
  from: string,
  output: { stdout?: string; stderr?: string; stdoutOverflowed?: boolean },
  maxSearchMs?: number,
) => {
  const { ownMetrics } = suiteOf(`{ id: ops, better: higher, kind: rate, from: ${from} }`);
  const nothing = { stdout: "", stdoutBytes: 5e6, stdoutOverflowed: false, stderr: "" };
  return readOwnMetrics(ownMetrics, { ...nothing, ...output }, maxSearchMs);
};
const valueIn = (...args: Parameters<typeof readIn>) => readIn(...args).metrics.ops;

describe("readOwnMetrics", () => {
  it.each<[string, string, number | null]>([
    ["the last line that has it", '{"ops":1}\n{"ops":2}\n{"other":3}\n[4]\ndone\n', 2],
    ["a document of several lines", '{\n  "ops": 7\n}\n', 7],
    ["nothing", "", null],
    ["a text", '{"ops":"12"}', null],
    ["what is no finite number", '{"ops":1e999}', null],
    ["a line that is cut", '{"ops":1', null],
    ["a name that all objects have", '{"constructor":1}', null],
  ])("takes %s from JSON", (_, stdout, value) => {
    expect(valueIn("{ json: ops }", { stdout })).toBe(value);
  });

  it("goes into a JSON line by a path", () => {
    expect(valueIn("{ json: a.0.b }", { stdout: '{"a":[{"b":5}]}' })).toBe(5);
  });

  it.each<[string, string, number | null]>([
    ["the last match", "took 1.5 ms\ntook 2.5 ms\n", 2.5],
    ["nothing without a match", "took long", null],
    ["nothing where the group is no number", "took 1.2.3 ms", null],
  ])("takes %s of an expression", (_, stdout, value) => {
    expect(valueIn("{ regex: '^took ([0-9.]+) ms$' }", { stdout })).toBe(value);
  });

  it("reads the other stream where that is said", () => {
    const from = "{ regex: 'real ([0-9.]+)', stream: stderr }";
    expect(valueIn(from, { stdout: "real 1", stderr: "real 2" })).toBe(2);
  });

  it.each<[string, Parameters<typeof readIn>[1], string | undefined]>([
    ["{ json: ops }", { stdout: '{"ops":1}' }, undefined],
    ["{ json: ops }", { stdout: '{"ops":"12"}' }, '"\\"12\\"" at ops is no number'],
    ["{ json: ops }", { stdout: '{"ops":1e999}' }, '"Infinity" at ops is no number'],
    ["{ json: ops }", { stdout: "done" }, "no line of stdout is a JSON object with ops"],
    ["{ json: ops }", { stdoutOverflowed: true }, "the stdout of 5.0 MB is too large to keep"],
    ["{ regex: 'a (.*)' }", { stdoutOverflowed: true }, "the stdout of 5.0 MB is too large to keep"],
    ["{ regex: 'a (.*)', stream: stderr }", { stdoutOverflowed: true, stderr: "a 1" }, undefined],
    ["{ regex: 'a (.*)' }", { stdout: "b 1" }, "nothing matches the expression"],
    ...["NaN", "1,234", "0x10", "1 000", "", "1e999"].map((text): [string, { stdout: string }, string] => [
      "{ regex: 'a (.*)' }",
      { stdout: `a ${text}` },
      `${JSON.stringify(text)} is no decimal number`,
    ]),
    ...["1234", "-1.5e3", ".5", "5.", " 7 "].map((text): [string, { stdout: string }, undefined] => [
      "{ regex: 'a (.*)' }",
      { stdout: `a ${text}` },
      undefined,
    ]),
  ])("says why %s has no value in %j", (from, output, problem) => {
    const { metrics, problems } = readIn(from, output);
    if (problem === undefined) expect(problems).toEqual({});
    else expect(problems.ops).toContain(problem);
    expect(metrics.ops === null).toBe(problem !== undefined);
  });

  it("goes through a flood, and gives up a search that takes too long", () => {
    const flood = { stdout: `${"1".repeat(1e6)}3` };
    expect(readIn("{ regex: '(.)' }", flood)).toEqual({ metrics: { ops: 3 }, problems: {} });
    const given = readIn("{ regex: '(.)' }", flood, 1);
    expect(given).toEqual({ metrics: { ops: null }, problems: { ops: "the expression took longer than 0.001 s" } });
  });
});

describe("the metrics that a suite declares", () => {
  it("are judged with the others, by what they are", () => {
    const suite = suiteOf(
      "{ id: ops, unit: ops/s, better: higher, kind: rate, from: { json: ops } }, { id: allocations, better: lower, kind: count, noise: exact, from: { json: n } }",
      "[allocations]",
    );
    assertSuiteRunnable(suite, "s.yaml");
    expect(suite.metrics).toEqual(["wall", "ops", "allocations"]);
    expect(declarationsOf(suite)).toEqual([
      { id: "ops", unit: "ops/s", better: "higher", kind: "rate", noise: "noisy" },
      { id: "allocations", unit: "", better: "lower", kind: "count", noise: "exact" },
    ]);
    expect(familyOf({ suite, chosenCells: makeCells(["default"], ["one"], ["warm"]), meter: "wait4" })).toMatchObject({
      primary: ["default/one/warm/wall"],
      secondary: ["default/one/warm/ops"],
      exactMetrics: ["allocations"],
    });
  });

  it.each([
    [
      "id: wall, better: lower, kind: time, from: { json: a }",
      'metrics[1].id: "wall" is a metric of every measurement',
    ],
    [
      "id: ops, better: lower, kind: time, from: { regex: '(' }",
      'metrics[1].from.regex: "(" is no regular expression: ',
    ],
    [
      "id: ops, better: lower, kind: time, from: { regex: 'a' }",
      'metrics[1].from.regex: "a" has no group; put the number',
    ],
    [
      `id: ops, better: lower, kind: time, from: { regex: '(${"a".repeat(600)})' }`,
      "has 602 characters, the limit is 500",
    ],
    ["id: ops, better: lower, kind: time", "metrics[1].from: expected { json: PATH } or { regex: EXPRESSION"],
    ["id: ops, better: lower, kind: time, from: { jsn: a }", "metrics[1].from.json: "],
    ["id: ops, better: more, kind: time, from: { json: a }", "metrics[1].better: "],
    [
      "id: a/b, better: lower, kind: time, from: { json: a }",
      'metrics[1].id: "a/b" is not a name such as ops_per_second',
    ],
  ])("are refused: %s", (metric, message) => {
    expect(() => assertSuiteRunnable(suiteOf(`{ ${metric} }`), "s.yaml")).toThrow(message);
  });
});
