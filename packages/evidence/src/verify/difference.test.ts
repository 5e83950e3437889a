import { describe, expect, it } from "vitest";
import { chooseShown } from "./choose-shown.ts";
import { documentDifferences, type EvidenceDifference, shown } from "./difference.ts";

const differences = (stored: unknown, recomputed: unknown) =>
  documentDifferences("a.json", stored, recomputed).map(({ about, field, stored: was, recomputed: is }) =>
    [about, field, was, is].join(" | "),
  );

describe("documentDifferences", () => {
  it("does not mind the order of keys, nor keys without a value", () => {
    expect(differences({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2, d: undefined }], a: 1 })).toEqual([]);
  });

  it("names values by their path, and entries by their id or pair", () => {
    const stored = {
      a: { b: 1 },
      list: [1, 2],
      cells: [{ id: "P1/x", v: 1 }],
      pairs: [{ profileId: "P", scenario: "s", v: 1 }],
    };
    const again = {
      a: { b: 2 },
      list: [1],
      cells: [{ id: "P1/x", v: 2 }],
      pairs: [{ profileId: "P", scenario: "s", v: 2 }],
    };
    expect(differences(stored, again)).toEqual([
      " | a.b | 1 | 2",
      " | list[1] | 2 | nothing",
      "P1/x | v | 1 | 2",
      "P/s | v | 1 | 2",
    ]);
  });

  it("tells null, a missing value, zero and other kinds apart", () => {
    expect(differences({ a: null, b: 0, c: [], d: "1" }, { b: null, c: {}, d: 1 })).toEqual([
      " | a | null | nothing",
      " | b | 0 | null",
      " | c | a list of 0 | {  }",
      ' | d | "1" | 1',
    ]);
  });

  it("is not led by names of objects' own, nor into the deep", () => {
    expect(differences(JSON.parse('{"__proto__": 1, "toString": 2}'), { constructor: 3 })).toHaveLength(3);
    const nest = (depth: number, end: number) => JSON.parse(`${"[".repeat(depth)}${end}${"]".repeat(depth)}`);
    expect(differences(nest(5000, 1), nest(5000, 2))).toHaveLength(1);
  });

  it("cuts long values", () => {
    expect(shown("x".repeat(1000))).toHaveLength(120);
  });
});

describe("chooseShown", () => {
  const difference = (member: string, field: string): EvidenceDifference => {
    return { member, field, about: "", stored: "1", recomputed: "2" };
  };
  const many = (count: number, member: string, field: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => difference(member, field(index)));

  it("shows all of a few", () => {
    const few = [difference("a", "x"), difference("b", "x")];
    expect(chooseShown(few)).toEqual({ shown: few, more: "" });
  });

  it("shows a few of each field and member, and counts the rest", () => {
    const all = [...many(50, "a", () => "slot"), ...many(50, "a", String), ...many(3, "b", () => "v")];
    const { shown: chosen, more } = chooseShown(all);
    expect(chosen.map(({ member, field }) => `${member} ${field}`)).toEqual([
      "a slot",
      "a slot",
      "a 0",
      "a 1",
      "b v",
      "b v",
    ]);
    expect(more).toBe("97 more; all: 100 in a, 3 in b");
    expect(
      chooseShown(Array.from({ length: 9 }, (_, index) => many(9, `m${index}`, String)).flat()).shown,
    ).toHaveLength(12);
  });
});
