import picomatch from "picomatch";

/**
 * Whether a pattern from outside can be matched without harm: short, and without the groups and repetitions by which a
 * pattern can keep a matcher busy for ever.
 */
export function isHarmlessGlob(pattern: unknown): pattern is string {
  if (typeof pattern !== "string" || pattern === "" || pattern.length > 200 || /[()+\0]/.test(pattern)) return false;
  const countOf = (char: string) => pattern.split(char).length - 1;
  return countOf("*") <= 8 && countOf("{") <= 3 && countOf(",") <= 30;
}

/** Whether a pattern in the manner of `.editorconfig` matches a path, which is relative to the folder of that file. */
export function matchesSection(pattern: string, path: string): boolean {
  const rooted = pattern.startsWith("/") ? pattern.slice(1) : pattern.includes("/") ? pattern : `**/${pattern}`;
  // Two asterisks match any text there, not only whole folders.
  return picomatch(rooted.replace(/\*\*(?!\/)/g, "{*,**/*}"), { dot: true })(path);
}

/** Whether one of an override's patterns matches: one without a slash is compared with the file's name alone. */
export function matchesOverride(files: readonly string[], excludeFiles: readonly string[], path: string): boolean {
  return [true, false].some((basename) => {
    const patterns = files.filter((pattern) => pattern.includes("/") !== basename);
    return patterns.length > 0 && picomatch(patterns, { dot: true, basename, ignore: [...excludeFiles] })(path);
  });
}

/** Whether the lines of a `.prettierignore`, the last that matches deciding, name the path or a folder that it is in. */
export function isIgnoredBy(text: string, path: string): boolean {
  const parts = path.split("/");
  const paths = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  let isIgnored = false;
  for (const line of text
    .slice(0, 100_000)
    .split(/\r?\n/)
    .map((raw) => raw.trim())) {
    const isNegated = line.startsWith("!");
    const pattern = isNegated ? line.slice(1) : line;
    if (pattern === "" || pattern.startsWith("#") || !isHarmlessGlob(pattern)) continue;
    if (matchesIgnoreLine(pattern, paths)) isIgnored = !isNegated;
  }
  return isIgnored;
}

/** `paths` are the folders that lead to a file, and at last the file. */
function matchesIgnoreLine(pattern: string, paths: readonly string[]): boolean {
  const bare = pattern.replace(/\/$/, "");
  const candidates = bare === pattern ? paths : paths.slice(0, -1);
  const rooted = bare.includes("/") ? bare.replace(/^\//, "") : `**/${bare}`;
  const matches = picomatch(rooted, { dot: true });
  return candidates.some((candidate) => matches(candidate));
}
