/** What no file of a tier may be called on some system: devices of Windows, whatever their extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
const MAX_NAME_LENGTH = 90;

/**
 * What stands against a file name in a tier, or undefined: it has to be a bare name that every file system takes and
 * keeps as it is, so letters and digits of ASCII with `.`, `_` and `-`. Names that build-tiers gives are such names.
 */
export function nameProblem(name: string): string | undefined {
  if (name.length > MAX_NAME_LENGTH) return `has more than ${MAX_NAME_LENGTH} characters`;
  if (!/^[A-Za-z0-9._-]+$/.test(name)) return "is no bare name of letters, digits, dots, underscores and hyphens";
  if (name.startsWith(".") || name.startsWith("-")) return "begins with a dot or a hyphen";
  if (name.endsWith(".")) return "ends in a dot";
  if (RESERVED.test(name)) return "is reserved on Windows";
  return undefined;
}

/** What two names have in common that some file system takes for the same. */
export function foldName(name: string): string {
  return name.normalize("NFC").toLowerCase();
}
