import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeMarkdown } from "./escape-markdown.ts";

const HOSTILE: readonly string[] = [
  "a | b || c \\| d",
  "`code` ``` and `",
  "line one\n\n# heading\r\nline",
  "<script>alert(1)</script> <!-- --> &amp; </details>",
  "[click](https://evil.example/) ![x](y) WWW.evil.example https://evil.example",
  "\u001b[31mred\u001b[0m ::error::z ##[group]x",
  "@everyone @org/team #1 GH-1 gh-22 owner/name#3",
  "**bold** __bold__ ~~gone~~ *it* $x$",
  "abc\u202egpj.exe \u2066x\u2069 \u0000 \u0085 \u2028",
];

describe("escapeMarkdown", () => {
  it("leaves nothing that could start markup, HTML, a link, a mention, a reference or a cell", () => {
    const anyText = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary" }), fc.string());
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 3 }), (texts) => {
        const escaped = escapeMarkdown(texts.join(""));
        const bare = escaped.replace(/\\[\\`*_[\]#|~$:.]/g, "").replace(/&(amp|lt|gt);/g, "");
        expect(bare).not.toMatch(/[\\`*_[\]#|~$<>&\p{Cc}]|:\/\/|www\.|@(?!\u2060)|GH-\d/iu);
        expect(escaped).not.toMatch(/#\d/);
      }),
    );
  });

  it("keeps what people write readable", () => {
    expect(escapeMarkdown("base has 30 images (tier30), head 29: exit 1.")).toBe(
      "base has 30 images (tier30), head 29: exit 1.",
    );
    expect(escapeMarkdown("a|b <c> [d](e) `f`\n#1")).toBe("a\\|b &lt;c&gt; \\[d\\](e) \\`f\\` \\#\u20601");
  });

  it("cuts what is too long before it escapes", () => {
    expect(escapeMarkdown("*".repeat(400), 5)).toBe("\\*\\*\\*\\*…");
    expect(escapeMarkdown("x".repeat(400))).toHaveLength(300);
  });
});
