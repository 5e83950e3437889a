import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRawRuns, rawRun } from "./raw-run.ts";
import { artifactErrorOf, exampleDocument, exampleText } from "./test-helpers.ts";

const text = exampleText(rawRun).replace('"stderr":""', '"stderr":"ü – 図"');
const firstLine = `${text.split("\n")[0]}\n`;

describe("parseRawRuns", () => {
  it("reads the example of its page", () => {
    const log = parseRawRuns(text, "f");
    expect(log.runs.map(({ valid }) => valid)).toEqual([true, false]);
    expect(log).toMatchObject({ completeBytes: Buffer.byteLength(text), truncated: false });
  });

  it("reads an empty file", () => {
    expect(parseRawRuns("", "f")).toEqual({ runs: [], completeBytes: 0, truncated: false });
  });

  it("drops a last line that was cut at any byte, and tells where to go on", () => {
    const bytes = Buffer.from(text);
    const keptBytes = Buffer.byteLength(firstLine);
    for (let length = keptBytes; length < bytes.length; length += 1) {
      // As a file cut there is read: what is left of a character becomes a replacement character.
      const log = parseRawRuns(bytes.subarray(0, length).toString("utf8"), "f");
      expect(log.runs).toHaveLength(1);
      expect(log.completeBytes).toBe(keptBytes);
      expect(log.truncated).toBe(length > keptBytes);
    }
  });

  it("names the line of anything else that is wrong", () => {
    const message = (wrong: string) =>
      artifactErrorOf(() => parseRawRuns(firstLine + wrong + firstLine, "f.jsonl")).message;
    expect(message("{\n")).toContain('Cannot read raw runs "f.jsonl": line 2: not JSON: ');
    expect(message("\n")).toContain("line 2: not JSON");
    expect(message(firstLine.replace('"wallMs":', '"wallMillis":'))).toContain("line 2, wallMs: ");
    expect(message(firstLine.replace('"phase":"cold"', '"phase":"hot/ter"'))).toContain("line 2, phase: ");
    expect(message("[]\n")).toContain("line 2");
  });

  it("reads every log of runs that were written one a line, also with unknown fields", () => {
    const run = fc.record({
      wallMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
      stderr: fc.string({ unit: "binary" }),
      extra: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 5 }), (changes) => {
        const runs = changes.map((change) => JSON.parse(JSON.stringify({ ...exampleDocument(rawRun), ...change })));
        const log = parseRawRuns(runs.map((line) => `${JSON.stringify(line)}\n`).join(""), "f");
        expect(JSON.stringify(log.runs.map((line) => line.extra))).toBe(JSON.stringify(runs.map((line) => line.extra)));
        expect(log.runs.map(({ stderr, wallMs }) => ({ stderr, wallMs }))).toEqual(
          runs.map(({ stderr, wallMs }) => ({ stderr, wallMs })),
        );
      }),
      { numRuns: 50 },
    );
  });
});
