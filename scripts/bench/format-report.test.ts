import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { memoryIo, PROJECT_ROOT } from "@forgebench/io";
import { afterAll, expect, it } from "vitest";
import { main } from "./format-report.ts";

const compare = path.join(
  PROJECT_ROOT,
  "fixtures/scripts/format-report/evidence-undecided-terminal/input/compare.json",
);

const folder = mkdtempSync(path.join(tmpdir(), "format-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function report(flags: readonly string[], hasColors: boolean): Promise<string> {
  const io = memoryIo();
  const argv = ["--compare", compare, "--format", "terminal", ...flags];
  expect(await main(argv, { ...io, stdout: { ...io.stdout, hasColors } })).toBe(0);
  return io.stdoutText();
}

it("colours what goes to a terminal, and nothing else", async () => {
  const [coloured, plain] = [await report([], true), await report([], false)];
  expect(coloured).toContain("\u001b[33m~ undecided\u001b[39m");
  expect(plain).not.toContain("\u001b");
  expect(stripVTControlCharacters(coloured)).toBe(plain);
});

it("colours no file", async () => {
  const out = path.join(folder, "report.txt");
  await report(["--out", out], true);
  expect(readFileSync(out, "utf8")).toBe(await report([], false));
});
