import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArtifact, syntheticManifest } from "@forgebench/artifacts";
import { InterruptedError } from "@forgebench/errors";
import { memoryIo, scriptFile, sha256OfFile } from "@forgebench/io";
import { SeededRandom } from "@forgebench/stats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "./generate-synthetic.ts";

const MANIFEST = syntheticManifest.fileName;
let root = "";

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "synthetic-"));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

async function run(args: readonly string[], io = memoryIo({ cwd: root })) {
  return { exitCode: await main(args, io), stdout: io.stdoutText(), stderr: io.stderrText() };
}

/** Starts the script as its own process, the way a shell with a umask would. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}, umask = "022") {
  const command = `umask ${umask} && exec "$@"`;
  const node = [process.execPath, scriptFile("generate-synthetic"), ...args];
  const child = spawn("/bin/sh", ["-c", command, "sh", ...node], {
    cwd: root,
    env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const stderr: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
  return { child, stderrText: () => stderr.join("") };
}

async function finish(started: ReturnType<typeof start>): Promise<void> {
  const [code] = await once(started.child, "close");
  expect(code, started.stderrText()).toBe(0);
}

/** Hash and permissions of every file of a folder. */
async function fingerprint(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  const entries = names.map(async (name) => {
    const file = path.join(folder, name);
    return [name, `${((await stat(file)).mode & 0o777).toString(8)} ${await sha256OfFile(file)}`] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function modificationTimes(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder);
  const entries = names.map(async (name) => {
    const { ino, mtimeNs } = await stat(path.join(folder, name), { bigint: true });
    return [name, `${ino} ${mtimeNs}`] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

describe("bytes", () => {
  it("do not depend on folder, time zone, locale, umask, concurrency or a kill at any moment", {
    tags: ["slow"],
  }, async () => {
    const plain = path.join(root, "plain");
    const other = path.join(root, "an other", "größer");
    const args = ["--count", "16", "--seed", "5"];
    await Promise.all([
      finish(start(["--out-dir", plain, ...args, "--concurrency", "1"], { TZ: "UTC", LANG: "C" })),
      finish(
        start(["--out-dir", other, ...args, "--concurrency=4"], { TZ: "Asia/Kolkata", LANG: "tr_TR.UTF-8" }, "077"),
      ),
    ]);
    const expected = await fingerprint(plain);
    expect(await fingerprint(other)).toEqual(expected);
    expect(Object.values(expected).every((value) => value.startsWith("644 "))).toBe(true);

    const killed = path.join(root, "killed");
    const random = new SeededRandom("kills");
    for (let kill = 0; kill < 3; kill += 1) {
      const { child } = start(["--out-dir", killed, ...args]);
      const logged = await waitForLines(
        path.join(killed, ".synthetic-progress.jsonl"),
        random.integer(1, 4) + kill * 4,
      );
      child.kill("SIGKILL");
      await once(child, "close");
      expect(logged).toBeGreaterThan(0);
      expect(await readdir(killed)).not.toContain(MANIFEST);
    }
    const kept = await modificationTimes(killed);
    expect((await run(["--out-dir", killed, ...args])).exitCode).toBe(0);
    expect(await fingerprint(killed)).toEqual(expected);
    const after = await modificationTimes(killed);
    const images = Object.keys(kept).filter((name) => /^\d/.test(name));
    expect(images.filter((name) => after[name] === kept[name]).length).toBeGreaterThanOrEqual(images.length - 1);
  });

  it("follow the seed", async () => {
    const folders = ["seed-1", "seed-2"].map((name) => path.join(root, name));
    for (const [index, folder] of folders.entries()) {
      await run(["--out-dir", folder, "--count", "2", "--seed", String(index + 1)]);
    }
    const [one, two] = await Promise.all(folders.map(fingerprint));
    const hashes = new Set(Object.values(one ?? {}));
    expect(Object.values(two ?? {}).some((value) => hashes.has(value))).toBe(false);
  });
});

/** Waits until a log has so many lines, or the run has come to its end and taken the log away; gives the lines seen. */
async function waitForLines(file: string, lines: number): Promise<number> {
  let seen = 0;
  while (seen < lines) {
    seen = (await readFile(file, "utf8").catch(() => "")).split("\n").length - 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return seen;
}

describe("a second run", () => {
  const args = ["--count", "7", "--seed", "3"];
  const reference = () => path.join(root, "reference");
  const folderOf = async (name: string) => {
    const folder = path.join(root, name);
    await cp(reference(), folder, { recursive: true, preserveTimestamps: true });
    return { folder, args: ["--out-dir", folder, ...args] };
  };
  beforeAll(async () => {
    expect((await run(["--out-dir", reference(), ...args])).exitCode).toBe(0);
  });

  it("writes nothing when all is well", async () => {
    const { folder, args } = await folderOf("again");
    const before = await modificationTimes(folder);
    const { exitCode, stdout } = await run(args);
    expect([exitCode, stdout]).toEqual([0, `SYNTHETIC_MANIFEST=${path.join(folder, MANIFEST)}\n`]);
    expect(await modificationTimes(folder)).toEqual(before);
  });

  it("writes only the image that is damaged and the one that is missing, and the manifest", async () => {
    const { folder, args } = await folderOf("damaged");
    const [damaged = "", missing = ""] = (await readdir(folder)).filter((name) => name.endsWith(".jpg"));
    const expected = await fingerprint(folder);
    await writeFile(path.join(folder, damaged), "not an image");
    await rm(path.join(folder, missing));
    const before = await modificationTimes(folder);
    expect((await run(args)).exitCode).toBe(0);
    expect(await fingerprint(folder)).toEqual(expected);
    const after = await modificationTimes(folder);
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(changed.sort()).toEqual([damaged, missing, MANIFEST].sort());
  });

  it("with other arguments removes what it made and leaves what others put there", async () => {
    const { folder, args } = await folderOf("smaller");
    await writeFile(path.join(folder, "holiday.jpg"), "mine");
    await mkdir(path.join(folder, "notes"));
    const { stderr } = await run([...args.slice(0, 2), "--count", "4", "--seed", "3"]);
    const names = await readdir(folder);
    expect(stderr).toContain("2 other files");
    expect(names.filter((name) => /^\d/.test(name))).toHaveLength(4);
    expect(names).toEqual(expect.arrayContaining(["holiday.jpg", "notes", MANIFEST]));
    expect(names).toHaveLength(7);
  });

  it("makes a damaged manifest anew and takes over the images that are right", async () => {
    const { folder, args } = await folderOf("manifest");
    const expected = await fingerprint(folder);
    const manifest = path.join(folder, MANIFEST);
    for (const content of ["{}", (await readFile(manifest, "utf8")).slice(0, 700)]) {
      await writeFile(manifest, content);
      const { exitCode, stderr } = await run(args);
      expect(exitCode, stderr).toBe(0);
      expect(stderr).toContain("is damaged; it is made anew");
      expect(await fingerprint(folder)).toEqual(expected);
    }
  });

  it.each([
    ["edited", '"width": 77, "sizeBytes": 5,'],
    ["missing", ""],
  ])("puts fields of the manifest right that are %s, and keeps the images", async (how, replacement) => {
    const { folder, args } = await folderOf(`fields-${how}`);
    const manifest = path.join(folder, MANIFEST);
    const expected = await fingerprint(folder);
    const before = await modificationTimes(folder);
    const text = await readFile(manifest, "utf8");
    await writeFile(manifest, text.replaceAll(/"width": \d+,[^}]*?"sizeBytes": \d+,/g, replacement));
    expect(await fingerprint(folder)).not.toEqual(expected);
    const { exitCode, stderr } = await run(args);
    expect(exitCode, stderr).toBe(0);
    expect(await fingerprint(folder)).toEqual(expected);
    const after = await modificationTimes(folder);
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual([MANIFEST]);
  });

  it("refuses to replace a file of a needed name that it did not make", async () => {
    const folder = path.join(root, "occupied");
    const [name = ""] = await readdir(reference());
    await mkdir(folder);
    await writeFile(path.join(folder, name), "a picture of mine");
    const { exitCode, stderr } = await run(["--out-dir", folder, ...args]);
    expect(exitCode).toBe(73);
    expect(stderr).toContain(`${name}": a file with that name exists, and no earlier run made it`);
    expect(await readFile(path.join(folder, name), "utf8")).toBe("a picture of mine");
  });

  it("clears away temporary files of a killed run, and only those", async () => {
    const { folder, args } = await folderOf("leftovers");
    const [image = ""] = await readdir(folder);
    await writeFile(path.join(folder, `.${image}.77.0123456789ab.tmp`), "half");
    await writeFile(path.join(folder, ".letter.txt.77.0123456789ab.tmp"), "mine");
    await run(args);
    const names = await readdir(folder);
    expect(names.filter((name) => name.endsWith(".tmp"))).toEqual([".letter.txt.77.0123456789ab.tmp"]);
  });
});

describe("the manifest", () => {
  it("fits its schema, tells what each file is, and names no folder", async () => {
    const folder = path.join(root, "told");
    await run(["--out-dir", folder, "--count", "9"]);
    const text = await readFile(path.join(folder, MANIFEST), "utf8");
    const manifest = parseArtifact(syntheticManifest, text, MANIFEST);
    expect(manifest).toMatchObject({ seed: 20260215, count: 9, generatedAt: "2026-02-15T00:00:00.000Z" });
    expect(text).not.toContain(root);
    for (const entry of manifest.files) {
      expect((await stat(path.join(folder, entry.file))).size).toBe(entry.sizeBytes);
      expect(await sha256OfFile(path.join(folder, entry.file))).toBe(entry.sha256);
    }
  });

  it("is dated by SOURCE_DATE_EPOCH, which must be a number of seconds", async () => {
    const folder = path.join(root, "dated");
    const io = (SOURCE_DATE_EPOCH: string) => memoryIo({ cwd: root, env: { SOURCE_DATE_EPOCH } });
    await run(["--out-dir", folder, "--count", "1"], io("86400"));
    expect(await readFile(path.join(folder, MANIFEST), "utf8")).toContain('"generatedAt": "1970-01-02T00:00:00.000Z"');
    for (const text of ["yesterday", "99999999999"]) {
      const { exitCode, stderr } = await run(["--out-dir", folder, "--count", "1"], io(text));
      expect(exitCode).toBe(64);
      expect(stderr).toContain(`SOURCE_DATE_EPOCH: "${text}" is not a time`);
    }
  });
});

describe("two runs at once", () => {
  it("do not share a folder: the second one is told who has it", async () => {
    const folder = path.join(root, "shared");
    await mkdir(folder);
    const first = run(["--out-dir", folder, "--count", "5"]);
    await waitForLines(path.join(folder, ".synthetic-lock"), 1);
    const second = await run(["--out-dir", folder, "--count", "5"]);
    expect(second.exitCode).toBe(73);
    expect(second.stderr).toContain(`process ${process.pid} is writing to it`);
    expect((await first).exitCode).toBe(0);
  });

  it("are not taken for such when the other one was killed", async () => {
    const folder = path.join(root, "stale");
    await mkdir(folder);
    // The number of a live process, but not the process that wrote the lock.
    await writeFile(path.join(folder, ".synthetic-lock"), `${process.pid} 1\n`);
    expect((await run(["--out-dir", folder, "--count", "1"])).exitCode).toBe(0);
    expect(await readdir(folder)).not.toContain(".synthetic-lock");
  });
});

describe("bad circumstances", () => {
  it.each([
    [["--count", "0"], '--count: "0" is out of range'],
    [["--count", "abc"], '--count: "abc" is not a number'],
    [["--seed=-1"], '--seed: "-1" is out of range'],
    [["--concurrency", "0"], '--concurrency: "0" is out of range'],
    [["--out"], "unknown flag --out"],
  ])("refuses %j", async (args, message) => {
    const { exitCode, stderr } = await run(args);
    expect(exitCode).toBe(64);
    expect(stderr).toContain(message);
  });

  it("says when the out-dir is a file", async () => {
    const file = path.join(root, "a-file");
    await writeFile(file, "");
    const { exitCode, stderr } = await run(["--out-dir", file, "--count", "1"]);
    expect(exitCode).toBe(73);
    expect(stderr).toContain(`Cannot make the folder "${file}"`);
  });

  it("goes through a symlink and a leading --", async () => {
    await mkdir(path.join(root, "real"));
    await symlink(path.join(root, "real"), path.join(root, "link"));
    expect((await run(["--", "--out-dir", "link", "--count=1"])).exitCode).toBe(0);
    expect(await readdir(path.join(root, "real"))).toContain(MANIFEST);
  });

  it("stops when it is told to, and keeps what is finished", async () => {
    const folder = path.join(root, "stopped");
    const controller = new AbortController();
    const io = memoryIo({ cwd: root, signal: controller.signal });
    const running = run(["--out-dir", folder, "--count", "200"], io);
    await waitForLines(path.join(folder, ".synthetic-progress.jsonl"), 3);
    controller.abort(new InterruptedError("SIGINT"));
    expect((await running).exitCode).toBe(130);
    const names = await readdir(folder);
    expect(names.filter((name) => /^\d/.test(name)).length).toBeGreaterThanOrEqual(2);
    expect(names).not.toContain(MANIFEST);
    expect(names.filter((name) => name.endsWith(".tmp") || name === ".synthetic-lock")).toEqual([]);
  });

  it("says when the disk is full or read-only, and leaves no broken image", async (context) => {
    const folder = path.join(root, "tiny disk");
    await mkdir(folder);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=400k", "tmpfs", folder]).status === 0;
    if (!mounted) return context.skip("mounting a small file system is not allowed here");
    try {
      const full = await run(["--out-dir", folder, "--count", "12"]);
      expect([full.exitCode, full.stderr]).toEqual([73, expect.stringContaining("no space left on the device")]);
      expect((await readdir(folder)).filter((name) => name.endsWith(".tmp") || name === MANIFEST)).toEqual([]);
      expect(spawnSync("mount", ["-o", "remount,ro", folder]).status).toBe(0);
      const readOnly = await run(["--out-dir", folder, "--count", "12"]);
      expect([readOnly.exitCode, readOnly.stderr]).toEqual([
        73,
        expect.stringContaining("the file system is read-only"),
      ]);
    } finally {
      spawnSync("umount", [folder]);
    }
  });
});

describe("--timings", () => {
  it("prints a line per format and the ratio of all work to encoding", async () => {
    const { stderr } = await run(["--out-dir", path.join(root, "timed"), "--count", "6", "--timings"]);
    for (const name of ["format", "jpg", "png", "gif", "tiff", "without gif", "all"]) {
      expect(stderr).toMatch(new RegExp(`^${name} +\\S+`, "m"));
    }
    expect(stderr).toMatch(/whole process without gif: \d+ ms, \d+\.\d\d × encoding the same pixels/);
  });
});
