import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { InvariantError, OperationError } from "@forgebench/errors";
import { describe, expect, it, onTestFinished } from "vitest";
import { printOutputs } from "./outputs.ts";
import { memoryIo } from "./script-io.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "outputs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe("printOutputs", () => {
  it("prints KEY=value lines, and appends the same to $GITHUB_OUTPUT", async () => {
    const file = path.join(temporaryFolder(), "github output");
    writeFileSync(file, "earlier=1\n");
    const io = memoryIo({ env: { GITHUB_OUTPUT: file } });
    await printOutputs(io, { COMPARE_JSON: "out/a=b ü.json", ALERT_COUNT: 0 });
    expect(io.stdoutText()).toBe("COMPARE_JSON=out/a=b ü.json\nALERT_COUNT=0\n");
    expect(readFileSync(file, "utf8")).toBe(`earlier=1\n${io.stdoutText()}`);
  });

  it("prints alone where there is no $GITHUB_OUTPUT", async () => {
    const io = memoryIo({ env: { GITHUB_OUTPUT: "" } });
    await printOutputs(io, { A: "1" });
    expect(io.stdoutText()).toBe("A=1\n");
  });

  it.each([
    ["a line break", "ok\nINJECTED=1"],
    ["a carriage return", "ok\rINJECTED=1"],
    ["a heredoc of the runner", "x<<EOF\nINJECTED=1\nEOF"],
    ["an escape sequence", "\u001b[2K"],
    ["a null byte", "a\u0000b"],
    ["a Unicode line break", "a\u2028INJECTED=1"],
  ])("refuses a value with %s and writes nothing", async (_, value) => {
    const file = path.join(temporaryFolder(), "output");
    writeFileSync(file, "");
    const io = memoryIo({ env: { GITHUB_OUTPUT: file } });
    await expect(printOutputs(io, { FIRST: "1", KEY: value })).rejects.toThrow(InvariantError);
    expect(io.stdoutText() + readFileSync(file, "utf8")).toBe("");
  });

  it.each(["lower", "A=B", "A B", "", "A\nB", "PATH<<EOF"])("refuses the key %j", async (key) => {
    await expect(printOutputs(memoryIo(), { [key]: "x" })).rejects.toThrow(InvariantError);
  });

  it("says that $GITHUB_OUTPUT cannot be written", async () => {
    const io = memoryIo({ env: { GITHUB_OUTPUT: temporaryFolder() } });
    await expect(printOutputs(io, { A: "1" })).rejects.toThrow(OperationError);
    await expect(printOutputs(io, { A: "1" })).rejects.toThrow(/^Cannot append to \$GITHUB_OUTPUT/);
  });
});
