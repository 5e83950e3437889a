import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { readEvidenceBundle } from "@forgebench/evidence";
import { writeTestNight } from "@forgebench/evidence/testing";
import { memoryIo, sha256Of } from "@forgebench/io";
import { afterAll, expect, it } from "vitest";
import { main } from "./pack-evidence.ts";

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "pack evidence ")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function pack(argv: readonly string[]) {
  const folder = mkdtempSync(path.join(root, "night-"));
  const { workspace, compare, suite } = await writeTestNight(folder);
  const io = memoryIo({ cwd: folder });
  const files = ["--workspace", workspace, "--compare", compare, "--suite", suite, "--run-id", "7"];
  const exitCode = await main([...files, ...argv], io);
  return { exitCode, folder, stdout: io.stdoutText(), stderr: io.stderrText() };
}

it("prints the archive and its hash; again it is the same", async () => {
  const first = await pack(["--out-dir", "out"]);
  const file = path.join(first.folder, "out", "evidence-7.1.tar.zst");
  const sha256 = sha256Of(readFileSync(file));
  expect(first).toMatchObject({ exitCode: 0, stdout: `EVIDENCE_BUNDLE=${file}\nEVIDENCE_SHA256=${sha256}\n` });
  expect((await readEvidenceBundle(file)).bundle).not.toHaveProperty("headSha");
  const again = await pack(["--out-dir", first.folder]);
  expect(again.stdout).toContain(`EVIDENCE_SHA256=${sha256}`);
});

it("leaves nothing where it cannot write", async () => {
  const file = path.join(root, "file");
  await writeFile(file, "x");
  for (const place of [file, path.join(file, "below"), ...(existsSync("/proc/self") ? ["/proc/self/out"] : [])]) {
    const { exitCode, stdout, stderr } = await pack(["--out-dir", place]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 73, stdout: "" });
    expect(stderr).toContain("Cannot make the folder");
  }
  expect(readdirSync(root).filter((name) => name.includes("evidence"))).toEqual([]);
});
