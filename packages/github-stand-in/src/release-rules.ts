import type { FieldError } from "./answers.ts";

/** What a 422 says of a field of a release. */
export const releaseError = (code: "already_exists" | "invalid", field: string): FieldError => ({
  resource: "Release",
  code,
  field,
});

/** What a 422 says of a release in words of its own, where GitHub has no code for it. */
export const custom = (message: string, field?: string): FieldError => ({
  resource: "Release",
  code: "custom",
  ...(field === undefined ? {} : { field }),
  message,
});

/** The rules of `git check-ref-format` for a name below `refs/tags`. */
export function isWellFormedTag(name: string): boolean {
  if (name === "" || name === "@" || name.length > 244) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what git refuses
  if (/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|^-|\.$/.test(name)) return false;
  return name.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}

/** GitHub keeps ASCII letters, digits and a few signs; each run of anything else becomes a dot. */
export function assetNameOf(given: string): string {
  const name = given
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9._@+-]+/g, ".")
    .replace(/\.{2,}/g, ".");
  const trimmed = name.replace(/\.$/, "");
  return trimmed.startsWith(".") ? `default${trimmed}` : trimmed;
}
