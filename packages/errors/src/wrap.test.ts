import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textColumns, wrapLine, wrapText } from "./wrap.ts";

describe("wrapping", () => {
  it.each([
    ["prose", "one two three four", 9, "one two\nthree\nfour"],
    ["a line that fits, as it is", "  a    b   c", 12, "  a    b   c"],
    ["an entry of a list, further in", "  one two three", 11, "  one two\n    three"],
    ["a remedy, below itself", "    try  one two three", 18, "    try  one two\n         three"],
    ["a detail of an error, below itself", "  since     one two three", 24, "  since     one two\n            three"],
    [
      "what follows a label with a digit, below itself",
      "tier8      8 images, 1 MB and more",
      24,
      "tier8      8 images,\n           1 MB and more",
    ],
    ["a number with its unit", "about +6.8 % slower", 10, "about\n+6.8 %\nslower"],
    ["a time with its unit", "took 79.6 s or 1 min", 11, "took 79.6 s\nor 1 min"],
    ["an interval", "is +1.1 % [−4.0, +6.3] now", 13, "is +1.1 %\n[−4.0, +6.3]\nnow"],
    ["an interval without an end", "is at [18.0, not yet] now", 17, "is at\n[18.0, not yet]\nnow"],
    [
      "a path that is longer than the line",
      "see /a/very/long/path.json there",
      10,
      "see\n/a/very/long/path.json\nthere",
    ],
    ["wide characters by what they take", "日本 日本 日本", 9, "日本 日本\n日本"],
  ])("keeps %s", (_, text, columns, expected) => {
    expect(wrapText(text, columns)).toBe(expected);
  });

  const word = fc.string({
    unit: fc.constantFrom("a", "/", ".", "é", "漢", "[", ",", "]", "%", "7"),
    minLength: 1,
    maxLength: 30,
  });
  const line = fc.tuple(fc.constantFrom("", "  ", "    ", "  try  "), fc.array(word, { minLength: 1, maxLength: 30 }));

  it("loses no word, breaks none, and is too wide only where a single piece is", () => {
    fc.assert(
      fc.property(line, fc.integer({ min: 20, max: 160 }), ([opening, words], columns) => {
        const text = wrapText(`${opening}${words.join(" ")}`, columns);
        expect(text.split(/\s+/).filter((own) => own !== "")).toEqual(
          `${opening}${words.join(" ")}`.split(/\s+/).filter((own) => own !== ""),
        );
        for (const own of text.split("\n").filter((part) => textColumns(part) > columns)) {
          // The label of a remedy stays with what follows it.
          const pieces = own
            .replace(/^ *try {2}/, "")
            .replace(/\[[^\][]{1,24}\]/g, (interval) => interval.replaceAll(" ", "_"))
            .replace(/(?<=\d) (?=%)/g, "_")
            .trim();
          expect(pieces).not.toContain(" ");
        }
      }),
      { numRuns: 400 },
    );
  });

  it("fills lines: the next word would not have fitted", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 12 })),
        fc.integer({ min: 20, max: 80 }),
        (words, columns) => {
          const lines = wrapLine(words.join(" "), columns, 0);
          for (const [index, own] of lines.slice(0, -1).entries()) {
            const [next = ""] = lines[index + 1]?.split(" ") ?? [];
            expect(`${own} ${next}`.length).toBeGreaterThan(columns);
          }
        },
      ),
    );
  });
});
