import { isTest, lineAt, listFiles, type Problem, readText } from "./source-tree.ts";

interface Forbidden {
  readonly pattern: RegExp;
  readonly what: string;
  readonly remedy: string;
  /** Where it is forbidden; everywhere when left out. */
  readonly applies?: (file: string) => boolean;
}

const isCode = (file: string) => /\.(m?[jt]s|sh|ya?ml)$/.test(file);

/** Patterns are spelled so that they do not match themselves. */
const FORBIDDEN: readonly Forbidden[] = [
  {
    pattern: /(?<![\w.~>-])[/](work|root|home|Users)[/][\w.]/g,
    what: "a path of one machine",
    remedy: "use a relative path or a temporary folder",
    applies: (file) => !isTest(file),
  },
  {
    pattern: /\bregistry[.][a-z0-9-]+[.][a-z]|\bartifactor[y]\b|\blocalhost:4[8]73\b/gi,
    what: "the host of a registry",
    remedy: "leave the choice of the registry to the user's configuration",
  },
  {
    pattern: /\b(it|test|describe|suite)(\.\w+)*\.(only|skip)\(/g,
    what: "a test that is left out or alone",
    remedy: "run it; where something is missing on a machine use skipIf with a reason in the title",
    applies: isTest,
  },
  {
    pattern: /\b(TO[D]O|FIX[M]E|X[X]X)\b/g,
    what: "a note to oneself",
    remedy: "do it now or open an issue",
    applies: isCode,
  },
];

/** No file holds paths of one machine, hosts of registries, left-out tests or notes to oneself. */
export function checkForbiddenText(root: string): Problem[] {
  return listFiles(root)
    .filter((file) => /\.(m?[jt]s|json|ya?ml|md|sh|txt)$|^\.ci\//.test(file) && file !== "pnpm-lock.yaml")
    .flatMap((file) => {
      const text = readText(root, file);
      return FORBIDDEN.filter(({ applies }) => applies?.(file) ?? true).flatMap(({ pattern, what, remedy }) =>
        [...text.matchAll(pattern)].map((match) => ({
          file,
          line: lineAt(text, match.index),
          message: `holds ${what}: ${JSON.stringify(match[0])}`,
          remedy,
        })),
      );
    });
}

/** The lock file names packages by version and integrity, never by where they were downloaded. */
export function checkLockfile(root: string): Problem[] {
  return readText(root, "pnpm-lock.yaml")
    .split("\n")
    .flatMap((text, index) => {
      if (/^\s*deprecated:/.test(text) || !/https?:\/\/|\btarball:/.test(text)) return [];
      const remedy = "npm run setup with lockfile-include-tarball-url off, then commit the lock file";
      return [
        { file: "pnpm-lock.yaml", line: index + 1, message: `holds an address: ${text.trim().slice(0, 60)}`, remedy },
      ];
    });
}
