import { constants } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import path from "node:path";
import { ArtifactError, codeOf, type ErrorDetail, messageOf, printableLine } from "@forgebench/errors";

/** How much of a folder from outside is read; more is refused. */
interface UntrustedLimits {
  readonly maxEntries: number;
  readonly maxDepth: number;
  readonly maxFileBytes: number;
  readonly maxTotalBytes: number;
}

/** A file of a folder from outside that was asked for. */
export interface UntrustedFile {
  readonly path: string;
  readonly text: string;
}

/** Deeper structures or longer texts than in any file of ours: such a file is an attack on its reader. */
const MAX_JSON_DEPTH = 40;
const MAX_TEXT_LENGTH = 10_000;

/**
 * Reads the files with these names from a folder that somebody else filled, wherever they lie in it. Nothing else is
 * opened, and nothing is run.
 * @throws {ArtifactError} when the folder holds a link, a device or more than the limits say, a name twice, or a text that
 *   is no JSON of reasonable form.
 */
export async function readUntrustedFolder(
  folder: string,
  names: readonly string[],
  limits: UntrustedLimits,
): Promise<ReadonlyMap<string, UntrustedFile>> {
  await checkThere(folder);
  const files = await listFiles(folder, limits);
  const found = new Map<string, UntrustedFile>();
  for (const file of files) {
    const name = path.basename(file);
    if (!names.includes(name)) continue;
    if (found.has(name)) throw refused(folder, `"${name}" is in it twice`);
    const text = await readText(file, limits.maxFileBytes);
    checkForm(file, text);
    found.set(name, { path: file, text });
  }
  return found;
}

/** An artifact that was not downloaded has no folder. */
async function checkThere(folder: string): Promise<void> {
  const isMissing = await lstat(folder).then(
    () => false,
    (error: unknown) => codeOf(error) === "ENOENT",
  );
  if (!isMissing) return;
  const text = "run the job that uploads it again: it uploaded nothing, or the artifact has expired";
  throw refused(folder, "it does not exist", [{ label: "try", text }]);
}

async function listFiles(folder: string, limits: UntrustedLimits): Promise<string[]> {
  const files: string[] = [];
  let entryCount = 0;
  let totalBytes = 0;
  const walk = async (inside: string, depth: number): Promise<void> => {
    if (depth > limits.maxDepth) throw refused(folder, `it is deeper than ${limits.maxDepth} folders`);
    for (const name of (await reading(inside, () => readdir(inside))).sort()) {
      entryCount += 1;
      if (entryCount > limits.maxEntries)
        throw refused(folder, `it has more than ${limits.maxEntries} files and folders`);
      const place = path.join(inside, name);
      const facts = await reading(place, () => lstat(place));
      if (facts.isDirectory()) {
        await walk(place, depth + 1);
        continue;
      }
      const shown = printableLine(path.relative(folder, place), 100);
      if (!facts.isFile()) throw refused(folder, `"${shown}" is a link or a device, not a file`);
      totalBytes += facts.size;
      if (totalBytes > limits.maxTotalBytes) throw refused(folder, `it is larger than ${limits.maxTotalBytes} bytes`);
      files.push(place);
    }
  };
  await walk(folder, 0);
  return files;
}

/** Not more than the stated size, and never through a link that replaced the file. */
async function readText(file: string, maxBytes: number): Promise<string> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await reading(file, () => open(file, flags));
  try {
    const { size } = await handle.stat();
    if (size > maxBytes) throw refused(file, `it has ${size} bytes, at most ${maxBytes} are read`);
    const bytes = Buffer.alloc(size);
    let lengthBytes = 0;
    for (let readBytes = 1; readBytes > 0 && lengthBytes < size; lengthBytes += readBytes) {
      ({ bytesRead: readBytes } = await handle.read(bytes, lengthBytes, size - lengthBytes, null));
    }
    return bytes.subarray(0, lengthBytes).toString("utf8");
  } finally {
    await handle.close();
  }
}

/** Text that is no JSON is left to the parser, which reports the position. */
function checkForm(file: string, text: string): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return;
  }
  checkValue(file, value, 0);
}

/** One value at a time: a list of what is still to be looked at could be larger than the file. */
function checkValue(file: string, value: unknown, depth: number): void {
  if (typeof value === "string") checkLength(file, value);
  if (typeof value !== "object" || value === null) return;
  if (depth > MAX_JSON_DEPTH) throw refused(file, `it is nested deeper than ${MAX_JSON_DEPTH} levels`);
  if (Array.isArray(value)) {
    for (const item of value) checkValue(file, item, depth + 1);
    return;
  }
  for (const key of Object.keys(value)) {
    checkLength(file, key);
    checkValue(file, Reflect.get(value, key), depth + 1);
  }
}

function checkLength(file: string, text: string): void {
  if (text.length > MAX_TEXT_LENGTH) throw refused(file, `a text in it is longer than ${MAX_TEXT_LENGTH} characters`);
}

async function reading<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refused(place, codeOf(error) === "ENOENT" ? "it does not exist" : messageOf(error));
  }
}

function refused(place: string, message: string, details: readonly ErrorDetail[] = []): ArtifactError {
  return new ArtifactError({ path: place, kind: "artifact from outside", issues: [{ path: "", message }], details });
}
