import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { measurement } from "@forgebench/artifacts";
import { memoryIo, PROJECT_ROOT, readArtifact } from "@forgebench/io";
import { afterAll, beforeAll, expect, it } from "vitest";
import { main } from "./measure-synthetic.ts";

let root = "";

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "measure-synthetic-"));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

it("measures the real generator, prints a table, writes the artifact and leaves no images behind", {
  tags: ["slow"],
}, async () => {
  const before = await poolsLeft();
  const file = path.join(root, "synthetic.json");
  const io = memoryIo({ cwd: root });
  // Of 12 images a single light one could miss the goal for the weights: what counts here is that it is measured.
  expect([0, 2], io.stderrText()).toContain(await main(["--count", "12", "--out-json", file], io));
  const { figures } = (await readArtifact(measurement, file)).value;
  const figureOf = (name: string) => figures.find((figure) => figure.name === name)?.value ?? Number.NaN;
  expect(figureOf("images")).toBe(12);
  expect(figureOf("encoding the same pixels, CPU, without GIF")).toBeGreaterThan(0);
  expect(figureOf("JPEG, lightest")).toBeLessThanOrEqual(figureOf("JPEG, heaviest"));
  expect(io.stdoutText()).toContain("bench:self:synthetic on");
  expect(io.stdoutText()).toContain(`MEASUREMENT_JSON=${file}\n`);
  expect(await poolsLeft()).toEqual(before);
});

async function poolsLeft(): Promise<string[]> {
  const names = await readdir(path.join(PROJECT_ROOT, ".tmp", "bench", "self")).catch(() => []);
  return names.filter((name) => name.startsWith("synthetic-"));
}
