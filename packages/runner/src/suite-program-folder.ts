import { createHash } from "node:crypto";
import { access, constants, readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { SubjectFingerprint, Suite } from "@forgebench/artifacts";
import { ArtifactError, nearestName } from "@forgebench/errors";
import type { Arm } from "./cells.ts";
import { sha256OfFile } from "./inputs-folder.ts";
import { commandWords } from "./subject-command.ts";
import { placeOfText } from "./suite-word-problems.ts";

/** Where a suite lies and where its programs are found. */
export interface SuitePlace {
  readonly suite: Suite;
  readonly suitePath: string;
  /** The folder of the suite file. */
  readonly suiteDir: string;
  readonly searchPath: string;
  /** What `node` at the start of a command stands for. */
  readonly nodePath: string;
}

/** The identity of a command, besides the build of its CLI. */
export type CommandFacts = Pick<SubjectFingerprint, "argumentsSha256" | "filesSha256">;

/**
 * The parts of an arm's command besides its CLI: the arguments of the arm, and the files beside the suite.
 * @throws {ArtifactError} for a file that is not there (exit 65).
 */
export async function commandFactsOf(place: SuitePlace, arm: Arm): Promise<CommandFacts> {
  const own = place.suite.arms?.[arm].arguments;
  const lines = await hashNamedFiles(place);
  return {
    ...(own === undefined ? {} : { argumentsSha256: sha256(JSON.stringify(own)) }),
    ...(lines.length === 0 ? {} : { filesSha256: sha256(lines.sort().join("")) }),
  };
}

const BESIDE = "{suiteDir}/";

/** The files and folders that words of the command name as a whole: `{suiteDir}/work.py`. */
export function namesBesideSuite(suite: Suite): string[] {
  const words = [...commandWords(suite), ...(suite.plantCommand ?? [])];
  return [...new Set(words.filter((word) => word.startsWith(BESIDE)))];
}

async function hashNamedFiles({ suite, suitePath, suiteDir }: SuitePlace): Promise<string[]> {
  const lines: string[] = [];
  for (const word of namesBesideSuite(suite)) {
    const name = word.slice(BESIDE.length);
    const file = path.join(suiteDir, name);
    const found = await stat(file).catch(() => undefined);
    if (found === undefined) {
      const where = `${JSON.stringify(word)}: there is no such file or folder beside the suite`;
      throw wrongCommand(suitePath, placeOfText(suite, word), `${where}${await meantBeside(file)}`);
    }
    if (found.isFile()) lines.push(`${await sha256OfFile(file)}  ${name}\n`);
  }
  return lines;
}

async function meantBeside(file: string): Promise<string> {
  const names = await readdir(path.dirname(file)).catch(() => []);
  return meant(path.basename(file), names);
}

/**
 * The SHA-256 of the program that a command without a CLI starts.
 * @throws {ArtifactError} for a program that is not there, with the nearest name (exit 65).
 */
export async function hashProgram(place: SuitePlace): Promise<string> {
  const [word = ""] = place.suite.subject.argv;
  return sha256OfFile(await findProgram(word, "subject.argv[0]", place));
}

/** Folders that every machine has, with what belongs to the system. */
const OF_SYSTEM = /^\/(usr|bin|sbin|lib\w*|opt|etc|dev|proc|sys|nix)(\/|$)/;

/**
 * The folders of this machine that words of the commands name: artifacts do not show them. A pattern of a program, such as
 * `/a/p` of sed, is none, since nothing lies there.
 */
export async function foreignFolders(suite: Suite): Promise<string[]> {
  const words = [...commandWords(suite), ...(suite.plantCommand ?? [])];
  const folders = new Set<string>();
  for (const written of new Set(words.flatMap(absolutePathsIn))) {
    const file = path.resolve(written);
    const parent = path.dirname(file);
    const isThere = [file, ...(path.dirname(parent) === parent ? [] : [parent])].map((one) => stat(one));
    const found = (await Promise.allSettled(isThere)).some(({ status }) => status === "fulfilled");
    if (found && !OF_SYSTEM.test(file)) folders.add(parent === "/" ? file : parent);
  }
  return [...folders];
}

/** A word that is a path, or ends in one after `=`, may have spaces; in another, such as a line for a shell, they end a path. */
function absolutePathsIn(word: string): string[] {
  const whole = /^(?:[^\s/=]*=)?(\/.+)$/s.exec(word)?.[1];
  if (whole !== undefined) return [whole];
  return word.match(/(?<![\w.~})\]/-])\/[^\s/'"`;|&<>()=:,][^\s'"`;|&<>()=:,]*/g) ?? [];
}

/**
 * Makes sure that the programs which are run beside the subject are there: those that prepare the measured phases, those that
 * slow the controls, and those that start the CLI.
 * @throws {ArtifactError} as {@link hashProgram}.
 */
export async function assertProgramsThere(
  place: SuitePlace,
  { phases, usesPlantCommand }: { readonly phases: readonly string[]; readonly usesPlantCommand: boolean },
): Promise<void> {
  const { subject, plantCommand, phases: declared } = place.suite;
  const commands = [
    { at: "subject.argv[0]", word: subject.argv[0] },
    ...phases.map((name) => ({ at: `phases.${name}.prepare[0]`, word: declared[name]?.prepare?.[0] })),
    { at: "plantCommand[0]", word: usesPlantCommand ? plantCommand?.[0] : undefined },
  ];
  for (const { at, word = "" } of commands) {
    // Programs in a folder of the run exist only during the run.
    const isOfRun = /\{(?!suiteDir\})\w+\}/.test(word) || (at !== "subject.argv[0]" && isRelative(word, place));
    if (word !== "" && !isOfRun) await findProgram(word, at, place);
  }
}

function isRelative(word: string, { suiteDir }: SuitePlace): boolean {
  const written = word.replace("{suiteDir}", suiteDir);
  return written.includes("/") && !path.isAbsolute(written);
}

/** The file of a program; what `at` names in the suite. */
async function findProgram(word: string, at: string, place: SuitePlace): Promise<string> {
  const { suitePath, suiteDir, searchPath, nodePath } = place;
  const refuse = (message: string) => wrongCommand(suitePath, at, `${JSON.stringify(word)} ${message}`);
  if (word === "node") return nodePath;
  const written = word.replace("{suiteDir}", suiteDir);
  if (isRelative(word, place)) {
    throw refuse("would be searched in the folder of the run; write {suiteDir}/… for a program beside the suite");
  }
  if (written.includes("/")) {
    if (!(await isProgram(written))) throw refuse("is not an executable program");
    return realpath(written);
  }
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== "");
  for (const folder of folders) {
    const file = path.join(folder, written);
    if (await isProgram(file)) return realpath(file);
  }
  if (await isFile(path.join(suiteDir, written))) {
    throw refuse(`is not on the PATH but beside the suite: write "{suiteDir}/${written}"`);
  }
  const names = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  throw refuse(`is not on the PATH${meant(written, names.flat())}: install it, or name another program`);
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() === true;
}

async function isProgram(file: string): Promise<boolean> {
  if (!(await isFile(file))) return false;
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function meant(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? "" : `, ${JSON.stringify(nearest)} is meant?`;
}

function wrongCommand(suitePath: string, place: string, message: string): ArtifactError {
  return new ArtifactError({ path: suitePath, kind: "suite", issues: [{ path: place, message }] });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
