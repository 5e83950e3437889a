import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Suite } from "@forgebench/artifacts";
import { ArtifactError, InvariantError } from "@forgebench/errors";
import { median } from "@forgebench/stats";
import type { CliPlaces } from "./build-folder.ts";
import { type Arm, type Cell, cellId, PHASES_OF_ALL } from "./cells.ts";
import type { Inputs } from "./inputs-folder.ts";
import { phaseOf } from "./phases.ts";
import { parsePlanted, plantEnvironment, plantedFactor } from "./plant.ts";
import type { PlannedBlock, PlannedRun } from "./schedule.ts";
import type { RunPlaces, Stage } from "./stage.ts";
import { fillPlaces, usesTier } from "./subject-command.ts";

/** The runs of phases that a suite declares lie below it. */
export const OWN_PHASES = "phases";
/** The file for the planted slowdown of a control run. */
const PLANTED_FILE = "planted.txt";

/**
 * The prepared files: the copied builds and inputs, and the folder that the runs may use.
 */
export interface WorkspaceStageOptions {
  readonly suite: Suite;
  readonly suitePath: string;
  /** Empty at the start; everything that the runs need and leave lies below it. */
  readonly scratch: string;
  /** Absent where the command has no CLI. */
  readonly cliPlaces?: CliPlaces | undefined;
  readonly inputs: Pick<Inputs, "folders" | "files" | "reread">;
  /** The folder of the suite file, where the suite names it. */
  readonly suiteDir?: string | undefined;
  /** Where programs are found. */
  readonly searchPath: string;
  /** The preload of control runs, copied to where its path has no surprises; absent when nothing is planted that way. */
  readonly plantPreload?: string | undefined;
  /** Whether our helper slows the control runs: it has to be told by how much. */
  readonly hasPlantHelper?: boolean | undefined;
  /** The name of a folder of this machine in artifacts; the first that fits is used. */
  readonly shownPlaces: readonly (readonly [folder: string, shown: string])[];
}

/** The whole environment of a subject: the variables that programs need, and no others of the caller. */
export function subjectEnvironment(places: {
  readonly searchPath: string;
  readonly home: string;
  readonly temporary: string;
}): Record<string, string> {
  return { PATH: places.searchPath, HOME: places.home, TMPDIR: places.temporary, LANG: "C.UTF-8", TZ: "UTC" };
}

/**
 * Replaces folders, where they stand as a whole or begin a path; a longer name that begins alike is another folder. What is shown as `.`
 * leaves the path below it bare.
 */
export function hidePlaces(text: string, places: WorkspaceStageOptions["shownPlaces"]): string {
  return places.reduce((result, [folder, shown]) => {
    const escaped = folder.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    const whole = new RegExp(`${escaped}(?:(/)(?=[^/\\s])|(?![\\p{L}\\p{N}_@~+-]|\\.[^\\s.]))`, "gu");
    return result.replace(whole, (_, separator) =>
      separator === undefined ? shown : shown === "." ? "" : `${shown}/`,
    );
  }, text);
}

/**
 * The folders of the runs: `PHASE/ARM/PROFILE/SCENARIO` below the scratch folder, of controls below a folder of their own, each with its own working, home and
 * temporary folder, so that the two arms differ in nothing but four letters of their paths.
 */
export class WorkspaceStage implements Stage {
  readonly #options: WorkspaceStageOptions;
  readonly #filled = new Set<string>();
  /** Of the control runs so far: the time from the end of the burning until the process had ended. */
  readonly #tailsMs: number[] = [];

  constructor(options: WorkspaceStageOptions) {
    this.#options = options;
  }

