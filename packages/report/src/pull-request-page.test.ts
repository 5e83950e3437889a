import { expect, it } from "vitest";
import { renderPullRequestPage } from "./pull-request-page.ts";

const page = (body: string, title = "Sync", files = ["a.json"]) =>
  renderPullRequestPage({ title, body, number: 7, repository: "o/n", head: "bot", base: "main", files });

it("shows what the Markdown says", async () => {
  const shown = await page(
    "**Latest** becomes 1.1\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n- [ ] look\n\n[run](https://example.org/run)",
  );
  expect(shown).toContain("<strong>Latest</strong> becomes 1.1");
  expect(shown).toMatch(/<td>1<\/td>\s*<td>2<\/td>/);
  expect(shown).toContain('<span class="task">☐</span> look');
  expect(shown).toContain('<a href="https://example.org/run" rel="noopener noreferrer">run</a>');
  expect(shown).toContain("Sync #7");
  expect(shown).toContain("changes only <code>a.json</code>");
});

it("lists the files that it changes", async () => {
  expect(await page("", "Sync", ["a", "b"])).toContain("changes only <code>a</code>, <code>b</code></p>");
});

it("runs nothing, loads nothing and leads to https alone", async () => {
  const hostile = [
    "<script>alert(1)</script>",
    "<!-- marker -->",
    "a <img src=x onerror=alert(1)> b",
    "![x](https://example.org/track.png)",
    "[click](javascript:alert(1))",
    "[http](http://example.org/)",
    '"><svg onload=alert(1)>',
  ];
  const shown = await page(hostile.join("\n\n"), '</title><script>alert("t")</script>');
  const main = shown.slice(shown.indexOf("<main"));
  expect(shown).not.toMatch(/<script|<img|<svg|javascript:alert\(1\)"/);
  expect(main).not.toMatch(/<a /);
  expect(main).not.toContain("marker");
  expect(main).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
});
