import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import sharp from "sharp";
import { beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "./errors.ts";
import { filesBelow, picture, put, putJpeg, startCli, temporaryFolder, useBuiltCli } from "./test-helpers.ts";

const cli = useBuiltCli();
let root = "";
let input = "";
let out = "";

beforeEach(async () => {
  root = await temporaryFolder();
  input = path.join(root, "in");
  out = path.join(root, "out");
});

const args = (...flags: string[]) => [input, "--out-dir", out, "--json", ...flags];
const run = (...flags: string[]) => startCli(cli.file(), args(...flags)).done;

async function putMany(count: number): Promise<void> {
  for (let seed = 1; seed <= count; seed += 1) await putJpeg(input, `${seed % 3}/${seed}.jpg`, seed);
}

const temporaryFolders = async () =>
  (await readdir(path.join(out, ".imageforge-cache"))).filter((name) => name.startsWith("tmp-"));

async function expectWholeImages(): Promise<void> {
  for (const [name, bytes] of await filesBelow(out)) {
    if (!name.endsWith(".json")) await sharp(bytes, { failOn: "warning" }).stats();
  }
}

describe("the built CLI", () => {
  it("prints one JSON report and ends with its exit code", async () => {
    await putMany(2);
    const cold = await run();
    expect(cold).toMatchObject({ exitCode: EXIT.ok, stderr: "" });
    expect(cold.report().summary).toMatchObject({ total: 2, processed: 2, cached: 0, failed: 0 });
    expect((await run()).report().summary).toMatchObject({ total: 2, processed: 0, cached: 2, failed: 0 });
    await put(input, "bad.png", "");
    expect(await run("--check")).toMatchObject({ exitCode: EXIT.someFailed });
    expect(await startCli(cli.file(), ["--version"]).done).toMatchObject({ exitCode: EXIT.ok });
    expect(await startCli(cli.file(), ["--nonsense"]).done).toMatchObject({ exitCode: EXIT.usage, stdout: "" });
  });

  it("loads sharp only when something must be processed", async () => {
    await putMany(2);
    const probe = await put(
      root,
      "probe.mjs",
      `import { writeFileSync } from "node:fs";
       process.report.excludeNetwork = true;
       process.on("exit", () => {
         writeFileSync(process.env.PROBE_OUT, JSON.stringify(process.report.getReport().sharedObjects));
       });`,
    );
    const libraries = async () => {
      const file = path.join(root, "libraries.json");
      const env = { NODE_OPTIONS: `--import=${probe}`, PROBE_OUT: file };
      expect((await startCli(cli.file(), args(), env).done).exitCode).toBe(EXIT.ok);
      const objects = JSON.parse(await readFile(file, "utf8")) as string[];
      return objects.filter((name) => /sharp|vips/.test(name));
    };
    expect(await libraries()).not.toEqual([]);
    expect(await libraries()).toEqual([]);
  });

  it("survives a reader that goes away", async () => {
    await putMany(1);
    const { child, done } = startCli(cli.file(), args());
    child.stdout?.destroy();
    expect((await done).exitCode).toBe(EXIT.ok);
  });

  it("says when its report cannot be written", async () => {
    await putMany(1);
    const full = await open("/dev/full", "w");
    const child = spawn(process.execPath, [cli.file(), ...args()], { stdio: ["ignore", full.fd, "pipe"] });
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const exitCode = await new Promise((resolve) => child.on("close", resolve));
    await full.close();
    expect({ exitCode, stderr }).toEqual({ exitCode: EXIT.output, stderr: expect.stringContaining("ENOSPC") });
  });
});

/** As many in the fast tests; `npm run test:slow` asks for more. */
const KILLS = Number(process.env.FORGEBENCH_KILLS ?? 2);

describe("kill -9 at any moment", () => {
  it("leaves whole images, and the next run ends right", { tags: ["kills"] }, async () => {
    await putMany(8);
    const expected = new Map<string, ReadonlyMap<string, Buffer>>();
    for (const quality of ["80", "60"]) {
      expect((await run("--formats", "webp,avif", "--quality", quality)).exitCode).toBe(EXIT.ok);
      expected.set(quality, await filesBelow(out));
    }

    let killed = 0;
    for (let round = 0; round < KILLS; round += 1) {
      // Half of the rounds start from nothing, half replace the outputs of other settings.
      if (round % 4 === 0 || round % 4 === 3) await rm(out, { recursive: true, force: true });
      const quality = round % 2 === 0 ? "80" : "60";
      const { child, done } = startCli(cli.file(), args("--formats", "webp,avif", "--quality", quality));
      // The first one surely while there is something to do, the others at any moment.
      while (round === 0 && !existsSync(out)) await sleep(1);
      await sleep(round === 0 ? 0 : 400 * Math.random());
      child.kill("SIGKILL");
      if ((await done).signal === "SIGKILL") killed += 1;
      await readdir(out).then(expectWholeImages, () => undefined);

      const rerun = await run("--formats", "webp,avif", "--quality", quality);
      expect(rerun).toMatchObject({ exitCode: EXIT.ok, stderr: "" });
      const { processed, cached, failed } = rerun.report().summary;
      expect({ done: processed + cached, failed }).toEqual({ done: 8, failed: 0 });
      expect(await filesBelow(out)).toEqual(expected.get(quality));
      expect(await temporaryFolders()).toEqual([]);
    }
    expect(killed).toBeGreaterThan(0);
  });
});

describe("SIGINT and SIGTERM", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "%s: nothing half-written is left, what was finished is kept",
    async (signal) => {
      await putJpeg(input, "1-quick.jpg");
      const slow = await (await picture({ width: 2400, height: 1800 })).jpeg({ quality: 95 }).toBuffer();
      await put(input, "2-slow.jpg", slow);
      const { child, done } = startCli(cli.file(), args("--formats", "avif", "--verbose", "--concurrency", "1"));
      await new Promise<void>((resolve) => child.stderr?.once("data", () => resolve()));
      child.kill(signal);
      expect(await done).toMatchObject({ signal, stdout: "", stderr: expect.stringContaining(`ended by ${signal}`) });
      expect([...(await filesBelow(out)).keys()]).toEqual(["1-quick.avif"]);
      expect(await temporaryFolders()).toEqual([]);
      const looked = await run("--formats", "avif", "--dry-run");
      expect(looked.report().summary).toMatchObject({ cached: 1, pending: 1 });
    },
  );
});

