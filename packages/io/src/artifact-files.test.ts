import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Measurement, measurement } from "@forgebench/artifacts";
import { InvariantError } from "@forgebench/errors";
import { afterAll, describe, expect, it } from "vitest";
import { readArtifact, writeArtifact } from "./artifact-files.ts";
import { sha256Of, sha256OfFile } from "./hash.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "artifact-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const value: Measurement = {
  kind: "measurement",
  version: "1.0",
  generatedAt: "2026-02-15T00:00:00Z",
  program: "bench:ü",
  machine: { cpuModel: "x", cpuCount: 2, nodeVersion: "20.20.2" },
  figures: [{ name: "a", value: 1.5, unit: "ms" }],
};
const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("artifact files", () => {
  it("are read as they were written, with the hash of their bytes", async () => {
    const file = path.join(folder, "deep", "m.json");
    const written = await writeArtifact(measurement, file, value);
    const read = await readArtifact(measurement, file);
    expect(read).toEqual({ path: file, sha256: written, value });
    expect(written).toBe(hashOf(readFileSync(file)));
  });

  it("may start with a byte order mark, which counts for the hash", async () => {
    const file = path.join(folder, "bom.json");
    writeFileSync(file, `\ufeff${JSON.stringify(value)}`);
    const read = await readArtifact(measurement, file);
    expect(read.value).toEqual(value);
    expect(read.sha256).toBe(hashOf(readFileSync(file)));
  });

  it("are refused by name when they are no UTF-8 or no artifact", async () => {
    const file = path.join(folder, "bad.json");
    writeFileSync(file, new Uint8Array([0x22, 0xff, 0x22]));
    await expect(readArtifact(measurement, file)).rejects.toThrow(`Cannot read measurement "${file}": not UTF-8 text`);
    writeFileSync(file, "");
    await expect(readArtifact(measurement, file)).rejects.toThrow(
      `Cannot read measurement "${file}": the file is empty`,
    );
  });

  it("are not written when they are wrong", async () => {
    const file = path.join(folder, "wrong.json");
    const wrong = { ...value, figures: [{ name: "a", value: Number.NaN, unit: "ms" }] };
    await expect(writeArtifact(measurement, file, wrong)).rejects.toThrow(InvariantError);
    await expect(readArtifact(measurement, file)).rejects.toThrow("there is no such file");
  });
});

describe("hashes", () => {
  it("are those of sha256sum", async () => {
    expect(sha256Of("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(sha256Of("ü")).toBe(sha256Of(new Uint8Array([0xc3, 0xbc])));
    const file = path.join(folder, "big.bin");
    const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
    writeFileSync(file, bytes);
    expect(await sha256OfFile(file)).toBe(hashOf(bytes));
  });
});