  async prepare(run: PlannedRun): Promise<RunPlaces> {
    const { suite, scratch, inputs, searchPath } = this.#options;
    const folder = this.#folderOf(run);
    const places = this.#placesOf(run, folder);
    const { isFresh, removes } = phaseOf(suite, run.cell.phase);
    if (isFresh) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    for (const removed of removes) {
      await rm(this.#cachePlace(fillPlaces(removed, places), removed, folder), { recursive: true, force: true });
    }
    const [home, temporary] = [path.join(folder, "home"), path.join(folder, "tmp")];
    // An image CLI makes its output folder itself, and would be timed doing less; most commands expect theirs to be there.
    const outDir = usesTier(suite) ? [] : [places.outDir];
    for (const needed of [scratch, home, temporary, ...outDir]) await mkdir(needed, { recursive: true });
    await inputs.reread(run.cell.scenario);
    const env = { ...subjectEnvironment({ searchPath, home, temporary }), ...(await this.#readyPlant(run, folder)) };
    return { ...places, cwd: folder, env };
  }

  #placesOf(run: PlannedRun, folder: string): Omit<RunPlaces, "cwd" | "env"> {
    const { cliPlaces, inputs, suiteDir } = this.#options;
    const { scenario, control } = run.cell;
    const cli = cliPlaces?.[run.slot][control === undefined ? run.arm : "base"];
    const input = inputs.folders[scenario];
    const isReady = input !== undefined && (cliPlaces === undefined || cli !== undefined);
    if (!isReady) throw new InvariantError(`nothing is ready for ${cellId(run.cell)}`);
    const [file, ...others] = inputs.files[scenario] ?? [];
    return {
      ...(cli === undefined ? {} : { cli }),
      input,
      ...(file === undefined || others.length > 0 ? {} : { inputFile: path.join(input, file) }),
      outDir: path.join(folder, "out"),
      manifest: path.join(folder, "manifest.json"),
      ...(suiteDir === undefined ? {} : { suiteDir }),
    };
  }

  claimFill(cell: Cell, arm: Arm): boolean {
    const key = `${arm} ${cellId(cell)}`;
    if (this.#filled.has(key)) return false;
    this.#filled.add(key);
    return true;
  }

  async outputBytes({ outDir }: RunPlaces): Promise<number> {
    const entries = await readdir(outDir, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
    const sizes = await Promise.all(
      files.map((file) =>
        stat(file).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  async plantedMs(run: PlannedRun, { cwd }: RunPlaces, wallMs: number): Promise<number | null> {
    if (run.cell.control === undefined || !this.#isPlantedByUs()) return null;
    const text = await readFile(path.join(cwd, PLANTED_FILE), "utf8").catch(() => "");
    const planted = parsePlanted(text);
    if (planted === undefined) return null;
    this.#tailsMs.push(wallMs - planted.elapsedMs - planted.burnedMs);
    return planted.burnedMs;
  }

  async finishBlock(block: PlannedBlock): Promise<void> {
    if (!phaseOf(this.#options.suite, block.cell.phase).isFresh) return;
    for (const run of block.runs) await rm(this.#folderOf(run), { recursive: true, force: true, maxRetries: 3 });
  }

  shown(text: string): string {
    return hidePlaces(text, this.#options.shownPlaces);
  }

  #folderOf({ cell, arm }: PlannedRun): string {
    // A suite may call its phase `inputs`.
    const phase = PHASES_OF_ALL.includes(cell.phase) ? cell.phase : path.join(OWN_PHASES, cell.phase);
    const kind = cell.control === undefined ? phase : path.join("control", cell.control, cell.phase);
    return path.join(this.#options.scratch, kind, arm, cell.profileId, cell.scenario);
  }

  #isPlantedByUs(): boolean {
    return this.#options.plantPreload !== undefined || this.#options.hasPlantHelper === true;
  }

  /** Removes the result of the run before, and makes the variables for this one. */
  async #readyPlant(run: PlannedRun, folder: string): Promise<Record<string, string>> {
    const { plantPreload: preload } = this.#options;
    if (run.cell.control === undefined || !this.#isPlantedByUs()) return {};
    const file = path.join(folder, PLANTED_FILE);
    await rm(file, { force: true });
    const tailMs = this.#tailsMs.length === 0 ? 0 : median(this.#tailsMs);
    return plantEnvironment({ preload, factor: plantedFactor(run), file, tailMs });
  }

  /** A path that a suite wants removed must be in the folder of the run. */
  #cachePlace(filled: string, written: string, folder: string): string {
    const resolved = path.resolve(folder, filled);
    if (resolved.startsWith(`${folder}${path.sep}`)) return resolved;
    const message = `${JSON.stringify(written)} leads out of the folder of the run; give a path below it, such as "{outDir}" or "home/.cache/NAME"`;
    throw new ArtifactError({
      path: this.#options.suitePath,
      kind: "suite",
      issues: [{ path: "cachePaths", message }],
    });
  }
}
