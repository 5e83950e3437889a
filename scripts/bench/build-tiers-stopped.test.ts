import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { watch } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { datasetManifest, parseArtifact } from "@forgebench/artifacts";
import { pictures, putFiles, putSynthetic } from "@forgebench/dataset/testing";
import { memoryIo } from "@forgebench/io";
import { SeededRandom } from "@forgebench/stats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "./build-tiers.ts";
import { hashesBelow, startScript } from "./test-helpers.ts";

/** FORGEBENCH_KILLS=150 kills so many builds; each costs about a second. */
const KILLS = Number(process.env.FORGEBENCH_KILLS ?? 1);

const CHECKSUMS = "sha256sums-v1.0.0.txt";
const MANIFEST = "benchmark-dataset-manifest-v1.0.0.json";

let root = "";
const at = (...parts: string[]) => path.join(root, ...parts);

/** Pictures that take long enough to be copied and packed that a build can be stopped in the middle. */
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "build stopped "));
  // What follows the end of a JPEG is passed over.
  const heavy = (name: string, content: Buffer) =>
    name.endsWith("jpg") ? Buffer.concat([content, randomBytes(1 << 18)]) : content;
  const files = [...(await pictures(20, 7000))].map(([name, content]) => [name, heavy(name, content)] as const);
  await putFiles(at("sources"), files);
  await putSynthetic(at("synthetic"), await pictures(20));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** The two seeds choose other images and make other tiers. */
function argumentsOf(to: string, seed: number): string[] {
  const inputs = ["--synthetic-dir", at("synthetic"), "--sources-dir", at("sources"), "--seed", String(seed)];
  const outputs = ["--out-dir", path.join(to, "assets"), "--build-dir", path.join(to, "build")];
  const tiers = seed === 1 ? "5,10,20" : "5,10,16";
  return ["--dataset-version", "1.0.0", "--tiers", tiers, ...inputs, ...outputs];
}

async function build(to: string, seed: number) {
  const io = memoryIo({ cwd: root });
  return { exitCode: await main(argumentsOf(to, seed), io), stderr: io.stderrText() };
}

const start = (to: string, seed: number) => startScript("build-tiers", argumentsOf(to, seed), { cwd: root });

/** What is in a folder under final names. */
async function finished(to: string): Promise<Record<string, string>> {
  const all = Object.entries(await hashesBelow(to));
  return Object.fromEntries(all.filter(([name]) => !/(^|\/)\.[^/]*(\.tmp|-lock)(\/|$)/.test(name)));
}

/** Kills a build after so many changes of its folders, or after a time. Resolves to the signal that ended it. */
async function killed(to: string, seed: number, when: { readonly changes: number } | { readonly afterMs: number }) {
  const { child, ended } = start(to, seed);
  const kill = () => void child.kill("SIGKILL");
  const timer = setTimeout(kill, "afterMs" in when ? when.afterMs : 600_000);
  let changes = 0;
  const onChange = () => {
    changes += 1;
    if ("changes" in when && changes === when.changes) kill();
  };
  const watchers = [path.join(to, "assets"), path.join(to, "build", "v1.0.0")].map((folder) => watch(folder, onChange));
  const { signal, output } = await ended;
  clearTimeout(timer);
  for (const watcher of watchers) watcher.close();
  return { signal, output, changes };
}

