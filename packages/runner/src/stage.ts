import type { Arm, Cell } from "./cells.ts";
import type { PlannedBlock, PlannedRun } from "./schedule.ts";

/** The places of one run, absolute. */
export interface RunPlaces {
  /** Absent where the command has none. */
  readonly cli?: string | undefined;
  readonly input: string;
  /** The one file of the input; absent where it has none, or several. */
  readonly inputFile?: string | undefined;
  readonly outDir: string;
  readonly manifest: string;
  /** The folder of the suite file; absent where nothing names it. */
  readonly suiteDir?: string | undefined;
  readonly cwd: string;
  /** The whole environment of the run, of the same size for both arms. */
  readonly env: Readonly<Record<string, string>>;
}

/** Keeps the folders of the runs. Everything it does is outside the timing. */
export interface Stage {
  /** Prepares a run: a cold one starts from an empty folder, a warm one from the folder of its arm. */
  prepare(run: PlannedRun): Promise<RunPlaces>;
  /** Whether the warm folder of an arm has been filled, and makes it so from now on. */
  claimFill(cell: Cell, arm: Arm): boolean;
  /** Bytes of the files in the output folder. */
  outputBytes(places: RunPlaces): Promise<number>;
  /**
   * Of a control run that took `wallMs`: the time that was burned in it. Null if it is not known, because a command of the
   * suite planted it or the subject ended in a way that left no word.
   */
  plantedMs(run: PlannedRun, places: RunPlaces, wallMs: number): Promise<number | null>;
  /** Removes the files that a block leaves. */
  finishBlock(block: PlannedBlock): Promise<void>;
  /** A text without the places of this machine, for artifacts. */
  shown(text: string): string;
}
