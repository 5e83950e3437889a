import { describe, expect, it } from "vitest";
import {
  BASELINE_FILE,
  checkFunctionLength,
  describeLengths,
  measureFunctions,
  shrinkBaseline,
} from "./check-function-length.ts";
import { madeUpTree } from "./test-helpers.ts";

/** A function of exactly `lines` lines. */
const body = (lines: number, opening = "export function work() {") =>
  `${opening}\n${"  step();\n".repeat(lines - 2)}}\n`;

const tree = (text: string, baseline?: Readonly<Record<string, number>>, file = "packages/a/src/b.ts") =>
  madeUpTree({ [file]: text, ...(baseline === undefined ? {} : { [BASELINE_FILE]: JSON.stringify(baseline) }) });

const messages = (...given: Parameters<typeof tree>) =>
  checkFunctionLength(tree(...given)).map(({ message }) => message);

const KEY = "packages/a/src/b.ts#work";

describe("function length", () => {
  it("accepts 40 lines, longer ones in the baseline, and any test", () => {
    expect(messages(body(40))).toEqual([]);
    expect(messages(body(60), { [KEY]: 60 })).toEqual([]);
    expect(messages(body(200), undefined, "packages/a/src/b.test.ts")).toEqual([]);
  });

  it("refuses a new long one, a grown one, and more than 70 lines whatever the baseline says", () => {
    expect(messages(body(41))).toEqual(["work has 41 lines; a new function has at most 40"]);
    expect(messages(body(61), { [KEY]: 60 })).toEqual(["work grew from 60 to 61 lines"]);
    expect(messages(body(71), { [KEY]: 71 })).toEqual(["work has 71 lines; no function has more than 70"]);
  });

  it("refuses a baseline that allows more than is used", () => {
    expect(messages(body(50), { [KEY]: 60 })).toEqual([`records 60 lines for ${KEY}, which now has 50`]);
    expect(messages(body(10), { [KEY]: 60 })).toEqual([`records 60 lines for ${KEY}, which now has at most 40`]);
  });

  it("only shrinks the baseline", () => {
    expect(shrinkBaseline(tree(body(50), { [KEY]: 60, gone: 45 }))).toEqual({ [KEY]: 50 });
    expect(shrinkBaseline(tree(body(65), { [KEY]: 60 }))).toEqual({ [KEY]: 60 });
    expect(shrinkBaseline(tree(body(30), { [KEY]: 60 }))).toEqual({});
    expect(shrinkBaseline(tree(body(65)))).toEqual({});
  });

  it("measures every form of function by its own name", () => {
    const text = `class A {\n  constructor() {\n  }\n  get b() {\n    return 1;\n  }\n}\nconst c = async () => {\n};\nconst d = { e() {}, f: function () {} };\nrun(() => {});\nconst g = () => 1;\n`;
    const found = measureFunctions(tree(text)).map(({ name, line, lines }) => `${name}:${line}:${lines}`);
    expect(found).toEqual(["constructor:2:2", "b:4:3", "c:8:2", "e:10:1", "f:10:1", "(anonymous):11:1"]);
  });

  it("tells median, 90th percentile, maximum and long files", () => {
    const root = madeUpTree({ "scripts/checks/a.ts": body(4) + body(6) + body(301) });
    expect(describeLengths(root)).toBe(
      "3 functions: median 6 lines, 90 % at most 301, longest 301\nscripts/checks/a.ts has 311 lines, more than 300",
    );
  });
});
