import { randomBytes } from "node:crypto";
import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CliError, EXIT, reasonOf } from "./errors.ts";
import type { Outcome } from "./forge-image.ts";
import type { Options, Settings } from "./options.ts";

/** The manifest's text: the same for the same images and settings, whether they were processed or cached. */
export function formatManifest(outcomes: readonly Outcome[], settings: Settings): string {
  const images = outcomes.flatMap((outcome) => {
    if (outcome.kind !== "processed" && outcome.kind !== "cached") return [];
    const { sourceSha256, sourceWidth, sourceHeight, blurDataUrl, outputs } = outcome.entry;
    return [
      {
        source: outcome.input.source,
        sha256: sourceSha256,
        width: sourceWidth,
        height: sourceHeight,
        sizeBytes: outcome.sourceSizeBytes,
        ...(blurDataUrl === undefined ? {} : { blurDataUrl }),
        outputs,
      },
    ];
  });
  return `${JSON.stringify({ version: "1.0", settings, images }, null, 2)}\n`;
}

/** Whether the manifest's file holds exactly this text. */
export function isManifestCurrent(file: string, text: string): boolean {
  try {
    return readFileSync(file, "utf8") === text;
  } catch {
    return false;
  }
}

/** Makes the folders and finds out before the work that the manifest can be written. @throws {CliError} (exit 73). */
export function prepareOutputs({ outDir, manifestPath }: Options): void {
  const folders = new Set([outDir, path.dirname(manifestPath)]);
  for (const folder of folders) {
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK | constants.X_OK);
    } catch (error) {
      throw new CliError(EXIT.output, `Cannot write to the folder "${folder}": ${reasonOf(error)}`, { cause: error });
    }
  }
  if (statSync(manifestPath, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new CliError(EXIT.output, `Cannot write the manifest "${manifestPath}": a folder has that name`);
  }
}

/** Writes the manifest so that a reader or a kill sees the old one or the new one. @throws {CliError} (exit 73). */
export function writeManifest(file: string, text: string): void {
  const temporary = path.join(path.dirname(file), `.imageforge-${process.pid}-${randomBytes(6).toString("hex")}.tmp`);
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new CliError(EXIT.output, `Cannot write the manifest "${file}": ${reasonOf(error)}`, { cause: error });
  }
}
