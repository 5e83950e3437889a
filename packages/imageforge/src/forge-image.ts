import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type CacheEntry, type OutputCache, settingsKey } from "./cache.ts";
import { sniffFormat } from "./content.ts";
import { decodeImage, encodeImage, readSize } from "./encode.ts";
import { CliError, diskProblemOf, EXIT, ImageError, reasonOf } from "./errors.ts";
import type { Input } from "./inputs.ts";
import type { Options } from "./options.ts";
import { type PlannedOutput, planOutputs } from "./outputs.ts";

/** How it went with one image. `pending`: it is not up to date and nothing may be written. */
export type Outcome = { readonly input: Input } & (
  | { readonly kind: "processed" | "cached"; readonly entry: CacheEntry; readonly sourceSizeBytes: number }
  | { readonly kind: "pending" }
  | { readonly kind: "failed"; readonly reason: string }
);

/** Brings the outputs of one image up to date; what is wrong with the image is an outcome, not an error. */
export async function forgeImage(input: Input, options: Options, cache: OutputCache): Promise<Outcome> {
  try {
    return await forge(input, options, cache);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const disk = diskProblemOf(error);
    if (disk !== undefined) {
      throw new CliError(EXIT.output, `Cannot write to the output folder "${options.outDir}": ${disk}`, {
        cause: error,
      });
    }
    return { input, kind: "failed", reason: reasonOf(error) };
  }
}

async function forge(input: Input, options: Options, cache: OutputCache): Promise<Outcome> {
  const { settings, maxPixels, mode } = options;
  // Signals are seen between two images, even if all are up to date.
  await new Promise((resolve) => setImmediate(resolve));
  // Read once: what is hashed is what is encoded, even if the file changes meanwhile.
  const bytes = readFileSync(input.file);
  const wanted = { stem: input.stem, settings: settingsKey(settings), sourceSha256: hash("sha256", bytes) };
  const known = options.useCache ? cache.find(wanted) : undefined;
  if (known !== undefined) return { input, kind: "cached", entry: known, sourceSizeBytes: bytes.length };

  refuseContent(bytes);
  const pixels = mode === "run" ? await decodeImage(bytes, maxPixels) : undefined;
  const size = pixels?.raw ?? (await readSize(bytes, maxPixels));
  const outputs = planOutputs(input.stem, settings, size.width);
  if (!options.forceOverwrite) refuseForeign(outputs, cache);
  if (pixels === undefined) return { input, kind: "pending" };

  const temporaryFiles = outputs.map(() => cache.temporaryFile());
  const encoded = await encodeImage(pixels, { settings, outputs, temporaryFiles });
  const entry = cache.place(
    { ...wanted, sourceWidth: size.width, sourceHeight: size.height, ...encoded },
    temporaryFiles,
    { remember: options.useCache },
  );
  return { input, kind: "processed", entry, sourceSizeBytes: bytes.length };
}

function refuseContent(bytes: Buffer): void {
  if (bytes.length === 0) throw new ImageError("is empty (0 bytes)");
  if (sniffFormat(bytes) === undefined) {
    throw new ImageError("is not an accepted image: the content is not JPEG, PNG, GIF, TIFF or WebP");
  }
}

function refuseForeign(outputs: readonly PlannedOutput[], cache: OutputCache): void {
  const foreign = outputs.find((output) => cache.isForeign(output.path));
  if (foreign === undefined) return;
  throw new ImageError(`"${foreign.path}" exists and was not made by imageforge; move it or give --force-overwrite`);
}
