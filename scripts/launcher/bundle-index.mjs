// @ts-check
// Checks whether a bundle fits its sources, by one call of stat for each of them.
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** Holds an index for each entry, and one folder for each state of the sources that was bundled lately. */
export const BUNDLES = path.join(ROOT, "node_modules", ".cache", "forgebench");

/**
 * Two files with the same stamp have the same content: every write to a file changes at least the last of these.
 * @typedef {{ stamp: string, sha256: string }} KnownFile
 *
 * @typedef {object} BundleIndex
 * @property {string} folder below BUNDLES
 * @property {Record<string, KnownFile>} sources of the entry, by path below the root
 * @property {Record<string, KnownFile>} outputs that the entry may load, by name in the folder
 */

/**
 * The file of an entry, if it was made of the current sources and has not changed since.
 * @param {string} entry `NAME`, or `NAME.flags`
 * @returns {string | undefined}
 */
export function freshBundle(entry) {
  const index = readIndex(entry);
  if (index === undefined) return undefined;
  const folder = path.join(BUNDLES, index.folder);
  const checked = [check(ROOT, index.sources), check(folder, index.outputs)];
  if (checked.includes("changed")) return undefined;
  // Copied, checked out again, or touched: the same content. The next start need not read it again.
  if (checked.includes("touched")) {
    writeIndex(entry, index.folder, { sources: Object.keys(index.sources), outputs: Object.keys(index.outputs) });
  }
  return path.join(folder, `${entry}.mjs`);
}

/**
 * @param {string} folder
 * @param {Record<string, KnownFile>} files
 * @returns {"as known" | "touched" | "changed"}
 */
function check(folder, files) {
  let isTouched = false;
  for (const [name, { stamp, sha256 }] of Object.entries(files)) {
    const file = path.join(folder, name);
    if (stampOf(file) === stamp) continue;
    if (sha256Of(file) !== sha256) return "changed";
    isTouched = true;
  }
  return isTouched ? "touched" : "as known";
}

/**
 * Writes down what an entry was made of, and what was made. Nothing is lost where it cannot be written: the next start
 * looks again.
 * @param {string} entry
 * @param {string} folder
 * @param {{ sources: readonly string[], outputs: readonly string[] }} names
 */
export function writeIndex(entry, folder, { sources, outputs }) {
  /** @type {BundleIndex} */
  const index = { folder, sources: known(ROOT, sources), outputs: known(path.join(BUNDLES, folder), outputs) };
  const file = indexOf(entry);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, JSON.stringify(index));
    renameSync(temporary, file);
  } catch {
    // A folder that cannot be written to, or a full disk.
  }
}

/** @param {string} entry */
function indexOf(entry) {
  return path.join(BUNDLES, `${entry}.json`);
}

/**
 * @param {string} folder
 * @param {readonly string[]} names
 * @returns {Record<string, KnownFile>}
 */
function known(folder, names) {
  return Object.fromEntries(
    names.map((name) => {
      const file = path.join(folder, name);
      // In this order: of a file that is written in between, the stamp is the older one, and the next start looks again.
      const stamp = stampOf(file) ?? "";
      return [name, { stamp, sha256: sha256Of(file) ?? "" }];
    }),
  );
}

/**
 * @param {string} entry
 * @returns {BundleIndex | undefined}
 */
function readIndex(entry) {
  try {
    const index = JSON.parse(readFileSync(indexOf(entry), "utf8"));
    return typeof index?.folder === "string" && index.sources && index.outputs ? index : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} file
 * @returns {string | undefined}
 */
function stampOf(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino}`;
}

/**
 * @param {string} file
 * @returns {string | undefined}
 */
export function sha256Of(file) {
  try {
    // Asked for here: the usual start reads no file, and loading it takes milliseconds.
    const { createHash } = process.getBuiltinModule("node:crypto");
    return createHash("sha256").update(readFileSync(file)).digest("hex");
  } catch {
    return undefined;
  }
}
