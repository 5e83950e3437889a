import { builtinModules } from "node:module";
import path from "node:path";
import ts from "typescript";
import { isTest, lineAt, listFiles, type Problem, readText } from "./source-tree.ts";

const L0 = ["archives", "artifacts", "errors", "series", "stats"];

/** The workspace packages that each package below the laboratory may import. */
const BELOW_LAB: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  stats: [],
  series: [],
  artifacts: ["errors"],
  archives: ["errors"],
  dataset: L0,
  planning: L0,
  site: L0,
  runner: L0,
  verdict: L0,
  report: L0,
  io: ["artifacts", "errors"],
  git: ["errors", "io"],
  transfer: ["errors", "io"],
  github: ["artifacts", "errors", "git", "io", "transfer"],
  evidence: ["archives", "artifacts", "errors", "io", "runner", "series", "stats", "verdict"],
  history: ["artifacts", "errors", "evidence", "git", "io", "runner"],
  "github-stand-in": ["git"],
  steps: [
    ...L0,
    "dataset",
    "evidence",
    "git",
    "github",
    "github-stand-in",
    "history",
    "io",
    "report",
    "runner",
    "site",
    "verdict",
  ],
  rehearsal: ["errors", "github-stand-in"],
};

/** The workspace packages that each package may import; `docs/decisions/0001-workspace-layout.md` says why. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  ...BELOW_LAB,
  lab: Object.keys(BELOW_LAB),
  imageforge: [],
};

/** Further packages that the tests of a package may import. */
const TESTS_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  github: ["github-stand-in"],
  "github-stand-in": ["io"],
};

/** Modules that touch files, processes or the network. */
const EFFECTS = new Set([
  ...["fs", "fs/promises", "child_process", "net", "tls", "http", "https", "http2", "dgram", "dns", "dns/promises"],
  ...["cluster", "execa"],
]);

/** Packages that are made of effects. */
const EFFECT_PACKAGES = new Set([
  "io",
  "imageforge",
  "git",
  "transfer",
  "github",
  "github-stand-in",
  "rehearsal",
  "steps",
]);

/** In these packages a file that has effects says so in its name. */
const PACKAGES_WITH_EFFECT_FILES = new Set(["dataset", "runner", "history", "evidence", "lab"]);
const EFFECT_FILE = /(^|-)(executor|files|folder|probe|process|archive|packer)\.ts$/;

interface Import {
  readonly file: string;
  readonly line: number;
  /** As it is written, without `node:`. */
  readonly target: string;
}

/**
 * Imports follow the layers of `docs/decisions/0001-workspace-layout.md`: packages import only what is below them,
 * nothing imports a script, effects stay where they are declared, and every import is a declared dependency.
 */
export function checkImportDirection(root: string): Problem[] {
  const files = [...listFiles(root, "packages"), ...listFiles(root, "scripts")].filter((file) =>
    /\.m?ts$|\.mjs$/.test(file),
  );
  return files.flatMap((file) =>
    importsOf(root, file).flatMap((found) => {
      const objection =
        objectToTestCode(found) ?? (found.target.startsWith(".") ? objectToRelative(found) : objectToBare(root, found));
      return objection === undefined ? [] : [{ file, line: found.line, ...objection }];
    }),
  );
}

function importsOf(root: string, file: string): Import[] {
  const text = readText(root, file);
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({
    file,
    line: lineAt(text, pos),
    target: fileName.replace(/^node:/, ""),
  }));
}

type Objection = Pick<Problem, "message" | "remedy">;

function objectToTestCode({ file, target }: Import): Objection | undefined {
  if (isTest(file) || !(isTest(target) || target.endsWith("/testing"))) return undefined;
  return { message: `imports "${target}", which is for tests`, remedy: "move the shared part to a file of its own" };
}

