import { hash, randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import type { OutputFormat, Settings } from "./options.ts";

/** The cache's folder inside the output folder. */
const CACHE_FOLDER = ".imageforge-cache";

/** Raised when outputs of the same source and settings would come out different. */
const CACHE_VERSION = 1;

/** A file that was made. */
export interface MadeOutput {
  /** Relative to the output folder, with `/` between the parts. */
  readonly path: string;
  readonly format: OutputFormat;
  readonly width: number;
  readonly height: number;
  readonly sizeBytes: number;
}

/** What is remembered of an image: enough to know that its outputs are up to date, and to list it in the manifest. */
export interface CacheEntry {
  readonly cacheVersion: number;
  readonly stem: string;
  readonly settings: string;
  readonly sourceSha256: string;
  /** Of the upright image, in pixels. */
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  readonly blurDataUrl?: string;
  readonly outputs: readonly MadeOutput[];
}

/** The settings as text: entries of other settings do not count. */
export function settingsKey({ formats, quality, blur, widths }: Settings): string {
  return `formats=${formats.join(",")} quality=${quality} widths=${widths.join(",")} blur=${blur}`;
}

/**
 * The cache of one output folder. Every file in it is written to a temporary name and renamed, and none is shared by two
 * images, so that runs may be killed at any moment and may work on the same folder at once:
 *
 * - `entries/HASH.json`, one an image: removed before its outputs are replaced, written after.
 * - `owned/HASH`, one an output path: made before the path is first written. An output without it is somebody else's.
 * - `tmp-HOST-PID-RANDOM/`, one a run: outputs until they are complete.
 */
export class OutputCache {
  readonly #outDir: string;
  readonly #folder: string;
  #scratch: string | undefined;

  constructor(outDir: string) {
    this.#outDir = outDir;
    this.#folder = path.join(outDir, CACHE_FOLDER);
  }

  /** The entry of an image, if source and settings are the same and each output is there in its recorded size. */
  find(wanted: Pick<CacheEntry, "stem" | "settings" | "sourceSha256">): CacheEntry | undefined {
    const entry = readEntry(this.#entryFile(wanted.stem));
    if (entry === undefined || entry.cacheVersion !== CACHE_VERSION || entry.stem !== wanted.stem) return undefined;
    if (entry.settings !== wanted.settings || entry.sourceSha256 !== wanted.sourceSha256) return undefined;
    const intact = entry.outputs.every(({ path: output, sizeBytes }) => {
      const found = statSync(path.join(this.#outDir, output), { throwIfNoEntry: false });
      return found?.isFile() === true && found.size === sizeBytes;
    });
    return intact ? entry : undefined;
  }

  /** Whether something is at an output path that no run of imageforge has put there. */
  isForeign(output: string): boolean {
    const found = lstatSync(path.join(this.#outDir, output), { throwIfNoEntry: false });
    return found !== undefined && statSync(this.#ownedFile(output), { throwIfNoEntry: false }) === undefined;
  }

  /** Moves complete outputs to their places and remembers the image; the order of the steps is what makes it safe. */
  place(
    entry: Omit<CacheEntry, "cacheVersion">,
    temporaryFiles: readonly string[],
    options: { readonly remember: boolean },
  ): CacheEntry {
    rmSync(this.#entryFile(entry.stem), { force: true });
    for (const [index, { path: output }] of entry.outputs.entries()) {
      const target = path.join(this.#outDir, output);
      mkdirSync(path.dirname(target), { recursive: true });
      this.#own(output);
      renameSync(temporaryFiles[index] ?? "", target);
    }
    const whole = { cacheVersion: CACHE_VERSION, ...entry };
    if (options.remember) this.#write(this.#entryFile(entry.stem), `${JSON.stringify(whole)}\n`);
    return whole;
  }

  /** A new file name in this run's temporary folder. */
  temporaryFile(): string {
    this.#scratch ??= this.#makeScratch();
    return path.join(this.#scratch, randomBytes(8).toString("hex"));
  }

  /** Removes this run's temporary folder. */
  removeScratch(): void {
    if (this.#scratch !== undefined) rmSync(this.#scratch, { recursive: true, force: true, maxRetries: 3 });
    this.#scratch = undefined;
  }

  /** Removes the temporary folders of runs of this machine that were killed. */
  sweep(): void {
    for (const name of listFolder(this.#folder)) {
      const pid = name.startsWith(`tmp-${hostname()}-`) ? /-(\d+)-[0-9a-f]+$/.exec(name)?.[1] : undefined;
      if (pid !== undefined && !isAlive(Number(pid))) {
        rmSync(path.join(this.#folder, name), { recursive: true, force: true });
      }
    }
  }

  #makeScratch(): string {
    const name = `tmp-${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`;
    for (const folder of ["entries", "owned", name]) mkdirSync(path.join(this.#folder, folder), { recursive: true });
    return path.join(this.#folder, name);
  }

  #own(output: string): void {
    writeFileSync(this.#ownedFile(output), "", { flag: "a" });
  }

  #write(file: string, text: string): void {
    const temporary = this.temporaryFile();
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  }

  #entryFile(stem: string): string {
    return path.join(this.#folder, "entries", `${fileKey(stem)}.json`);
  }

  #ownedFile(output: string): string {
    return path.join(this.#folder, "owned", fileKey(output));
  }
}

/** A file name for a path of any length and any characters. */
function fileKey(text: string): string {
  return hash("sha256", text).slice(0, 32);
}

/** An entry, or undefined when there is none or it cannot be read: then the image is done again. */
function readEntry(file: string): CacheEntry | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is CacheEntry {
  return typeof value === "object" && value !== null && "outputs" in value && Array.isArray(value.outputs);
}

function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is such a process, of another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
