import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PROJECT_ROOT } from "@forgebench/io";
import { execa } from "execa";
import { expect, it } from "vitest";
import { readText } from "./source-tree.ts";

it("shows a script for the stand-in that runs as it is written", async () => {
  const [, script = ""] = /^```ts\n([\s\S]+?)^```$/m.exec(readText(PROJECT_ROOT, "docs/stand-in.md")) ?? [];
  const parent = path.join(PROJECT_ROOT, ".tmp");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(path.join(parent, "stand-in-page-"));
  try {
    const file = path.join(folder, "try-stand-in.ts");
    writeFileSync(file, script);
    const { stdout } = await execa(process.execPath, ["--import", "tsx", file], { cwd: PROJECT_ROOT });
    const [printed, ...requests] = stdout.split("\n");
    expect(printed).toBe("DATASET_TAG_ABSENT=1");
    expect(requests.length).toBeGreaterThan(0);
    for (const request of requests) expect(request).toMatch(/^GET \/repos\/acme\/site\S* (200|404)$/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
