import { siteHistory } from "@forgebench/artifacts";
import fc from "fast-check";
import { format } from "prettier";
import { describe, expect, it } from "vitest";
import { recordedNote, recordedSnapshots } from "../testing.ts";
import type { FormatOptions } from "./format-options.ts";
import { formatSiteJson } from "./format-site-json.ts";

const value = { a: { b: 1, c: [1, 2, 3] }, d: [{ e: "f" }], g: ["x".repeat(50), "y".repeat(50)], h: {}, i: [] };

describe("formatSiteJson", () => {
  it("prints as prettier prints what was written with two spaces", async () => {
    expect(await formatSiteJson(value)).toBe(await format(JSON.stringify(value, null, 2), { parser: "json" }));
  });

  it.each<[string, FormatOptions, RegExp]>([
    ["tabWidth", { tabWidth: 4 }, /^ {4}"a": \{$/m],
    ["useTabs", { useTabs: true }, /^\t\t"b": 1,$/m],
    ["printWidth", { printWidth: 12 }, /^ {6}1, 2,$/m],
    ["endOfLine", { endOfLine: "crlf" }, /^\{\r\n {2}"a"/],
    ["objectWrap", { objectWrap: "collapse" }, /^ {2}"d": \[\{ "e": "f" \}\],$/m],
    ["bracketSpacing", { objectWrap: "collapse", bracketSpacing: false }, /^ {2}"d": \[\{"e": "f"\}\],$/m],
    ["parser", { parser: "json-stringify" }, /^ {6}1,\n {6}2,$/m],
  ])("follows %s", async (_, options, expected) => {
    const text = await formatSiteJson(value, options);
    expect(text).toMatch(expected);
    expect(await formatSiteJson(value)).not.toBe(text);
  });

  it("changes no data, whatever the document", async () => {
    const document = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
    const options = fc.record(
      {
        tabWidth: fc.nat(16),
        useTabs: fc.boolean(),
        printWidth: fc.integer({ min: 1, max: 200 }),
        parser: fc.constantFrom("json", "json-stringify"),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(document, options, async (any, chosen) => {
        const text = await formatSiteJson(any, chosen as FormatOptions);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(any)));
        expect(await formatSiteJson(JSON.parse(text), chosen as FormatOptions)).toBe(text);
      }),
      { numRuns: 40 },
    );
  });

  it.skipIf(recordedSnapshots.length === 0)(`formats a history of twenty${recordedNote}`, async () => {
    const items = recordedSnapshots.slice(0, 20);
    const history = siteHistory.schema.parse({
      schemaVersion: "1.0",
      generatedAt: items[0]?.generatedAt,
      retention: 20,
      items,
    });
    const text = await formatSiteJson(history);
    expect(JSON.parse(text)).toEqual(history);
  });
});
