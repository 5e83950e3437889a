import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, realpath, stat, symlink } from "node:fs/promises";
import path from "node:path";
import { UsageError } from "@forgebench/errors";
import type { Arm, Slot } from "./cells.ts";

/** A build larger than this is run where it is. */
const MAX_BUILD_FILES = 2000;
const MAX_BUILD_BYTES = 64 * 1024 * 1024;

/** A build of the subject: the CLI file and the folder it lies in. */
export interface Build {
  /** The CLI file, with links resolved. */
  readonly cliFile: string;
  readonly folder: string;
  readonly cliSha256: string;
  /** The files of the folder, relative; undefined when the build cannot be copied. */
  readonly files?: readonly string[];
  /** Why it cannot be copied. */
  readonly obstacle?: string;
  /** SHA-256 over the sorted lines `sha256  path` of the files. */
  readonly buildSha256?: string;
  /** The `package.json` that says how Node reads the files; absent when it is one of them, or there is none. */
  readonly packageJson?: string;
  /** Where packages are looked for above the folder, the outermost first. */
  readonly nodeModules: readonly string[];
}

/**
 * Reads the build that a CLI file belongs to: all files of its folder but for `node_modules`, folders
 * whose name begins with a dot (`.git`, `.tmp`) and the workspace.
 * @throws {UsageError} naming the flag when there is no such file.
 */
export async function readBuild(cliPath: string, flag: string, workspace: string): Promise<Build> {
  const cliFile = await resolveCli(cliPath, flag);
  const folder = path.dirname(cliFile);
  const ancestors = ancestorsOf(folder);
  const found = await listBuild(folder, await realpath(workspace));
  const packageJson = await firstExisting(
    [folder, ...ancestors].map((ancestor) => path.join(ancestor, "package.json")),
  );
  const nodeModules = await existing(ancestors.map((ancestor) => path.join(ancestor, "node_modules")));
  return {
    cliFile,
    folder,
    cliSha256: sha256(await readFile(cliFile)),
    ...(typeof found === "string"
      ? { obstacle: found }
      : { files: found, buildSha256: await hashFiles(folder, found) }),
    ...(packageJson === undefined || path.dirname(packageJson) === folder ? {} : { packageJson }),
    nodeModules: nodeModules.toReversed(),
  };
}

async function resolveCli(cliPath: string, flag: string): Promise<string> {
  const details = [{ label: "expected", text: "the CLI's file, for example dist/cli.js after npm run build" }];
  const found = await stat(cliPath).catch(() => undefined);
  if (found === undefined) throw new UsageError(`${flag}: there is no file ${JSON.stringify(cliPath)}`, details);
  if (!found.isFile()) throw new UsageError(`${flag}: ${JSON.stringify(cliPath)} is not a file`, details);
  return realpath(cliPath);
}

/** The files below a folder, or why they cannot be copied. */
async function listBuild(folder: string, workspace: string): Promise<string[] | string> {
  const files: string[] = [];
  const queue = [""];
  let sizeBytes = 0;
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const entry of await readdir(path.join(folder, next), { withFileTypes: true })) {
      const relative = path.join(next, entry.name);
      const isOther = entry.name === "node_modules" || (entry.name.startsWith(".") && !entry.isFile());
      if (isOther || path.join(folder, relative) === workspace) continue;
      if (entry.isDirectory()) queue.push(relative);
      else {
        const target = await stat(path.join(folder, relative)).catch(() => undefined);
        if (target?.isFile() !== true) return `the CLI's folder holds "${relative}", which is not a plain file`;
        files.push(relative);
        sizeBytes += target.size;
      }
      if (files.length + queue.length > MAX_BUILD_FILES || sizeBytes > MAX_BUILD_BYTES) {
        return `the CLI's folder holds more than ${MAX_BUILD_FILES} files or ${MAX_BUILD_BYTES / 1024 / 1024} MiB`;
      }
    }
  }
  return files.sort();
}

