import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ArtifactError, OperationError } from "@forgebench/errors";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { decodeUtf8, isThere, LineLog, makeFolder, readInputText, writeFileAtomic } from "./files.ts";

const PROJECT_ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

/** Compiled once: children that compile first take a second to begin. */
const compiled = path.join(mkdtempSync(path.join(os.tmpdir(), "files compiled ")), "files.mjs");
beforeAll(async () => {
  await build({
    entryPoints: [path.join(PROJECT_ROOT, "packages/io/src/files.ts")],
    outfile: compiled,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "bundle",
    logLevel: "error",
  });
});
afterAll(() => rmSync(path.dirname(compiled), { recursive: true, force: true }));

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "files ü "));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("nothing was thrown"),
    (error: unknown) => error,
  );
}

/** A child that runs `code`, which can use everything that files.ts exports. */
function startChild(code: string) {
  const program = `const { writeFileAtomic, LineLog } = await import(${JSON.stringify(compiled)}); ${code}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    cwd: PROJECT_ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** Waits for the child's first output, looks a few times at random moments, then kills it without warning. */
async function killSoon(child: ReturnType<typeof startChild>, look: () => void = () => undefined): Promise<void> {
  await new Promise((resolve) => child.stdout.once("data", resolve));
  for (let times = 0; times < 4; times += 1) {
    await sleep(Math.random() * 10);
    look();
  }
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

describe("writeFileAtomic", () => {
  it("makes parents, replaces what was there and leaves nothing else", async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, "deep er", "out.json");
    await writeFileAtomic(file, "one");
    await writeFileAtomic(file, new Uint8Array([116, 119, 111]));
    expect(readFileSync(file, "utf8")).toBe("two");
    expect(readdirSync(path.dirname(file))).toEqual(["out.json"]);
  });

  it("leaves an old or a new file, whole, when killed at any moment", async () => {
    const file = path.join(temporaryFolder(), "out.txt");
    const sizeChars = 1_000_000;
    writeFileSync(file, "-".repeat(sizeChars));
    const write = `const file = ${JSON.stringify(file)}; process.stdout.write("started");
      for (let i = 0; ; i = (i + 1) % 10) await writeFileAtomic(file, String(i).repeat(${sizeChars}));`;
    const seen = new Set<string>();
    const look = () => {
      const text = readFileSync(file, "utf8");
      const [first = ""] = text;
      expect(text === first.repeat(sizeChars)).toBe(true);
      seen.add(first);
    };
    for (let round = 0; round < 4; round += 1) {
      // A reader at any moment sees a whole file too.
      await killSoon(startChild(write), look);
      look();
    }
    // The children did write: the content that was there before is gone.
    expect([...seen].some((first) => first !== "-")).toBe(true);
  });

  it("survives many writers at once", async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, "out.txt");
    const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(5000));
    await Promise.all(contents.map((content) => writeFileAtomic(file, content)));
    expect(contents).toContain(readFileSync(file, "utf8"));
    expect(readdirSync(folder)).toEqual(["out.txt"]);
  });

  it("refuses to replace a folder", async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, "out"));
    const error = await failure(writeFileAtomic(path.join(folder, "out"), "x"));
    expect(error).toBeInstanceOf(OperationError);
    expect(String(error)).toContain(`Cannot write "${path.join(folder, "out")}": a folder has that name`);
    expect(exitCodeOf(error)).toBe(EXIT.output);
    expect(readdirSync(folder)).toEqual(["out"]);
  });

  it("refuses a path through a file", async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, "file"), "");
    const error = await failure(writeFileAtomic(path.join(folder, "file", "out"), "x"));
    expect(String(error)).toMatch(
      /Cannot make the folder ".*file": (a part of the path is a file|a file has that name)/,
    );
    expect(exitCodeOf(error)).toBe(EXIT.output);
  });

  it("names a folder that may not be written to", async () => {
    const folder = temporaryFolder();
    const closed = path.join(folder, "closed");
    mkdirSync(closed);
    chmodSync(closed, 0o555);
    const file = path.join(closed, "out");
    // The superuser may write anywhere: there the kernel's own read-only folder stands in.
    const target = process.getuid?.() === 0 ? "/proc/out" : file;
    const error = await failure(writeFileAtomic(target, "x"));
    chmodSync(closed, 0o755);
    expect(error).toBeInstanceOf(OperationError);
    expect(String(error)).toContain(`Cannot write "${target}": `);
    expect(exitCodeOf(error)).toBe(EXIT.output);
  });
});

describe("on a full disk", () => {
  it("keeps the old file, says so and cleans up", async ({ skip }) => {
    const disk = mountSmallDisk();
    if (disk === undefined) return skip("a small file system cannot be mounted here");
    const file = path.join(disk, "out.txt");
    await writeFileAtomic(file, "old");
    const error = await failure(writeFileAtomic(file, "x".repeat(1_000_000)));
    expect(String(error)).toContain(`Cannot write "${file}": no space left on the device; free some`);
    expect(exitCodeOf(error)).toBe(EXIT.output);
    expect(readFileSync(file, "utf8")).toBe("old");
    expect(readdirSync(disk)).toEqual(["out.txt"]);

    const log = await LineLog.open(path.join(disk, "log"));
    const refused = await failure(log.append("x".repeat(1_000_000)));
    await log.close();
    expect(String(refused)).toContain("Cannot append to");
    expect(exitCodeOf(refused)).toBe(EXIT.output);
  });
});

/** A file system of 64 kB in a temporary folder; undefined where mounting is not permitted. */
function mountSmallDisk(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  const folder = temporaryFolder();
  onTestFinished(() => void spawnSync("umount", [folder]));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
  return status === 0 ? folder : undefined;
}

describe("LineLog", () => {
  it("appends whole lines and goes on where it stopped", async () => {
    const file = path.join(temporaryFolder(), "deep", "log.jsonl");
    for (const line of ["one", "two ü"]) {
      const log = await LineLog.open(file);
      await log.append(line);
      await log.close();
    }
    expect(readFileSync(file, "utf8")).toBe("one\ntwo ü\n");
  });

  it("has every line on the disk that it said it has, whenever it is killed", async () => {
    const file = path.join(temporaryFolder(), "log.txt");
    const child = startChild(
      `const log = await LineLog.open(${JSON.stringify(file)});
       for (let i = 0; ; i += 1) { await log.append("line " + i); process.stdout.write("line " + i + "\\n"); }`,
    );
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    await killSoon(child);
    const whole = said.slice(0, said.lastIndexOf("\n") + 1);
    expect(whole).not.toBe("");
    expect(readFileSync(file, "utf8").startsWith(whole)).toBe(true);
  });

  it("names a file that cannot be opened", async () => {
    const folder = temporaryFolder();
    const error = await failure(LineLog.open(folder));
    expect(String(error)).toContain(`Cannot append to "${folder}": a folder has that name`);
  });
});

describe("reading inputs", () => {
  it("names the file, the kind and the reason", async () => {
    const folder = temporaryFolder();
    const missing = path.join(folder, "gone.json");
    const error = await failure(readInputText(missing, "summary"));
    expect(error).toBeInstanceOf(ArtifactError);
    expect(String(error)).toContain(`Cannot read summary "${missing}": there is no such file`);
    expect(String(await failure(readInputText(folder, "summary")))).toContain("is a folder, not a file");
    symlinkSync(missing, path.join(folder, "dangling"));
    expect(String(await failure(readInputText(path.join(folder, "dangling"), "summary")))).toContain(
      "there is no such file",
    );
  });

  it("refuses bytes that are no UTF-8 and keeps a byte order mark", () => {
    expect(() => decodeUtf8(new Uint8Array([0x7b, 0xff, 0x7d]), "f.json", "summary")).toThrow(
      'Cannot read summary "f.json": not UTF-8 text',
    );
    expect(decodeUtf8(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]), "f", "k")).toBe("\ufeffa");
  });
});

it("makeFolder makes parents and accepts a folder that is there", async () => {
  const folder = path.join(temporaryFolder(), "a", "b c");
  expect(await makeFolder(folder)).toBe(folder);
  await makeFolder(folder);
  expect(existsSync(folder)).toBe(true);
});

it("makeFolder says what stands in the way, and does not wait for what will never be", async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, "file"), "");
  symlinkSync("nowhere", path.join(folder, "dangling"));
  for (const [place, reason] of [
    ["file", "a file has that name"],
    ["file/below", "a part of the path is a file"],
    ["dangling/below", "a link that leads nowhere"],
  ] as const) {
    const error = await failure(makeFolder(path.join(folder, place)));
    expect(error).toBeInstanceOf(OperationError);
    expect(String(error)).toContain(reason);
  }
  if (process.platform === "linux") await failure(makeFolder("/proc/forgebench/below"));
});

it("writeFileAtomic leaves a pipe a pipe", async () => {
  const pipe = path.join(temporaryFolder(), "pipe");
  spawnSync("mkfifo", [pipe]);
  const error = await failure(writeFileAtomic(pipe, "text"));
  expect(exitCodeOf(error)).toBe(EXIT.output);
  expect(String(error)).toContain(`Cannot write "${pipe}": that is a device or a pipe, not a file`);
  expect(statSync(pipe).isFIFO()).toBe(true);
});

it("isThere knows that nothing is where there is no such name or folder", async () => {
  const root = temporaryFolder();
  writeFileSync(path.join(root, "plain"), "");
  expect(await isThere(path.join(root, "plain"))).toBe(true);
  expect(await isThere(path.join(root, "absent"))).toBe(false);
  expect(await isThere(path.join(root, "plain", "below"))).toBe(false);
});
