import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { EXIT, memoryIo } from "@forgebench/io";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { main } from "./build-subject.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "build-subject "));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function build(...argv: string[]) {
  const io = memoryIo({ cwd: folder });
  const exitCode = await main(argv, io);
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

describe("build-subject", () => {
  it("writes one executable file that plain Node runs", async () => {
    const out = path.join(folder, "new/cli.js");
    expect(await build("--out", "new/cli.js")).toEqual({
      exitCode: EXIT.ok,
      stdout: `SUBJECT_CLI=${out}\n`,
      stderr: "",
    });
    expect(await readdir(path.dirname(out))).toEqual(["cli.js"]);
    expect((await stat(out)).mode & 0o111).toBe(0o111);
    await writeFile(path.join(folder, "package.json"), '{"type":"module"}');
    const { version } = JSON.parse(
      await readFile(new URL("../../packages/imageforge/package.json", import.meta.url), "utf8"),
    );
    expect((await promisify(execFile)(out, ["--version"])).stdout).toBe(`${version}\n`);
  });

  it("gives the same bytes wherever they are put, without a path of this machine", async () => {
    await build("--out", "a/cli.js");
    await build("--", "--out=b/c/other.js");
    const bytes = await readFile(path.join(folder, "a/cli.js"), "utf8");
    expect(await readFile(path.join(folder, "b/c/other.js"), "utf8")).toBe(bytes);
    expect(bytes).not.toContain(process.cwd());
  });

  it("leaves the old file when the new one cannot be put there", async () => {
    await mkdir(path.join(folder, "cli.js"));
    const done = await build("--out", "cli.js");
    expect(done).toMatchObject({ exitCode: EXIT.output, stdout: "" });
    expect(done.stderr).toContain(`Cannot write "${path.join(folder, "cli.js")}": a folder has that name`);
    expect(await readdir(folder)).toEqual(["cli.js"]);
  });

  it("explains itself", async () => {
    expect((await build("--help")).stdout).toContain("SUBJECT_CLI");
    expect(await build("--outfile", "x")).toMatchObject({ exitCode: EXIT.usage });
  });
});
