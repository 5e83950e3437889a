/** Exit codes of the CLI; the numbers that other tools of this project use mean the same there. */
export const EXIT = {
  ok: 0,
  /** Some images failed; the others are done. */
  someFailed: 1,
  /** `--check` found something that is not up to date. */
  notUpToDate: 2,
  /** A flag or the input folder is wrong. */
  usage: 64,
  /** The set of inputs cannot be worked on: no images, or two that would be written to one file. */
  input: 65,
  /** A bug, or sharp cannot be loaded. */
  internal: 70,
  /** The output folder or the manifest cannot be written. */
  output: 73,
} as const;

/** Ends the whole run with a message for a person and an exit code. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** One image cannot be done; the others go on. The message completes `FILE: …`. */
export class ImageError extends Error {
  override readonly name = "ImageError";
}

/** The first lines of anything that was thrown, on one line. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().replace(/\s*\n\s*/g, "; ");
}

/**
 * What is wrong with the disk, when that is why something failed: then no other image can be written either. libvips says it
 * in words only.
 */
export function diskProblemOf(error: unknown): string | undefined {
  const text = reasonOf(error);
  if (/ENOSPC|No space left on device/i.test(text))
    return "no space left on the device; free some or choose another OUT";
  if (/EDQUOT|Disk quota exceeded/i.test(text))
    return "the disk quota is used up; free some space or choose another OUT";
  if (/EROFS|Read-only file system/i.test(text)) return "the file system is read-only; choose another OUT";
  return undefined;
}

/** Text from outside made safe for a terminal: escape sequences and direction marks are shown and cannot act. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this pattern is for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (char) => {
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
