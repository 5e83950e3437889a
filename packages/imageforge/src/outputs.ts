import { CliError, EXIT } from "./errors.ts";
import type { Input } from "./inputs.ts";
import type { OutputFormat, Settings } from "./options.ts";

/** An output that an image should have. */
export interface PlannedOutput {
  /** Relative to the output folder, with `/` between the parts. */
  readonly path: string;
  readonly format: OutputFormat;
  /** Pixels; undefined: the image's own width. */
  readonly width: number | undefined;
}

/** The outputs of an image of the given upright width: no width is larger, and there is at least one. */
export function planOutputs(stem: string, settings: Settings, imageWidth: number): readonly PlannedOutput[] {
  const fitting = settings.widths.filter((width) => width <= imageWidth);
  return expand(stem, settings, fitting.length === 0 ? [undefined] : fitting);
}

function expand(stem: string, settings: Settings, widths: readonly (number | undefined)[]): readonly PlannedOutput[] {
  return widths.flatMap((width) =>
    settings.formats.map((format) => ({
      path: `${stem}${width === undefined ? "" : `-${width}w`}.${format}`,
      format,
      width,
    })),
  );
}

/** Two images that would be written to one file. */
interface Collision {
  readonly sources: readonly [string, string];
  readonly outputs: readonly [string, string];
}

/** Every pair of images with a common output, whatever their widths turn out to be; letter case does not count. */
export function findCollisions(inputs: readonly Input[], settings: Settings): readonly Collision[] {
  const owners = new Map<string, { readonly source: string; readonly output: string }>();
  const found = new Map<string, Collision>();
  for (const { source, stem } of inputs) {
    for (const { path: output } of expand(stem, settings, [undefined, ...settings.widths])) {
      const key = output.normalize("NFC").toLowerCase();
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, { source, output });
      else if (owner.source !== source && !found.has(`${owner.source}\n${source}`)) {
        found.set(`${owner.source}\n${source}`, { sources: [owner.source, source], outputs: [owner.output, output] });
      }
    }
  }
  return [...found.values()];
}

/** @throws {CliError} naming the images and the file that they would share (exit 65). */
export function refuseCollisions(inputs: readonly Input[], settings: Settings): void {
  const collisions = findCollisions(inputs, settings);
  if (collisions.length === 0) return;
  const lines = collisions.slice(0, 10).map(({ sources: [a, b], outputs: [one, other] }) => {
    const where = one === other ? `"${one}"` : `"${one}" and "${other}", one file where letter case does not count`;
    return `"${a}" and "${b}" would both be written to ${where}`;
  });
  const more = collisions.length > lines.length ? [`and ${collisions.length - lines.length} more`] : [];
  throw new CliError(
    EXIT.input,
    `Names collide; rename or --exclude one of each pair:\n${[...lines, ...more].map((line) => `  ${line}`).join("\n")}`,
  );
}
