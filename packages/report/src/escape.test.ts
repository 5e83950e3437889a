import { escapeMarkdown } from "@forgebench/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeTerminal, markdownCode } from "./escape.ts";

const HOSTILE: readonly string[] = [
  "a | b || c \\| d",
  "`code` ``` and `",
  "line one\n\n# heading\r\nline",
  "<script>alert(1)</script> <!-- --> &amp; </details>",
  "[click](https://evil.example/) ![x](y) www.evil.example https://evil.example",
  "\u001b[31mred\u001b[0m \u001b]8;;https://evil.example\u0007link",
  "::set-output name=x::y\n::error::z",
  "##[group]x",
  "@everyone @org/team #1 GH-1",
  "**bold** __bold__ ~~gone~~ *it* $x$",
  "abc\u202egpj.exe \u2066x\u2069 \u0000 \u0085 \u2028",
  "",
  "   ",
];
const anyText = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary" }), fc.string());

describe("escapeTerminal", () => {
  it("leaves one harmless line whatever the text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = escapeTerminal(text);
        expect(escaped).not.toMatch(/\p{Cc}|[\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
        expect(escaped).not.toMatch(/^\s*(::|##\[)/);
      }),
    );
  });

  it("shows an escape sequence instead of acting on it", () => {
    expect(escapeTerminal("\u001b[31mred\u001b[0m")).toBe("\\x1b[31mred\\x1b[0m");
    expect(escapeTerminal("::set-output name=a::b\nnext")).toBe("\u2059::set-output name=a::b next");
  });

  it("cuts what is too long, never through the middle of a character", () => {
    expect(escapeTerminal("x".repeat(1000), 10)).toBe(`${"x".repeat(9)}…`);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (text, max) => {
        const cut = escapeTerminal(text, max);
        expect(cut.length).toBeLessThanOrEqual(max);
        expect(cut).not.toMatch(/\p{Cs}/u);
      }),
    );
  });
});

describe("escapeMarkdown", () => {
  it("leaves no character that could start markup, HTML, a link, a mention or a cell", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = escapeMarkdown(text);
        const bare = escaped.replace(/\\[\\`*_[\]#|~$:.]/g, "").replace(/&(amp|lt|gt);/g, "");
        expect(bare).not.toMatch(/[\\`*_[\]#|~$<>&\n]|:\/\/|www\.|@(?!\u2060)/i);
      }),
    );
  });

  it("keeps what people write readable", () => {
    expect(escapeMarkdown("base has 30 images (tier30), head 29: exit 1.")).toBe(
      "base has 30 images (tier30), head 29: exit 1.",
    );
    expect(escapeMarkdown("a|b <c> [d](e) `f`")).toBe("a\\|b &lt;c&gt; \\[d\\](e) \\`f\\`");
  });
});

describe("markdownCode", () => {
  it("is one code span that a table can hold, whatever the text", () => {
    fc.assert(fc.property(anyText, (text) => void expect(markdownCode(text)).toMatch(/^(`[^`|\n]+`|\(empty\))$/)));
  });

  it("keeps ordinary names as they are", () => {
    expect(markdownCode("P1/batch-all/cold")).toBe("`P1/batch-all/cold`");
    expect(markdownCode("a`b|c")).toBe("`a'b¦c`");
  });
});