function objectToRelative({ file, target }: Import): Objection | undefined {
  const resolved = path.posix.join(path.posix.dirname(file), target);
  const home = homeOf(file);
  // What runs before a script is shared by all of them.
  if (home.startsWith("scripts/") && resolved.startsWith("scripts/launcher/")) return undefined;
  if (!resolved.startsWith(`${home}/`)) {
    return {
      message: `imports "${target}", which is outside ${home}`,
      remedy: "import a package by its name, @forgebench/NAME; nothing imports a script",
    };
  }
  if (home !== "scripts/bench" || isTest(file)) return undefined;
  return {
    message: `imports the script "${target}"`,
    remedy: "scripts pass on files, not code: move the shared part to a package",
  };
}

/** The folder that relative imports of a file stay in: its package, or its folder of scripts. */
function homeOf(file: string): string {
  return file.split("/").slice(0, 2).join("/");
}

function objectToBare(root: string, found: Import): Objection | undefined {
  const { file, target } = found;
  const packageName = file.startsWith("packages/") ? (file.split("/")[1] ?? "") : undefined;
  const workspace = /^@forgebench\/([^/]+)/.exec(target)?.[1];
  if (packageName !== undefined && workspace !== undefined) {
    const objection = objectToLayer(packageName, workspace, isTest(file));
    if (objection !== undefined) return objection;
  }
  if (EFFECTS.has(target) && packageName !== undefined && !isTest(file) && !mayHaveEffects(packageName, file)) {
    return {
      message: `imports "${target}", but this file must not use files, processes or the network`,
      remedy: PACKAGES_WITH_EFFECT_FILES.has(packageName)
        ? `name the file for its effect (${EFFECT_FILE.source}), or move the effect to a file so named`
        : "return data and let a script do it with @forgebench/io",
    };
  }
  return objectToUndeclared(root, found, packageName);
}

function objectToLayer(packageName: string, workspace: string, inTest: boolean): Objection | undefined {
  const allowed = MAY_IMPORT[packageName];
  if (allowed === undefined) {
    return {
      message: `the package "${packageName}" has no layer`,
      remedy: "give it one in scripts/checks/check-import-direction.ts and docs/decisions/0001-workspace-layout.md",
    };
  }
  if (workspace === packageName) {
    return { message: "imports its own package by name", remedy: "import the file by its relative path" };
  }
  if (allowed.includes(workspace)) return undefined;
  if (inTest && TESTS_MAY_IMPORT[packageName]?.includes(workspace)) return undefined;
  const list = allowed.length === 0 ? "no workspace package" : `only ${allowed.join(", ")}`;
  return {
    message: `"${packageName}" may import ${list}, but imports "${workspace}"`,
    remedy: "take it as a parameter, or move the shared part to a lower layer",
  };
}

function mayHaveEffects(packageName: string, file: string): boolean {
  if (EFFECT_PACKAGES.has(packageName)) return true;
  return PACKAGES_WITH_EFFECT_FILES.has(packageName) && EFFECT_FILE.test(path.posix.basename(file));
}

/** An undeclared import works only while another package happens to bring it. */
function objectToUndeclared(
  root: string,
  { file, target }: Import,
  packageName: string | undefined,
): Objection | undefined {
  if (builtinModules.includes(target)) return undefined;
  const name = target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/");
  const home = packageName === undefined ? "package.json" : `packages/${packageName}/package.json`;
  const declared = [...dependencyNames(root, home), ...(isTest(file) ? dependencyNames(root, "package.json") : [])];
  if (declared.includes(name)) return undefined;
  return { message: `imports "${name}", which ${home} does not declare`, remedy: `add "${name}" to its dependencies` };
}

function dependencyNames(root: string, manifest: string): string[] {
  const {
    dependencies = {},
    devDependencies = {},
  }: Record<string, Record<string, string>> = JSON.parse(readText(root, manifest) || "{}");
  return [...Object.keys(dependencies), ...Object.keys(devDependencies)];
}
