import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Suite, SuiteScenario } from "@forgebench/artifacts";
import { ArtifactError, messageOf } from "@forgebench/errors";
import picomatch from "picomatch";
import { type Inputs, sha256OfFile, watchInputs } from "./inputs-folder.ts";

/** More than this is probably a mistake, such as a folder too far up. */
const MAX_FILES = 20_000;

/** The inputs of a suite, and where they are to be. */
interface SuiteInputsRequest {
  readonly suite: Suite;
  readonly suitePath: string;
  /** The scenarios that are measured here: only they get their copy. */
  readonly scenarios: readonly SuiteScenario[];
  readonly folder: string;
  /** Files below it are never inputs, whatever folder is named. */
  readonly workspace: string;
  readonly signal?: AbortSignal | undefined;
}

/** A file of an input: where it lies, and its path in the input folder, with `/`. */
interface InputFile {
  readonly source: string;
  readonly target: string;
}

/** The inputs of a scenario: its own, else those of the suite, else none. */
function inputsOf(suite: Pick<Suite, "inputs">, scenario: SuiteScenario): readonly string[] {
  return scenario.inputs ?? suite.inputs ?? [];
}

/**
 * Copies the files, folders and globs that a suite names to an input folder for each scenario, and hashes them: those of
 * all scenarios, so that every part of a night names the same content.
 * @throws {ArtifactError} for what is not there, matches nothing, holds no file, or would lie twice at one place (exit 65).
 */
export async function prepareSuiteInputs(request: SuiteInputsRequest): Promise<Inputs> {
  const { suite, scenarios, folder, signal } = request;
  const measured = new Set(scenarios.map(({ name }) => name));
  const known = new Map<string, string>();
  const folders: Record<string, string> = {};
  const sha256Of = new Map<string, Map<string, string>>();
  const lines: string[] = [];
  for (const scenario of suite.scenarios) {
    const own = new Map<string, string>();
    const target = path.join(folder, scenario.name);
    for (const file of await listInputs(scenario, request)) {
      signal?.throwIfAborted();
      const fileSha256 = known.get(file.source) ?? (await hashInput(file, scenario, request));
      known.set(file.source, fileSha256);
      own.set(file.target, fileSha256);
      lines.push(`${fileSha256}  ${scenario.name}/${file.target}\n`);
      if (measured.has(scenario.name)) await copyInput(file, target);
    }
    if (!measured.has(scenario.name)) continue;
    await mkdir(target, { recursive: true });
    folders[scenario.name] = target;
    sha256Of.set(scenario.name, own);
  }
  const listing = lines.sort().join("");
  return { ...watchInputs({ folders, sha256Of }), imageCounts: {}, datasetSha256: sha256(listing), listing };
}

