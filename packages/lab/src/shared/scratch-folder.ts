import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { makeFolder } from "@forgebench/io";

/** Does something with a folder that is made anew, and removes it whatever comes of it. */
export async function inScratchFolder<Result>(
  folder: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  await rm(folder, { recursive: true, force: true });
  try {
    return await work(await makeFolder(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Does something with a new folder below `parent`, and removes it whatever comes of it. */
export async function inTemporaryFolder<Result>(
  prefix: string,
  work: (folder: string) => Promise<Result>,
  parent = tmpdir(),
): Promise<Result> {
  return inScratchFolder(await realpath(await mkdtemp(path.join(parent, prefix))), work);
}
