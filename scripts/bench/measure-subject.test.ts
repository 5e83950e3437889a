import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { measurement, parseArtifact } from "@forgebench/artifacts";
import { EXIT, memoryIo, PROJECT_ROOT, scriptFile } from "@forgebench/io";
import { execa } from "execa";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "./measure-subject.ts";

let folder = "";
let cli = "";

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "measure-subject-"));
  await mkdir(path.join(folder, "pictures"));
  for (const [index, background] of ["red", "green"].entries()) {
    const picture = sharp({ create: { width: 40 + index, height: 30, channels: 3, background } });
    await picture.toFile(path.join(folder, "pictures", `${index}.png`));
  }
  // Inside the project, where the CLI finds sharp.
  cli = path.join(PROJECT_ROOT, ".tmp/test/measure-subject", path.basename(folder), "cli.js");
  await execa(process.execPath, [scriptFile("build-subject"), "--out", cli]);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(path.dirname(cli), { recursive: true, force: true });
});

async function measure(...argv: string[]) {
  const io = memoryIo({ cwd: folder });
  const exitCode = await main(["--images", "pictures", "--workspace", "work", ...argv], io);
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

describe("measure-subject", () => {
  it("prints the ratios and writes them as a measurement, and its exit code says whether the goals are met", {
    tags: ["slow"],
  }, async () => {
    const done = await measure("--cli-path", cli, "--warm-runs", "2", "--runs", "2", "--out-json", "m.json");
    const file = path.join(folder, "m.json");
    const { program, figures } = parseArtifact(measurement, await readFile(file, "utf8"), file);
    expect(program).toBe("bench:self:subject");
    expect(figures.filter(({ goal }) => goal !== undefined).map(({ goal }) => goal)).toEqual([
      "≤ 1.4",
      "≤ 1.05",
      "≤ 1.05",
    ]);
    for (const { value } of figures) expect(value).toBeGreaterThan(0);
    expect(done.exitCode).toBe(figures.every(({ met }) => met !== false) ? EXIT.ok : EXIT.gate);
    expect(done.stdout).toContain("cold batch of 2 images, P2");
    expect(done.stdout).toContain(`MEASUREMENT_JSON=${file}`);
  });

  it("measures nothing when the subject does not do the work", async () => {
    const idle = path.join(folder, "idle.js");
    await writeFile(idle, `process.stdout.write('{"summary":{"processed":0,"cached":0}}')`);
    const done = await measure("--cli-path", idle);
    expect(done).toMatchObject({ exitCode: EXIT.unjudged, stdout: "" });
    expect(done.stderr).toContain("the subject processed 0 and took 0 from its cache, expected 1 and 0");
  });

  it("measures nothing when the bare loop made other files", async () => {
    const other = path.join(folder, "other.mjs");
    // A subject that claims the work and writes something else.
    await writeFile(
      other,
      `import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
       const out = process.argv[process.argv.indexOf("--out-dir") + 1];
       const total = readdirSync(process.argv[2]).length;
       const warm = existsSync(out);
       mkdirSync(out, { recursive: true });
       for (let index = 0; index < total; index += 1) writeFileSync(out + "/" + index + ".webp", "x");
       process.stdout.write(JSON.stringify({ summary: { processed: warm ? 0 : total, cached: warm ? total : 0 } }));`,
    );
    const done = await measure("--cli-path", other, "--profiles", "P1", "--warm-runs", "1", "--runs", "1");
    expect(done).toMatchObject({ exitCode: EXIT.unjudged, stdout: "" });
    expect(done.stderr).toContain(`the subject's "0.webp" is not that of the bare loop`);
  });

  it("says what is wrong with its flags", async () => {
    expect((await measure("--cli-path", "none.js")).stderr).toContain("npm run build");
    expect(await measure("--cli-path", "none.js")).toMatchObject({ exitCode: EXIT.usage });
    expect(await measure("--profiles", "P4")).toMatchObject({ exitCode: EXIT.usage });
    expect((await measure("--help")).stdout).toContain("MEASUREMENT_JSON");
  });
});
