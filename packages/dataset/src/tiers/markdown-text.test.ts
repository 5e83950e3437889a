import { describe, expect, it } from "vitest";
import { markdownLink } from "./markdown-text.ts";

describe("markdownLink", () => {
  it.each([
    ["https://example.org", "[example.org](https://example.org)"],
    ["https://www.example.org/a_b/c?x=1&y=2#z", "[www\\.example.org](https://www.example.org/a_b/c?x=1&amp;y=2#z)"],
    ["https://example.org:8443/Köln.jpg", "[example.org:8443](https://example.org:8443/K%C3%B6ln.jpg)"],
    [
      "https://example.org/a(b)[c]|d`e\\f\"g'h<i>$j*k",
      expect.stringMatching(/^\[example\.org]\([^()[\]|`\\"'<>$*]+\)$/),
    ],
    ["https://example.org/a b", "[example.org](https://example.org/a%20b)"],
    ["https://example.org/\ud800", "[example.org](https://example.org/%EF%BF%BD)"],
  ])("links %j", (url, expected) => {
    expect(markdownLink(url)).toEqual(expected);
  });

  it.each([
    "http://example.org/a",
    "javascript:alert(1)",
    "https://user:secret@example.org/",
    "https://example.org\n](x)",
    "https://exa\u202emple.org/",
    "https://exämple.org/",
    "https://example.org)](https://evil.example",
    "//example.org/a",
    " https://example.org/",
    "",
  ])("shows %j as text", (url) => {
    const bare = markdownLink(url).replace(/\\[\\`*_[\]#|~$:.]/g, "");
    expect(bare).not.toMatch(/[\\`*_[\]#|~$<>]|:\/\/|[\p{Cc}\p{Cf}](?<!\u2060)/u);
  });
});
