import type { Dirent } from "node:fs";
import { readdir, readlink, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { ArtifactError, codeOf, messageOf } from "@forgebench/errors";
import { promiseOf } from "./image-format.ts";
import { readFailure } from "./image-probe.ts";
import { compareText, type ImageProblem } from "./pool.ts";

/** A file that is or may be an image. */
export interface FoundFile {
  /** Absolute. */
  readonly file: string;
  /** Below the folder that was listed, with `/`. */
  readonly name: string;
  /** Whether the name promises an image; other files are taken only if their content is one. */
  readonly promised: boolean;
}

interface ImageListing {
  /** Sorted by name. */
  readonly files: readonly FoundFile[];
  readonly problems: readonly ImageProblem[];
  /** Names of files that are no images. */
  readonly ignored: readonly string[];
}

/**
 * Lists the images of a folder and its subfolders. Hidden files are passed over. A symbolic link to a file inside the
 * folder is followed; one that leaves the folder or leads nowhere is a problem; one to a folder is passed over.
 * Undefined when the folder is not there. @throws {ArtifactError} when it cannot be listed (exit 65).
 */
export async function listImages(folder: string): Promise<ImageListing | undefined> {
  let root: string;
  try {
    root = await realpath(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw folderError(folder, messageOf(error));
  }
  const listing = { files: [] as FoundFile[], problems: [] as ImageProblem[], ignored: [] as string[] };
  for (const entry of await listEntries(folder, root)) await classify(entry, root, listing);
  const byName = (a: FoundFile, b: FoundFile) => compareText(a.name, b.name);
  return { ...listing, files: listing.files.toSorted(byName), ignored: listing.ignored.toSorted(compareText) };
}

/** An error about a folder of images. */
export function folderError(folder: string, message: string): ArtifactError {
  return new ArtifactError({ path: folder, kind: "image folder", issues: [{ path: "", message }] });
}

interface Entry {
  readonly name: string;
  readonly file: string;
  readonly dirent: Dirent;
}

async function listEntries(folder: string, root: string): Promise<Entry[]> {
  try {
    const dirents = await readdir(root, { withFileTypes: true, recursive: true });
    return dirents
      .map((dirent) => {
        const file = path.join(dirent.parentPath, dirent.name);
        return { name: path.relative(root, file).split(path.sep).join("/"), file, dirent };
      })
      .filter(({ name }) => !/(^|\/)\./.test(name));
  } catch (error) {
    throw folderError(folder, codeOf(error) === "ENOTDIR" ? "is a file, not a folder" : readFailure(error));
  }
}

interface OpenListing {
  readonly files: FoundFile[];
  readonly problems: ImageProblem[];
  readonly ignored: string[];
}

async function classify({ name, file, dirent }: Entry, root: string, listing: OpenListing): Promise<void> {
  const promise = promiseOf(name);
  if (dirent.isDirectory()) return;
  if (promise === "other") {
    listing.ignored.push(name);
    return;
  }
  const link = dirent.isSymbolicLink() ? await followLink(file, root) : undefined;
  if (link === "folder") return;
  if (link !== undefined && link !== "file") listing.problems.push({ file, reason: link.reason });
  // Opening a pipe or a device could wait for ever.
  else if (link === undefined && !dirent.isFile()) listing.problems.push({ file, reason: "is not a regular file" });
  else listing.files.push({ file, name, promised: promise === "image" });
}

async function followLink(file: string, root: string): Promise<"file" | "folder" | { readonly reason: string }> {
  try {
    const target = await realpath(file);
    if (!target.startsWith(root + path.sep)) {
      return { reason: `is a link that leaves the folder (to ${JSON.stringify(await readlink(file))}); copy the file` };
    }
    const stats = await stat(target);
    if (stats.isDirectory()) return "folder";
    return stats.isFile() ? "file" : { reason: "is a link to something that is not a regular file" };
  } catch (error) {
    return { reason: codeOf(error) === "ENOENT" ? "is a link that leads nowhere" : readFailure(error) };
  }
}