/** Fails unless everything under a final name is whole, and everything that lists other files lists those beside it. */
async function checkWhole(to: string, wholes: readonly Record<string, string>[], when: string): Promise<void> {
  const found = await finished(to);
  const names = Object.keys(found);
  for (const name of names)
    expect(
      wholes.map((whole) => whole[name]),
      `${name} after ${when}`,
    ).toContain(found[name]);
  for (const id of new Set(names.flatMap((name) => /^build.*\/tier\d+\//.exec(name) ?? []))) {
    const below = (files: Record<string, string>) => Object.entries(files).filter(([name]) => name.startsWith(id));
    expect(wholes.map(below), `${id} after ${when}`).toContainEqual(below(found));
  }
  if (names.includes(`assets/${CHECKSUMS}`)) {
    execFileSync("sha256sum", ["--quiet", "-c", CHECKSUMS], { cwd: path.join(to, "assets") });
  }
  if (!names.includes(`assets/${MANIFEST}`)) return;
  const manifest = parseArtifact(datasetManifest, await readFile(path.join(to, "assets", MANIFEST), "utf8"), MANIFEST);
  for (const { archiveName, sha256 } of manifest.tiers) {
    expect(found[`assets/${archiveName}`], `${archiveName} after ${when}`).toBe(sha256);
  }
}

describe("a build that is killed", () => {
  it("leaves whole files under their names and nothing half, and the same bytes when it is run again", {
    tags: ["kills"],
    timeout: 300_000 + KILLS * 60_000,
  }, async () => {
    const wholes = new Map<number, Record<string, string>>();
    for (const seed of [1, 2]) {
      expect((await build(at(`whole-${seed}`), seed)).exitCode).toBe(0);
      wholes.set(seed, await hashesBelow(at(`whole-${seed}`)));
    }
    const to = at("killed");
    expect((await build(to, 2)).exitCode).toBe(0);
    const startedAt = performance.now();
    const undisturbed = await killed(to, 1, { afterMs: 600_000 });
    const durationMs = performance.now() - startedAt;
    expect(undisturbed.output).toContain("DATASET_CHECKSUMS=");

    const random = new SeededRandom(String(process.env.FORGEBENCH_KILLS_SEED ?? Date.now()));
    let kills = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const seed = 2 - (round % 2);
      const byTime = { afterMs: random.integer(Math.round(durationMs / 3), Math.round(durationMs)) };
      // The first one in the middle, so that one at least is killed on any machine.
      const changes = round === 0 ? Math.ceil(undisturbed.changes / 2) : random.integer(1, undisturbed.changes);
      const when = round % 4 === 0 || round % 4 === 3 ? { changes } : byTime;
      const { signal } = await killed(to, seed, when);
      if (signal === "SIGKILL") kills += 1;
      await checkWhole(to, [...wholes.values()], JSON.stringify(when));
      expect((await build(to, seed)).exitCode).toBe(0);
      expect(await hashesBelow(to), JSON.stringify(when)).toEqual(wholes.get(seed));
    }
    process.stderr.write(`${kills} of ${KILLS} builds were killed before their end\n`);
    expect(kills).toBeGreaterThan(0);
  });
});

describe("a build that is stopped", () => {
  /** Starts a build and waits until it writes a tier. */
  async function startWriting(to: string) {
    const tiers = path.join(to, "build", "v1.0.0");
    await mkdir(tiers, { recursive: true });
    const run = start(to, 1);
    const isWriting = new Promise<void>((resolve) => {
      const watcher = watch(tiers, (_, name) => {
        if (name?.startsWith(".tier")) resolve(watcher.close());
      });
    });
    await Promise.race([isWriting, run.ended]);
    return run;
  }

  it("ends with 143 on SIGTERM and takes its temporary files with it", async () => {
    const to = at("terminated");
    const run = await startWriting(to);
    run.child.kill("SIGTERM");
    const { code, output } = await run.ended;
    expect(output).toContain("error: terminated");
    expect(code).toBe(143);
    expect(await readdir(path.join(to, "build", "v1.0.0"))).toEqual([]);
    expect(await readdir(path.join(to, "assets"))).toEqual([]);
  });

  it("does not run twice into the same folders", async () => {
    const to = at("twice");
    const run = await startWriting(to);
    run.child.kill("SIGSTOP");
    const { exitCode, stderr } = await build(to, 1);
    run.child.kill("SIGCONT");
    expect(exitCode).toBe(73);
    expect(stderr).toContain(`Cannot use the folder "${to}/assets": process ${run.child.pid} is writing to it`);
    expect((await run.ended).code).toBe(0);
  });
});
