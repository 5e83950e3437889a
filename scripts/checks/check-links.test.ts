import { expect, it } from "vitest";
import { checkLinks } from "./check-links.ts";
import { madeUpTree } from "./test-helpers.ts";

const problems = (markdown: string) =>
  checkLinks(madeUpTree({ "docs/a.md": markdown, "docs/b.md": "# The rule: when, why\n", "README.md": "" })).map(
    ({ file, line, message }) => `${file}:${line} ${message}`,
  );

it("accepts links to files, folders, headings and the web", () => {
  const links = [
    "b.md",
    "../README.md",
    "../docs",
    "b.md#the-rule-when-why",
    "#here",
    "https://example.org/x.md",
    "mailto:a@b.c",
  ];
  expect(problems(`# Here\n${links.map((link) => `[x](${link})`).join("\n")}\n`)).toEqual([]);
});

it("refuses links that lead nowhere", () => {
  expect(problems("# A\n\n[x](c.md) ![y](images/no.png)\n")).toEqual([
    'docs/a.md:3 links to "c.md", which does not exist',
    'docs/a.md:3 links to "images/no.png", which does not exist',
  ]);
  expect(problems("[x](b.md#other)")).toEqual(['docs/a.md:1 links to "b.md#other", but docs/b.md has no such heading']);
});

it("leaves code alone and counts its lines", () => {
  expect(problems("```\n[x](c.md)\n```\n[x](c.md)\n")).toEqual(['docs/a.md:4 links to "c.md", which does not exist']);
});
