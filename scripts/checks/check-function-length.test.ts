import { describe, expect, it } from "vitest";
import { checkFunctionLength, measureFunctions } from "./check-function-length.ts";
import { madeUpTree } from "./test-helpers.ts";

/** A function of exactly `lines` lines. */
const body = (lines: number) => `export function work() {\n${"  step();\n".repeat(lines - 2)}}\n`;

const tree = (text: string, file = "packages/a/src/b.ts") => madeUpTree({ [file]: text });

const messages = (...given: Parameters<typeof tree>) =>
  checkFunctionLength(tree(...given)).map(({ message }) => message);

describe("function length", () => {
  it("accepts 40 lines, and any test, and refuses more", () => {
    expect(messages(body(40))).toEqual([]);
    expect(messages(body(200), "packages/a/src/b.test.ts")).toEqual([]);
    expect(messages(body(41))).toEqual(["work has 41 lines; a function has at most 40"]);
  });

  it("measures every form of function by its own name", () => {
    const text = `class A {\n  constructor() {\n  }\n  get b() {\n    return 1;\n  }\n}\nconst c = async () => {\n};\nconst d = { e() {}, f: function () {} };\nrun(() => {});\nconst g = () => 1;\n`;
    const found = measureFunctions(tree(text)).map(({ name, line, lines }) => `${name}:${line}:${lines}`);
    expect(found).toEqual(["constructor:2:2", "b:4:3", "c:8:2", "e:10:1", "f:10:1", "(anonymous):11:1"]);
  });
});
