import { randomBytes } from "node:crypto";
import { readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { OperationError } from "@forgebench/errors";
import { isBuildLeftover, staleArchives } from "./asset-names.ts";
import { inspectTierFolder } from "./tier-folder.ts";

/** Where a build writes, and what. */
export interface BuildOutput {
  readonly datasetVersion: string;
  /** The folder of the assets. */
  readonly assets: string;
  /** The folder of the unpacked tiers of this version. */
  readonly tiers: string;
  readonly tierIds: readonly string[];
}

/** Removes what killed builds left. Only for a process that has locked both folders: then no build is under way. */
export async function removeLeftovers({ assets, tiers }: BuildOutput): Promise<void> {
  for (const folder of [assets, tiers]) {
    const leftovers = (await readdir(folder)).filter(isBuildLeftover);
    for (const name of leftovers) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

/** @throws {OperationError} when a tier would replace a folder that is no tier of this version (exit 73) */
export async function refuseForeignTiers({ datasetVersion, tiers, tierIds }: BuildOutput): Promise<void> {
  for (const id of tierIds) {
    const folder = path.join(tiers, id);
    if ((await inspectTierFolder(folder, datasetVersion)) !== "foreign") continue;
    const problem = `it holds something else than a tier of version ${datasetVersion}`;
    throw new OperationError("output", `Cannot replace "${folder}": ${problem}`, {
      details: [{ label: "try", text: "move it away, or choose another --build-dir" }],
    });
  }
}

/** Removes tiers and archives that an earlier build of this version made and this one did not; resolves to their paths. */
export async function removeStale({ datasetVersion, assets, tiers, tierIds }: BuildOutput): Promise<string[]> {
  const archives = staleArchives(await readdir(assets), datasetVersion, tierIds);
  const stale = archives.map((name) => path.join(assets, name));
  for (const name of await readdir(tiers)) {
    const folder = path.join(tiers, name);
    const isOther = /^tier\d+$/.test(name) && !tierIds.includes(name);
    if (isOther && (await inspectTierFolder(folder, datasetVersion)) === "ours") stale.push(folder);
  }
  for (const file of stale) await removeWhole(file);
  return stale;
}

/** Under its name a folder is whole or not there, also after a kill in the middle of its removal. */
async function removeWhole(file: string): Promise<void> {
  const name = `.${path.basename(file)}.${process.pid}.${randomBytes(6).toString("hex")}.tmp`;
  const aside = path.join(path.dirname(file), name);
  await rename(file, aside);
  await rm(aside, { recursive: true, force: true });
}
