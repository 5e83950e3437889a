import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { CliError, EXIT, reasonOf } from "./errors.ts";
import type { Options } from "./options.ts";

/** An image to work on. */
export interface Input {
  /** Relative to the input folder, with `/` between the parts. */
  readonly source: string;
  /** {@link source} without its extension: what the outputs are named after. */
  readonly stem: string;
  readonly file: string;
}

const EXTENSION = /\.(jpe?g|png|gif|tiff?|webp)$/i;

/**
 * The images below the input folder, sorted by path. Links are followed, each folder once.
 * @throws {CliError} when the folder cannot be read (exit 64) or holds no image (exit 65).
 */
export async function findInputs(options: Options): Promise<readonly Input[]> {
  const sources: string[] = [];
  collect(options, "", [], sources);
  const wanted = await makeFilter(options);
  const inputs = sources.filter(wanted).sort(compareText);
  if (inputs.length > 0) return inputs.map((source) => describe(source, options.inputDir));
  const reason = sources.length === 0 ? "holds no image" : `holds ${sources.length} images, but the globs leave none`;
  throw new CliError(
    EXIT.input,
    `INPUT_DIR "${options.inputDir}" ${reason}; accepted are jpg, jpeg, png, gif, tif, tiff, webp`,
  );
}

function describe(source: string, inputDir: string): Input {
  return { source, stem: source.replace(EXTENSION, ""), file: path.join(inputDir, source) };
}

/** Collects image paths below `folder`; `parents` are the real paths of the folders above, to end loops of links. */
function collect(options: Options, folder: string, parents: readonly string[], sources: string[]): void {
  const absolute = path.join(options.inputDir, folder);
  const real = realpathSync(absolute);
  if (parents.includes(real) || (folder !== "" && real === realpathIfThere(options.outDir))) return;
  for (const entry of readFolder(absolute)) {
    if (entry.name.startsWith(".")) continue;
    const relative = folder === "" ? entry.name : `${folder}/${entry.name}`;
    const kind = kindOf(entry, absolute);
    if (kind === "folder") collect(options, relative, [...parents, real], sources);
    else if (kind === "file" && EXTENSION.test(entry.name)) sources.push(relative);
  }
}

function readFolder(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new CliError(EXIT.usage, `Cannot read the folder "${folder}": ${reasonOf(error)}`, { cause: error });
  }
}

function kindOf(entry: Dirent, parent: string): "folder" | "file" | "other" {
  try {
    const found = entry.isSymbolicLink() ? statSync(path.join(parent, entry.name)) : entry;
    if (found.isDirectory()) return "folder";
    // A pipe would be waited on for ever.
    return found.isFile() ? "file" : "other";
  } catch {
    // A broken link is taken, so that it is reported.
    return "file";
  }
}

async function makeFilter(options: Options): Promise<(source: string) => boolean> {
  const { include, exclude } = options;
  if (include.length === 0 && exclude.length === 0) return () => true;
  const { default: picomatch } = await import("picomatch");
  const matcher = (globs: readonly string[]) => {
    const tests = globs.map((glob) => picomatch(glob, { basename: !glob.includes("/") }));
    return (source: string) => tests.some((test) => test(source));
  };
  const included = include.length === 0 ? () => true : matcher(include);
  const excluded = matcher(exclude);
  return (source) => included(source) && !excluded(source);
}

/**
 * Refuses folders where an output could land among the inputs.
 * @throws {CliError} when a folder is missing, or is used for both (exit 64).
 */
export function checkFolders(options: Options): void {
  const { inputDir, outDir } = options;
  const found = statSync(inputDir, { throwIfNoEntry: false });
  if (found === undefined) throw new CliError(EXIT.usage, `INPUT_DIR "${inputDir}" does not exist`);
  if (!found.isDirectory()) throw new CliError(EXIT.usage, `INPUT_DIR "${inputDir}" is a file, not a folder`);
  const input = realpathSync(inputDir);
  const out = realpathOfNearest(outDir);
  if (input !== out && !input.startsWith(withSeparator(out))) return;
  throw new CliError(
    EXIT.usage,
    `--out-dir "${outDir}" ${input === out ? "is" : "contains"} INPUT_DIR "${inputDir}": outputs would be written among the inputs; choose another folder`,
  );
}

function withSeparator(folder: string): string {
  return folder.endsWith(path.sep) ? folder : folder + path.sep;
}

/** The real path of a folder that may not be there yet: that of its nearest parent that is, and the rest. */
function realpathOfNearest(folder: string): string {
  const real = realpathIfThere(folder);
  if (real !== undefined) return real;
  return path.join(realpathOfNearest(path.dirname(folder)), path.basename(folder));
}

function realpathIfThere(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}

/** Order by code unit: the same in every locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
