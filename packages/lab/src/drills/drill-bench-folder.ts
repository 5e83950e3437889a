import { copyFile, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { PROJECT_ROOT, type ScriptIo } from "@forgebench/io";
import { type OwnDataset, ownSubject, ownTier } from "../shared/own-tier-folder.ts";
import { probeOf } from "./plant-into.ts";

/** The images that are made where no tier is given. */
export const DRILLS_DATASET: OwnDataset = { version: "0.0.0-drills", images: 12, pool: 24 };

/** What the drills are measured on. */
export interface DrillsOptions {
  readonly maxBlocks: number;
  /** What the subject runs on; undefined: a tier made for the drills. */
  readonly tierManifest: string | undefined;
  readonly suite: string;
}

/** What all drills have in common. */
export interface DrillBench {
  readonly root: string;
  readonly options: DrillsOptions;
  readonly io: ScriptIo;
  /** The unchanged subject: its text, its build, and one that says how long it has known that it runs. */
  readonly subjectText: string;
  readonly basePath: string;
  readonly probePath: string;
  readonly tierPath: string;
}

/** Prepares a folder for drills: the unchanged builds, and a tier. Builds and makes what is not there. */
export async function openDrillBench(root: string, options: DrillsOptions, io: ScriptIo): Promise<DrillBench> {
  const subjectText = await readFile(await ownSubject(), "utf8");
  const builds = path.join(root, "builds");
  await rm(builds, { recursive: true, force: true });
  await mkdir(builds);
  // What the bundle finds around it where it was built.
  await copyFile(path.join(PROJECT_ROOT, "package.json"), path.join(builds, "package.json"));
  await symlink(path.join(PROJECT_ROOT, "node_modules"), path.join(builds, "node_modules"));
  const basePath = await writeBuild(root, "base", subjectText);
  const tierPath = options.tierManifest ?? (await ownTier(path.join(root, "dataset"), DRILLS_DATASET, io));
  const probePath = await writeBuild(root, "probe", probeOf(subjectText));
  return { root, options, io, subjectText, basePath, probePath, tierPath };
}

/** Writes a build of the subject. @returns its file */
export async function writeBuild(root: string, name: string, text: string): Promise<string> {
  const file = path.join(root, "builds", name, "cli.js");
  await mkdir(path.dirname(file));
  await writeFile(file, text, { mode: 0o755 });
  return file;
}
