import { expect, it } from "vitest";
import { redactor } from "./redact.ts";

const TOKEN = 'ghp_Canary+/"\\x%~1234567890abcdef';
const redact = redactor(TOKEN);

/** No part of the token of this length may be left. */
function leftOf(text: string): boolean {
  return text.includes("Canary") || text.includes("1234567890");
}

it.each([
  ["raw", TOKEN],
  ["URL-encoded", encodeURIComponent(TOKEN)],
  ["URL-encoded in lower case", encodeURIComponent(TOKEN).replace(/%../g, (found) => found.toLowerCase())],
  ["as a form's field", new URLSearchParams({ token: TOKEN }).toString()],
  ["escaped for JSON", JSON.stringify({ token: TOKEN })],
  ["escaped for JSON with slashes", JSON.stringify({ token: TOKEN }).replaceAll("/", "\\/")],
])("a token that is %s is taken out", (_name, text) => {
  expect(leftOf(text)).toBe(true);
  expect(leftOf(redact(`before ${text} after`))).toBe(false);
  expect(redact(`before ${text} after`)).toMatch(/^before .* after$/);
});

it.each([0, 1, 2, 3, 4, 5])("a token in base64 behind %i bytes is taken out", (offset) => {
  for (const encoding of ["base64", "base64url"] as const) {
    for (const after of ["", ":", "::", ":::"]) {
      const text = Buffer.from(`${"u".repeat(offset)}${TOKEN}${after}`).toString(encoding);
      const redacted = redact(text);
      expect(redacted).toContain("***");
      // What is left at the edges shares at most one byte with the token.
      expect(redacted.length).toBeLessThan(text.length - 30);
    }
  }
});

it("text without the token stays as it is", () => {
  expect(redact("nothing to see, ghp_Other")).toBe("nothing to see, ghp_Other");
});
