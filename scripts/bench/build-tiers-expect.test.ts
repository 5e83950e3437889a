import { spawnSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { pictures, putFiles, putSynthetic } from "@forgebench/dataset/testing";
import { memoryIo } from "@forgebench/io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "./build-tiers.ts";
import { hashesBelow, type ScriptStart, startScript } from "./test-helpers.ts";

const CHECKSUMS = "sha256sums-v1.0.0.txt";

let root = "";
const at = (...parts: string[]) => path.join(root, ...parts);
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "build expect "));
});
afterAll(() => rm(root, { recursive: true, force: true }));

function outputsIn(to: string): string[] {
  return ["--out-dir", path.join(to, "assets"), "--build-dir", path.join(to, "build")];
}

describe("a build that is expected to be another", () => {
  beforeAll(async () => {
    await putSynthetic(at("synthetic"), await pictures(20));
    await putFiles(at("sources"), await pictures(10, 500));
    expect((await build(at("first"))).exitCode).toBe(0);
  });

  async function build(to: string, more: readonly string[] = [], tiers = "5,10") {
    const io = memoryIo({ cwd: root });
    const inputs = ["--synthetic-dir", at("synthetic"), "--sources-dir", at("sources")];
    const version = ["--dataset-version", "1.0.0", "--tiers", tiers];
    const exitCode = await main([...version, ...inputs, ...outputsIn(to), ...more], io);
    return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
  }

  const expected = ["--expect", "first/assets/sha256sums-v1.0.0.txt"];

  it("says that it has the same bytes", async () => {
    const { exitCode, stdout, stderr } = await build(at("second"), expected);
    expect(stderr).toContain(`rebuilt the same bytes: 3 files as in "${at("first/assets", CHECKSUMS)}"\n`);
    expect(stdout).toMatch(/\nDATASET_EXPECTED=same\n$/);
    expect(exitCode).toBe(0);
    expect(await hashesBelow(at("second"))).toEqual(await hashesBelow(at("first")));
    const itself = await build(at("first"), expected);
    expect([itself.exitCode, itself.stdout.includes("DATASET_EXPECTED=same")]).toEqual([0, true]);
  });

  it("names every file with both hashes and the cause, and publishes nothing", async () => {
    const { exitCode, stdout, stderr } = await build(at("other"), [...expected, "--seed", "5"], "5,15");
    expect(exitCode).toBe(65);
    expect(stdout).toBe("");
    const lines = await readFile(at("first/assets", CHECKSUMS), "utf8");
    const [manifest = "", tier10 = "", tier5 = ""] = lines.split("\n").map((line) => line.slice(0, 64));
    expect(stderr).toContain(
      `error: Cannot publish dataset 1.0.0: it is not what "${at("first/assets", CHECKSUMS)}" expects (2 different, 1 missing, 1 extra)`,
    );
    expect(stderr).toMatch(
      new RegExp(`different {3}benchmark-dataset-manifest-v1.0.0.json: expected ${manifest}, found [0-9a-f]{64}\n`),
    );
    expect(stderr).toMatch(new RegExp(`different .*-tier5-v1.0.0.tar.zst: expected ${tier5}, found [0-9a-f]{64}\n`));
    expect(stderr).toContain(`missing     imageforge-bench-tier10-v1.0.0.tar.zst: expected ${tier10}, not made`);
    expect(stderr).toMatch(/extra {7}imageforge-bench-tier15-v1.0.0.tar.zst: found [0-9a-f]{64}, not expected\n/);
    expect(stderr).toContain("tiers       expected tier5, tier10, this build tier5, tier15\n");
    expect(stderr).toContain("choice      expected seed 20260215; this build seed 5\n");
    expect(stderr).toContain("try         --tiers 5,10\n");
    expect(await hashesBelow(at("other"))).toEqual({});
  });

  it("leaves an earlier build as it is", async () => {
    await cp(at("first"), at("kept"), { recursive: true });
    expect((await build(at("kept"), [...expected, "--seed", "5"])).exitCode).toBe(65);
    expect(await hashesBelow(at("kept"))).toEqual(await hashesBelow(at("first")));
  });
});

const HAS_TASKSET = availableParallelism() > 1 && spawnSync("taskset", ["-c", "0,1", "true"]).status === 0;

/** A place and the surroundings of the processes that work in it. */
interface Place extends ScriptStart {
  readonly name: string;
}

async function makePool({ name, ...how }: Place): Promise<string> {
  const args = ["--count", "4", "--seed", "7", "--out-dir", at(name, "pool")];
  return (await startScript("generate-synthetic", args, { cwd: root, ...how }).ended).output;
}

async function makeTiers({ name, ...how }: Place, more: readonly string[]): Promise<string> {
  await putFiles(at(name, "sources"), []);
  const inputs = ["--synthetic-dir", at(name, "pool"), "--sources-dir", at(name, "sources")];
  const args = ["--dataset-version", "1.0.0", "--tiers", "2,3", ...inputs, ...outputsIn(at(name)), ...more];
  return (await startScript("build-tiers", args, { cwd: root, ...how }).ended).output;
}

describe("the same seed", () => {
  it("gives the same bytes on one core and on two, in another folder, time zone, locale and umask", async () => {
    const cores = (list: string) => ({ prefix: HAS_TASKSET ? ["taskset", "-c", list] : [] });
    const first = { name: "one", ...cores("0,1"), env: { TZ: "UTC", LC_ALL: "C" } };
    const env = { TZ: "Pacific/Kiritimati", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8", UV_THREADPOOL_SIZE: "1" };
    const second = { name: "another Ö place", ...cores("0"), umask: "077", env };
    for (const output of await Promise.all([makePool(first), makePool(second)])) {
      expect(output).toContain("SYNTHETIC_MANIFEST=");
    }
    expect(await makeTiers(first, [])).toContain("DATASET_CHECKSUMS=");
    const output = await makeTiers(second, ["--expect", at("one/assets", CHECKSUMS)]);
    expect(output).toContain("DATASET_EXPECTED=same");
    expect(await hashesBelow(at("another Ö place/pool"))).toEqual(await hashesBelow(at("one/pool")));
    expect(await hashesBelow(at("another Ö place/build"))).toEqual(await hashesBelow(at("one/build")));
  }, 60_000);
});
