import { homedir } from "node:os";
import path from "node:path";
import type { Build } from "./build-folder.ts";
import type { Arm } from "./cells.ts";

/** Folders of the system, the same everywhere. */
const SYSTEM_PROGRAMS = /^(\/usr|\/usr\/local)?\/bin$/;

/** Folders of this machine, beside the workspace and the builds. */
interface Folders {
  readonly homeFolder?: string;
  readonly programFolder?: string;
  readonly suiteDir?: string;
  /** Those that the suite names by absolute paths. */
  readonly foreign?: readonly string[];
}

/** The names of this machine's folders in artifacts, the innermost first; the first that fits is used. */
export function shownPlaces(
  workspace: string,
  builds: Readonly<Partial<Record<Arm, Pick<Build, "folder" | "nodeModules">>>>,
  { homeFolder = homedir(), programFolder = path.dirname(process.execPath), suiteDir = "", foreign = [] }: Folders = {},
): (readonly [folder: string, shown: string])[] {
  const ofBuilds = Object.entries(builds).flatMap(([arm, build]) => [
    [build?.folder ?? "", `${arm}-build`] as const,
    ...(build?.nodeModules ?? []).map((folder) => [path.dirname(folder), `${arm}-project`] as const),
  ]);
  const programs = SYSTEM_PROGRAMS.test(programFolder) ? "" : programFolder;
  return [
    [workspace, "."] as const,
    ...ofBuilds,
    [programs, "node-bin"] as const,
    [homeFolder, "~"] as const,
    [suiteDir, "{suiteDir}"] as const,
    ...foreign.map((folder) => [folder, "…"] as const),
  ]
    .filter(([folder]) => path.isAbsolute(folder))
    .map(([folder, shown]) => [path.resolve(folder), shown] as const)
    .filter(([folder]) => path.dirname(folder) !== folder)
    .sort(([a], [b]) => b.length - a.length);
}