describe("runs at the same time on one output folder", () => {
  it("both end right, and the next run finds everything up to date", async () => {
    await putMany(10);
    for (let round = 0; round < 1; round += 1) {
      await rm(out, { recursive: true, force: true });
      const both = await Promise.all([run("--formats", "webp,avif"), run("--formats", "webp,avif")]);
      for (const { exitCode, report } of both) {
        expect(exitCode).toBe(EXIT.ok);
        expect(report().errors).toEqual([]);
      }
      expect((await run("--formats", "webp,avif")).report().summary).toMatchObject({ processed: 0, cached: 10 });
      expect(await run("--formats", "webp,avif", "--check")).toMatchObject({ exitCode: EXIT.ok });
      expect(await temporaryFolders()).toEqual([]);
      await expectWholeImages();
    }
  });

  it("with different settings do not take each other's files for somebody else's", { tags: ["slow"] }, async () => {
    await putMany(6);
    for (let round = 0; round < 2; round += 1) {
      const settings = [
        ["--formats", "webp"],
        ["--formats", "avif"],
        ["--widths", "20", "--formats", "webp,avif"],
      ];
      const all = await Promise.all(settings.map((flags) => run(...flags)));
      for (const { exitCode } of all) expect(exitCode).toBe(EXIT.ok);
      for (const flags of settings) expect((await run(...flags)).report().summary).toMatchObject({ failed: 0 });
      await expectWholeImages();
    }
  });
});

const isRoot = process.getuid?.() === 0;
const mounts = (...flags: string[]) => spawnSync("mount", flags).status === 0;

describe.runIf(process.platform === "linux" && isRoot)("on a full disk (where mounting is permitted)", () => {
  it("ends with 73 and leaves nothing half-written", async ({ skip }) => {
    await putMany(20);
    await mkdir(out);
    if (!mounts("-t", "tmpfs", "-o", "size=64k", "tmpfs", out)) return skip("mounting is not permitted here");
    try {
      const { exitCode, stderr } = await run("--no-blur", "--quality", "100", "--concurrency", "6");
      expect({ exitCode, stderr }).toEqual({
        exitCode: EXIT.output,
        stderr: expect.stringContaining(`Cannot write to the output folder "${out}": no space left on the device`),
      });
      // Images that are still being encoded when the first one fails must not write into a folder that is being removed.
      const left = (await readdir(out, { recursive: true })).filter((name) => /(^|\/)tmp-/.test(name));
      expect(left).toEqual([]);
      await expectWholeImages();
    } finally {
      spawnSync("umount", [out]);
    }
  });
});
