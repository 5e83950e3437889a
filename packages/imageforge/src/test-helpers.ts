import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { type CliIo, main } from "./main.ts";
import type { Report } from "./report.ts";

const PROJECT_ROOT = fileURLToPath(new URL("../../..", import.meta.url));

const remove = (folder: string) => rm(folder, { recursive: true, force: true });

/** A temporary folder of the test that runs, or begins: it is removed after it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "imageforge-"));
  onTestFinished(() => remove(folder));
  return folder;
}

/** Builds the CLI before the tests of a file as users run it, inside the project, where sharp is found. */
export function useBuiltCli(): { readonly file: () => string } {
  let folder = "";
  beforeAll(async () => {
    const parent = path.join(PROJECT_ROOT, ".tmp/test");
    await mkdir(parent, { recursive: true });
    folder = await mkdtemp(path.join(parent, "imageforge-"));
    const script = path.join(PROJECT_ROOT, "scripts/bench/build-subject.mjs");
    const args = [script, "--out", path.join(folder, "cli.js")];
    const env = { ...process.env, GITHUB_OUTPUT: "" };
    await promisify(execFile)(process.execPath, args, { cwd: PROJECT_ROOT, env });
  });
  afterAll(() => remove(folder));
  return { file: () => path.join(folder, "cli.js") };
}

/** A small image with detail; another `seed` gives another picture. */
export async function picture(options: { width?: number; height?: number; seed?: number } = {}): Promise<Sharp> {
  const { width = 48, height = 32, seed = 1 } = options;
  const data = Buffer.alloc(width * height * 3);
  for (let index = 0; index < data.length; index += 1) data[index] = (index * seed + ((index * index) >> 7)) & 0xff;
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Writes a file below a folder, with its parents. */
export async function put(folder: string, name: string, content: Buffer | string): Promise<string> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

/** Writes a small JPEG. */
export async function putJpeg(folder: string, name: string, seed = 1): Promise<string> {
  return put(folder, name, await (await picture({ seed })).jpeg().toBuffer());
}

/** What a run of the CLI did. */
export interface CliRun {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The JSON report. */
  readonly report: () => Report;
}

function cliRun(facts: Omit<CliRun, "report">): CliRun {
  return { ...facts, report: () => JSON.parse(facts.stdout) as Report };
}

/** Runs the CLI in this process. */
export async function forge(...argv: readonly string[]): Promise<CliRun> {
  const out: string[] = [];
  const err: string[] = [];
  const io: CliIo = {
    cwd: tmpdir(),
    writeOut: (text) => void out.push(text),
    writeError: (text) => void err.push(text),
    showsProgress: () => false,
    cleanups: new Set(),
  };
  const exitCode = await main(argv, io);
  return cliRun({ exitCode, signal: null, stdout: out.join(""), stderr: err.join("") });
}

/** Starts the built CLI; `done` resolves when it has ended and never rejects. */
export function startCli(
  cli: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly done: Promise<CliRun> } {
  const child = spawn(process.execPath, [cli, ...argv], { cwd: tmpdir(), env: { ...process.env, ...env } });
  const texts = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (texts.stderr += text));
  const done = new Promise<CliRun>((resolve) => {
    child.on("close", (exitCode, signal) => resolve(cliRun({ exitCode, signal, ...texts })));
  });
  return { child, done };
}

/** The files below a folder with their bytes, by relative path; the cache's folder is left out unless asked for. */
export async function filesBelow(folder: string, withCache = false): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const relative = files.map((file) => path.relative(folder, file)).sort();
  const wanted = relative.filter((file) => withCache || !file.startsWith(".imageforge-cache"));
  return new Map(
    await Promise.all(wanted.map(async (file) => [file, await readFile(path.join(folder, file))] as const)),
  );
}
