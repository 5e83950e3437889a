/** @module-tag slow */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { measurement, parseArtifact } from "@forgebench/artifacts";
import { memoryIo } from "@forgebench/io";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "./measure-drills.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "drills-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (...names: string[]) => path.join(folder, ...names);

beforeAll(async () => {
  mkdirSync(file("tier/images"), { recursive: true });
  const noise = { type: "gaussian", mean: 128, sigma: 40 } as const;
  const picture = sharp({ create: { width: 200, height: 150, channels: 3, background: "red", noise } });
  await picture.jpeg().toFile(file("tier/images/a.jpg"));
});

describe("bench:drills", () => {
  it("runs the chain on a changed subject and says what came out", async () => {
    const entry = { path: "a.jpg", format: "jpg", sizeBytes: statSync(file("tier/images/a.jpg")).size };
    const sha256 = createHash("sha256")
      .update(readFileSync(file("tier/images/a.jpg")))
      .digest("hex");
    const tier = {
      version: "1.0",
      datasetVersion: "0.0.0-test",
      tierId: "tier1",
      createdAt: "2026-02-15T00:00:00Z",
      imageRoot: "images",
      formatBreakdown: { jpg: 1, png: 0, gif: 0, tiff: 0 },
      files: [{ ...entry, sha256, origin: "synthetic", license: "CC0-1.0", attribution: "" }],
      singleScenarios: { small: "a.jpg", median: "a.jpg", large: "a.jpg" },
    };
    writeFileSync(file("tier/tier-manifest.json"), JSON.stringify(tier));
    const io = memoryIo({ cwd: folder, env: { PATH: process.env.PATH } });
    const places = ["--tier-manifest", "tier/tier-manifest.json", "--out-dir", "out", "--out-json", "drills.json"];
    expect(await main(["--drills", "output", "--max-blocks", "2", ...places], io), io.stderrText()).toBe(0);

    expect(io.stdoutText()).toMatch(/^output +changed +output_bytes +changed +\+\d\.\d % +2 /m);
    const { figures } = parseArtifact(measurement, readFileSync(file("drills.json"), "utf8"), "drills.json");
    expect(figures.slice(0, 2)).toMatchObject([
      { value: 1 },
      { name: "verdicts that must not be", value: 0, met: true },
    ]);
    const [change] = figures.filter(({ goal }) => goal === "changed");
    expect(change).toMatchObject({ name: "output: output_bytes, change", met: true });
    // The cache's own files, some hundred bytes, are no larger.
    expect(change?.value).toBeGreaterThan(0.8);
    expect(change?.value).toBeLessThan(1.02);
  });
});