/** The changed inputs, for a person; undefined if `before` is not the listing that was measured. */
export function describeChangedInputs(before: string, now: string, datasetSha256: string): string | undefined {
  if (sha256(before) !== datasetSha256) return undefined;
  const [were, are] = [new Set(before.split("\n")), new Set(now.split("\n"))];
  const changed = [...[...were].filter((line) => !are.has(line)), ...[...are].filter((line) => !were.has(line))];
  const names = [...new Set(changed.map((line) => line.slice(line.indexOf("  ") + 2)))].sort();
  const shown = names.slice(0, 3).map(quoted).join(", ");
  return names.length === 0
    ? undefined
    : `${shown}${names.length > 3 ? ` and ${names.length - 3} more` : ""} of the inputs`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function hashInput(file: InputFile, scenario: SuiteScenario, request: SuiteInputsRequest): Promise<string> {
  try {
    return await sha256OfFile(file.source);
  } catch (error) {
    const message = `${quoted(file.target)} cannot be read: ${messageOf(error)}`;
    throw wrongInput(request.suitePath, placeOf(scenario, request.suite), message);
  }
}

/** Where the inputs of a scenario stand in the suite. */
function placeOf(scenario: SuiteScenario, { scenarios }: Suite): string {
  return scenario.inputs === undefined ? "inputs" : `scenarios[${scenarios.indexOf(scenario)}].inputs`;
}

async function copyInput({ source, target }: InputFile, folder: string): Promise<void> {
  const file = path.join(folder, target);
  await mkdir(path.dirname(file), { recursive: true });
  await copyFile(source, file);
}

async function listInputs(scenario: SuiteScenario, request: SuiteInputsRequest): Promise<InputFile[]> {
  const bySource = new Map<string, InputFile>();
  const { suite, suitePath } = request;
  for (const [index, text] of inputsOf(suite, scenario).entries()) {
    const refuse = (message: string) => wrongInput(suitePath, `${placeOf(scenario, suite)}[${index}]`, message);
    for (const file of await filesOf(text, request, refuse)) {
      const there = bySource.get(file.target);
      // A glob and a folder may both name a file; two files of one name would hide one another.
      if (there !== undefined && there.source !== file.source) {
        throw refuse(
          `${quoted(text)} has a ${quoted(file.target)}, and so has another input: put them into different scenarios or folders`,
        );
      }
      bySource.set(file.target, file);
      if (bySource.size > MAX_FILES) throw refuse(`${quoted(text)} matches more than ${MAX_FILES} files`);
    }
  }
  return [...bySource.values()].sort((a, b) => (a.target < b.target ? -1 : 1));
}

type Refuse = (message: string) => ArtifactError;

/** The files that one entry names. */
async function filesOf(text: string, request: SuiteInputsRequest, refuse: Refuse): Promise<InputFile[]> {
  const relative = text.replace(/^\{suiteDir\}(\/|$)/, "");
  const whole = path.resolve(path.dirname(request.suitePath), relative);
  const found = await stat(whole).catch(() => undefined);
  if (found?.isFile() === true) return [{ source: whole, target: path.basename(whole) }];
  if (found?.isDirectory() === true) {
    const files = await filesBelow(whole, request, { refuse, isStrict: true, maxDepth: Number.POSITIVE_INFINITY });
    if (files.length === 0) throw refuse(`${quoted(text)} is a folder without files`);
    return files;
  }
  if (found !== undefined) throw refuse(`${quoted(text)} is neither a file nor a folder`);
  const { base, glob, isGlob } = picomatch.scan(relative);
  const home = path.resolve(path.dirname(request.suitePath), base);
  const isHomeThere = (await stat(home).catch(() => undefined))?.isDirectory() === true;
  if (!isGlob || !isHomeThere) {
    const where = isGlob ? `there is no folder ${quoted(base)}` : "there is no such file or folder";
    throw refuse(`${quoted(text)}: ${where}, seen from the folder of the suite file`);
  }
  const matches = picomatch(glob);
  const maxDepth = glob.includes("**") ? Number.POSITIVE_INFINITY : glob.split("/").length;
  const below = await filesBelow(home, request, { refuse, isStrict: false, maxDepth });
  const files = below.filter(({ target }) => matches(target));
  if (files.length === 0) throw refuse(`${quoted(text)} matches no file below ${quoted(base === "" ? "." : base)}`);
  return files;
}

interface Walk {
  readonly refuse: Refuse;
  /** Whether the whole folder is meant: then hidden folders are included, and anything but files is refused. */
  readonly isStrict: boolean;
  readonly maxDepth: number;
}

async function filesBelow(folder: string, { workspace }: SuiteInputsRequest, walk: Walk): Promise<InputFile[]> {
  const { refuse, isStrict, maxDepth } = walk;
  const files: InputFile[] = [];
  const queue = [""];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const entry of await readdir(path.join(folder, next), { withFileTypes: true })) {
      const target = path.posix.join(next, entry.name);
      const source = path.join(folder, target);
      if (source === workspace) continue;
      const isMeant = isStrict || !entry.name.startsWith(".");
      const isWithin = isMeant && target.split("/").length < maxDepth;
      const found = entry.isDirectory() ? undefined : await stat(source).catch(() => undefined);
      if (entry.isDirectory()) {
        if (isWithin) queue.push(target);
      } else if (found?.isFile() === true) files.push({ source, target });
      else if (found?.isDirectory() === true && isWithin) {
        throw refuse(`${quoted(target)} is a link to a folder: name it as an input of its own, or leave it out`);
      } else if (isStrict) throw refuse(`the folder holds ${quoted(target)}, which is not a plain file`);
      if (files.length + queue.length > MAX_FILES) throw refuse(`the folder holds more than ${MAX_FILES} files`);
    }
  }
  return files;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function wrongInput(suitePath: string, place: string, message: string): ArtifactError {
  return new ArtifactError({ path: suitePath, kind: "suite", issues: [{ path: place, message }] });
}
