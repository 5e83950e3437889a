import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const FOLDER = new URL("./", import.meta.url);
const sources = readdirSync(FOLDER, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith(".ts") && !/\.test\.ts$|test-helpers/.test(name));

/** Words of the one source that verdicts once knew: with any of them, another source could not be judged. */
const WORDS = [/\bRawRun\b/, /\bprofileId\b/, /\bscenarios?\b/, /"cold"|"warm"/, /\bimages?\b/];

describe("a verdict does not know where its series came from", () => {
  it("in any of its files", () => {
    expect(sources.length).toBeGreaterThan(10);
    const found = sources.flatMap((name) => {
      const text = readFileSync(new URL(name, FOLDER), "utf8");
      return WORDS.filter((word) => word.test(text)).map((word) => `${name}: ${word}`);
    });
    expect(found).toEqual([]);
  });
});