async function hashFiles(folder: string, files: readonly string[]): Promise<string> {
  const lines: string[] = [];
  for (const file of files) lines.push(`${sha256(await readFile(path.join(folder, file)))}  ${file}\n`);
  return sha256(lines.sort().join(""));
}

/** Where the CLI of each arm and slot lies. */
export type CliPlaces = Readonly<Record<Slot, Readonly<Partial<Record<Arm, string>>>>>;

/** The builds where they are, for both slots. */
export function cliPlacesInPlace({ head, base }: Readonly<Partial<Record<Arm, Build>>>): CliPlaces {
  const places = {
    ...(head === undefined ? {} : { head: head.cliFile }),
    ...(base === undefined ? {} : { base: base.cliFile }),
  };
  return { A: places, B: places };
}

/**
 * Copies each build to both slots, at paths of equal length: `FOLDER/SLOT/ARM/…/build`. What the files need around them
 * is put there too: `package.json`, and links to the folders where their packages are looked for.
 */
export async function copyBuilds(folder: string, builds: Readonly<Partial<Record<Arm, Build>>>): Promise<CliPlaces> {
  const depth = Math.max(0, ...Object.values(builds).map(({ nodeModules }) => nodeModules.length));
  const places = { A: {} as Partial<Record<Arm, string>>, B: {} as Partial<Record<Arm, string>> };
  for (const slot of ["A", "B"] as const) {
    for (const arm of ["head", "base"] as const) {
      const build = builds[arm];
      if (build !== undefined) places[slot][arm] = await copyBuild(build, path.join(folder, slot, arm), depth);
    }
  }
  return places;
}

async function copyBuild(build: Build, target: string, depth: number): Promise<string> {
  const levels = Array.from({ length: depth + 1 }, (_, level) => path.join(target, ...Array(level).fill("n")));
  const innermost = levels.at(-1) ?? target;
  const buildFolder = path.join(innermost, "build");
  await mkdir(buildFolder, { recursive: true });
  for (const [index, nodeModules] of build.nodeModules.toReversed().entries()) {
    await symlink(nodeModules, path.join(levels.at(-1 - index) ?? target, "node_modules"));
  }
  if (build.packageJson !== undefined) await copyFile(build.packageJson, path.join(innermost, "package.json"));
  const [own] = await existing([path.join(build.folder, "node_modules")]);
  if (own !== undefined) await symlink(own, path.join(buildFolder, "node_modules"));
  for (const file of build.files ?? []) {
    await mkdir(path.dirname(path.join(buildFolder, file)), { recursive: true });
    await copyFile(path.join(build.folder, file), path.join(buildFolder, file));
  }
  return path.join(buildFolder, path.basename(build.cliFile));
}

/** Versions of the packages that the `package.json` of a build names, as far as they are found; by name. */
export async function readPackageVersions(build: Build): Promise<Record<string, string>> {
  const manifest = build.packageJson ?? path.join(build.folder, "package.json");
  const { dependencies } = await readJson(manifest);
  const names = typeof dependencies === "object" && dependencies !== null ? Object.keys(dependencies).sort() : [];
  const roots = [path.join(build.folder, "node_modules"), ...build.nodeModules.toReversed()];
  const versions: Record<string, string> = {};
  for (const name of names) {
    const file = await firstExisting(roots.map((root) => path.join(root, name, "package.json")));
    // A package of the same workspace is part of the build, not something that it resolves.
    const isOwn = file === undefined || !(await realpath(file)).includes(`${path.sep}node_modules${path.sep}`);
    const { version } = isOwn ? {} : await readJson(file);
    if (typeof version === "string") versions[name] = version;
  }
  return versions;
}

async function readJson(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The folders above a folder, the nearest first. */
function ancestorsOf(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [] : [parent, ...ancestorsOf(parent)];
}

async function existing(files: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    files.map((file) =>
      stat(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return files.filter((_, index) => found[index]);
}

async function firstExisting(files: readonly string[]): Promise<string | undefined> {
  return (await existing(files))[0];
}
