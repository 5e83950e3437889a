import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { memoryIo, PROJECT_ROOT, type ScriptMain } from "@forgebench/io";

/** A folder `fixtures/scripts/<script>/<name>`: arguments and inputs of a script, and what it must answer. */
interface Situation {
  readonly script: string;
  readonly name: string;
  readonly folder: string;
}

/** The output of a script, with `<tmp>` for its working folder and `<root>` for the project's root. */
interface Transcript {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** The files that it made or changed, by their path below the working folder. */
  readonly files: ReadonlyMap<string, string>;
}

/** The time that every situation plays at. */
const PLAYED_AT = new Date("2026-02-15T00:00:00Z");

/** All situations below `root`, in order of script and name. */
export function listSituations(root: string): Situation[] {
  const fixtures = path.join(root, "fixtures", "scripts");
  return subfolders(fixtures).flatMap((script) =>
    subfolders(path.join(fixtures, script)).map((name) => ({
      script,
      name,
      folder: path.join(fixtures, script, name),
    })),
  );
}

function subfolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Runs the script's `main` in-process, in a temporary copy of the situation's `input`. */
export async function playSituation(root: string, situation: Situation): Promise<Transcript> {
  const cwd = realpathSync(mkdtempSync(path.join(os.tmpdir(), "golden-")));
  try {
    const input = path.join(situation.folder, "input");
    if (existsSync(input)) cpSync(input, cwd, { recursive: true });
    const before = readFiles(cwd);
    const io = memoryIo({ cwd, now: () => PLAYED_AT });
    const main = await importMain(path.join(root, "scripts", "bench", `${situation.script}.ts`));
    const args = readArguments(situation).map((arg) => arg.replaceAll("<tmp>", cwd).replaceAll("<root>", PROJECT_ROOT));
    const exitCode = await main(args, io);
    const neutral = (text: string) =>
      text
        .replaceAll(cwd, "<tmp>")
        .replaceAll(PROJECT_ROOT, "<root>")
        // Node 22 and newer say it too, in texts of one line.
        .replace(/(in JSON at position \d+) \(line 1 column \d+\)/g, "$1");
    const changed = [...readFiles(cwd)].filter(([file, text]) => before.get(file) !== text);
    return {
      stdout: neutral(io.stdoutText()),
      stderr: neutral(io.stderrText()),
      exitCode,
      files: new Map(changed.map(([file, text]) => [file, neutral(text)])),
    };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

async function importMain(file: string): Promise<ScriptMain> {
  const module: { readonly main?: ScriptMain } = await import(pathToFileURL(file).href);
  if (module.main === undefined) throw new Error(`${file} exports no main(argv, io)`);
  return module.main;
}

/** One argument a line; an empty line is an empty argument. */
function readArguments(situation: Situation): string[] {
  const text = readFileSync(path.join(situation.folder, "args"), "utf8").replace(/\n$/, "");
  return text === "" ? [] : text.split("\n");
}

function readFiles(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(files.sort().map((file) => [path.relative(folder, file), readFileSync(file, "utf8")]));
}

/** The expected output in the situation's folder; `files` only if it has a folder `expected.files`. */
export function readExpected(situation: Situation): Transcript {
  const read = (name: string) => {
    const file = path.join(situation.folder, name);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  };
  const files = path.join(situation.folder, "expected.files");
  return {
    stdout: read("expected.stdout"),
    stderr: read("expected.stderr"),
    exitCode: Number.parseInt(read("expected.exit"), 10),
    files: existsSync(files) ? readFiles(files) : new Map(),
  };
}

/** Whether the situation says which files the script writes. */
export function expectsFiles(situation: Situation): boolean {
  return existsSync(path.join(situation.folder, "expected.files"));
}

/** Makes the situation expect what the script answered. */
export function writeExpected(situation: Situation, transcript: Transcript): void {
  const write = (name: string, text: string) => {
    const file = path.join(situation.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  write("expected.stdout", transcript.stdout);
  write("expected.stderr", transcript.stderr);
  write("expected.exit", `${transcript.exitCode}\n`);
  if (!expectsFiles(situation)) return;
  rmSync(path.join(situation.folder, "expected.files"), { recursive: true });
  mkdirSync(path.join(situation.folder, "expected.files"));
  for (const [file, text] of transcript.files) write(path.join("expected.files", file), text);
}
