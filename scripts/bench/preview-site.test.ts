import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { memoryIo, PROJECT_ROOT } from "@forgebench/io";
import { afterAll, describe, expect, it } from "vitest";
import { main } from "./preview-site.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "preview site "));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FIXTURE = path.join(PROJECT_ROOT, "fixtures/scripts/preview-site/latest-and-history/input");

describe("preview-site", () => {
  it("writes a page of both files, and the same one again", async () => {
    const run = async (out: string) => {
      const io = memoryIo({ cwd: folder });
      const files = ["--latest", path.join(FIXTURE, "latest.json"), "--history", path.join(FIXTURE, "history.json")];
      expect(await main([...files, "--out", out], io)).toBe(0);
      expect(io.stdoutText()).toBe(`PREVIEW_HTML=${path.join(folder, out)}\n`);
      return readFileSync(path.join(folder, out), "utf8");
    };
    const page = await run("a.html");
    expect(page).toContain("Preview of /benchmarks/latest, made from latest.json and history.json only");
    expect(page).toContain("8.12 s");
    expect(await run("b.html")).toBe(page);
  });

  it("ends with 73 where the page cannot be written, and leaves nothing", async () => {
    writeFileSync(path.join(folder, "file"), "");
    const io = memoryIo({ cwd: folder });
    const latest = path.join(FIXTURE, "latest.json");
    expect(await main(["--latest", latest, "--out", "file/preview.html"], io)).toBe(73);
    expect(io.stderrText()).toContain(path.join(folder, "file"));
    expect(io.stdoutText()).toBe("");
    expect(readdirSync(folder).filter((name) => /tmp|preview/.test(name))).toEqual([]);
  });
});
