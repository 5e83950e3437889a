import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { RawRun } from "@forgebench/artifacts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256Of } from "./hash.ts";
import { readRawRunLines } from "./raw-run-lines.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "raw-run-lines-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const example = {
  timestamp: "2026-02-15T00:00:00.000Z",
  profileId: "P1",
  scenario: "one",
  phase: "warm",
  run: 1,
  runCount: 1,
  command: "node",
  inputDir: "i",
  outDir: "o",
  manifestPath: "m",
  exitCode: 0,
  wallMs: 200,
  reportDurationMs: 90,
  total: 4,
  processed: 4,
  cached: 0,
  failed: 0,
  totalOriginalSize: 9,
  totalProcessedSize: 5,
  errorsLength: 0,
  stderr: "",
  jsonParseError: null,
};
const line = (changes: object = {}) => `${JSON.stringify({ ...example, ...changes })}\n`;

async function read(content: string | Uint8Array) {
  const file = path.join(folder, "raw-runs.jsonl");
  writeFileSync(file, content);
  const runs: RawRun[] = [];
  const log = await readRawRunLines(file, (run) => runs.push(run));
  return { ...log, runs };
}

describe("a log of runs", () => {
  it("is read line by line, with the hash of all its bytes", async () => {
    const text = line({ run: 1 }) + line({ run: 2 });
    const { runs, ...log } = await read(text);
    expect(runs.map(({ run }) => run)).toEqual([1, 2]);
    expect(log).toEqual({ sha256: sha256Of(text), lineCount: 2, truncated: false });
  });

  it("larger than a piece of the file loses no line and no letter at the borders", async () => {
    const text = Array.from({ length: 400 }, (_, index) => line({ run: index + 1, stderr: "é€𝄞".repeat(300) })).join(
      "",
    );
    const { runs, sha256 } = await read(text);
    expect(runs.map(({ run }) => run)).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
    expect(new Set(runs.map(({ stderr }) => stderr))).toEqual(new Set(["é€𝄞".repeat(300)]));
    expect(sha256).toBe(sha256Of(text));
  });

  it("that a kill cut says so, and the cut line is no run", async () => {
    expect(await read(line() + line().slice(0, 40))).toMatchObject({ lineCount: 1, truncated: true });
    expect(await read("")).toMatchObject({ lineCount: 0, truncated: false, runs: [] });
  });

  it.each([
    ["is not JSON", `${line()}{\n`, /"line 2"|line 2: not JSON/],
    ["has no field that a run has", `${line()}{}\n`, /line 2, timestamp/],
    ["is no UTF-8", Buffer.from([...Buffer.from(line()), 0xff, 0x0a]), /not UTF-8 text/],
    ["ends within a letter", Buffer.from([...Buffer.from(line()), 0xc3]), /not UTF-8 text/],
  ])("of which a line %s is refused by its place", async (_, content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });

  it("that is not there, or is a folder, is refused by its name", async () => {
    await expect(readRawRunLines(path.join(folder, "none"), () => {})).rejects.toThrow(/there is no such file/);
    await expect(readRawRunLines(folder, () => {})).rejects.toThrow(/is a folder, not a file/);
  });

  it("hands on what whoever takes the runs throws", async () => {
    const mistake = new TypeError("a mistake");
    const file = path.join(folder, "raw-runs.jsonl");
    writeFileSync(file, line());
    const taking = readRawRunLines(file, () => {
      throw mistake;
    });
    await expect(taking).rejects.toBe(mistake);
  });
});
