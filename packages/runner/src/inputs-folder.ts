import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, realpath, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { SuiteScenario, TierManifest } from "@forgebench/artifacts";
import { ArtifactError, type ArtifactIssue, OperationError } from "@forgebench/errors";

/** A tier whose files exist. */
interface Tier {
  readonly manifest: TierManifest;
  readonly manifestPath: string;
  /** The images by path below the image root, and what the manifest says of them. */
  readonly files: readonly TierEntry[];
  readonly imageRoot: string;
}

interface TierEntry {
  readonly path: string;
  readonly sha256?: string;
  readonly sizeBytes?: number;
}

/**
 * Makes sure that a tier's images are there, in their sizes, and below the folder of its manifest, links followed.
 * @throws {ArtifactError} naming the manifest and the first files that are wrong.
 */
export async function openTier(manifest: TierManifest, manifestPath: string): Promise<Tier> {
  const imageRoot = path.resolve(path.dirname(manifestPath), manifest.imageRoot);
  if (leadsOut(manifest.imageRoot)) {
    const message = `${JSON.stringify(manifest.imageRoot)} leads out of the folder of the manifest`;
    throw wrongTier(manifestPath, [{ path: "imageRoot", message }]);
  }
  const home = await realpath(path.dirname(manifestPath));
  const files = manifest.files.map((file): TierEntry => (typeof file === "string" ? { path: file } : file));
  const issues: ArtifactIssue[] = [];
  const seen = new Set<string>();
  for (const [index, file] of files.entries()) {
    const problem = seen.has(file.path) ? "is listed twice" : await findProblem(imageRoot, file, home);
    if (problem !== undefined)
      issues.push({ path: `files[${index}]`, message: `${JSON.stringify(file.path)} ${problem}` });
    seen.add(file.path);
  }
  for (const [name, single] of Object.entries(manifest.singleScenarios)) {
    if (!seen.has(single as string))
      issues.push({ path: `singleScenarios.${name}`, message: `${JSON.stringify(single)} is not one of the files` });
  }
  if (issues.length > 0) throw wrongTier(manifestPath, issues);
  return { manifest, manifestPath, files, imageRoot };
}

/** Whether a path of a manifest, which may come from anybody, is not below the folder that it starts from. */
function leadsOut(relative: string): boolean {
  return path.isAbsolute(relative) || relative.split(/[/\\]/).includes("..");
}

async function findProblem(imageRoot: string, file: TierEntry, home: string): Promise<string | undefined> {
  if (leadsOut(file.path)) return "leads out of the image root";
  const found = await stat(path.join(imageRoot, file.path)).catch(() => undefined);
  if (found === undefined) return "does not exist";
  if (!found.isFile()) return "is no file";
  if (leadsOut(path.relative(home, await realpath(path.join(imageRoot, file.path))))) {
    return "is a link that leads out of the folder of the manifest";
  }
  if (file.sizeBytes !== undefined && found.size !== file.sizeBytes) {
    return `has ${found.size} bytes, the manifest says ${file.sizeBytes}`;
  }
  return undefined;
}

/** The input of each scenario. */
export interface Inputs {
  /** The input folder of each scenario. */
  readonly folders: Readonly<Record<string, string>>;
  /** The files of each input folder, by their path below it. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  /** Of the scenarios that are measured on images. */
  readonly imageCounts: Readonly<Record<string, number>>;
  /** The identity of the content of the tier, or of all inputs that the suite names. */
  readonly datasetSha256: string;
  /** The text of that hash, if the suite names its inputs: lines of `sha256  SCENARIO/PATH`. */
  readonly listing?: string;
  /**
   * Reads the input of a scenario once more, so that every run finds it in the page cache, and makes sure that it has not changed.
   * @throws {OperationError} naming what changed: the runs after that are not comparable (exit 3).
   */
  readonly reread: (scenario: string) => Promise<void>;
}

/** The input folders of all scenarios, and the SHA-256 of each of their files. */
interface CopiedInputs {
  readonly folders: Readonly<Record<string, string>>;
  readonly sha256Of: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Checks inputs that were copied; see {@link Inputs}. */
export function watchInputs({ folders, sha256Of }: CopiedInputs): Pick<Inputs, "folders" | "files" | "reread"> {
  const reread = async (scenario: string) => {
    const change = await findChange(folders[scenario] ?? "", sha256Of.get(scenario) ?? new Map());
    if (change !== undefined) throw changedInput(scenario, change);
  };
  return { folders, files: Object.fromEntries([...sha256Of].map(([name, own]) => [name, [...own.keys()]])), reread };
}

/**
 * Copies the images of each scenario to a folder of its own and checks their SHA-256 on the way, which also leaves them in
 * the page cache. The subject never sees the tier itself, so it cannot damage it.
 * @throws {ArtifactError} naming the images whose content is not what the manifest says.
 */
export async function prepareInputs(
  tier: Tier,
  scenarios: readonly SuiteScenario[],
  folder: string,
  signal?: AbortSignal,
): Promise<Inputs> {
  const folders: Record<string, string> = {};
  const imageCounts: Record<string, number> = {};
  const sha256ByPath = new Map<string, string>();
  const sha256Of = new Map<string, Map<string, string>>();
  for (const scenario of scenarios) {
    const target = path.join(folder, scenario.name);
    const own = new Map<string, string>();
    folders[scenario.name] = target;
    await mkdir(target, { recursive: true });
    for (const file of imagesOf(tier, scenario)) {
      signal?.throwIfAborted();
      const sha256 = await copyImage(tier, file, path.join(target, file.path));
      sha256ByPath.set(file.path, sha256);
      own.set(file.path, sha256);
    }
    sha256Of.set(scenario.name, own);
    if (scenario.files !== undefined) imageCounts[scenario.name] = own.size;
  }
  const datasetSha256 = await hashTier(tier, sha256ByPath, signal);
  return { ...watchInputs({ folders, sha256Of }), imageCounts, datasetSha256 };
}

function imagesOf({ manifest, files }: Tier, scenario: SuiteScenario): readonly TierEntry[] {
  if (scenario.files === undefined) return [];
  if (scenario.files === "all") return files;
  const single = manifest.singleScenarios[scenario.files];
  return files.filter((file) => file.path === single);
}

/** The first difference in a folder of files with known SHA-256, in words. */
async function findChange(folder: string, expected: ReadonlyMap<string, string>): Promise<string | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"));
  const added = found.find((name) => !expected.has(name));
  if (added !== undefined) return `${JSON.stringify(added)} was added`;
  for (const [name, sha256] of expected) {
    if (!found.includes(name)) return `${JSON.stringify(name)} is gone`;
    if ((await sha256OfFile(path.join(folder, name))) !== sha256) return `${JSON.stringify(name)} has other bytes`;
  }
  return undefined;
}

function changedInput(scenario: string, change: string): OperationError {
  return new OperationError(
    "unjudged",
    `Cannot go on: the input of "${scenario}" changed during the measurement: ${change}`,
    {
      details: [
        { label: "why", text: "a subject, or something else, wrote to its input; the later runs had different work" },
        { label: "try", text: "keep the subject from writing there, then run again without --resume" },
      ],
    },
  );
}

/** Read in pieces: the measuring process must stay small. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

async function copyImage(tier: Tier, file: TierEntry, target: string): Promise<string> {
  const bytes = await readFile(path.join(tier.imageRoot, file.path));
  const sha256 = sha256Of(bytes);
  assertContent(tier, file, sha256);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, bytes);
  return sha256;
}

function assertContent(tier: Tier, file: TierEntry, sha256: string): void {
  if (file.sha256 === undefined || file.sha256 === sha256) return;
  const message = `${JSON.stringify(file.path)} has SHA-256 ${sha256}, the manifest says ${file.sha256}`;
  throw wrongTier(tier.manifestPath, [{ path: "files", message }]);
}

/**
 * The identity of a tier's content: SHA-256 over the sorted lines `sha256  path` of its files. Images that no scenario uses
 * are read too: later artifacts must not rely on the manifest alone.
 */
async function hashTier(tier: Tier, known: ReadonlyMap<string, string>, signal?: AbortSignal): Promise<string> {
  const lines: string[] = [];
  for (const file of tier.files) {
    signal?.throwIfAborted();
    const sha256 = known.get(file.path) ?? (await sha256OfFile(path.join(tier.imageRoot, file.path)));
    assertContent(tier, file, sha256);
    lines.push(`${sha256}  ${file.path}\n`);
  }
  const sha256 = sha256Of(lines.sort().join(""));
  const { contentSha256 } = tier.manifest;
  if (contentSha256 === undefined || contentSha256 === sha256) return sha256;
  const message = `the files listed give ${sha256}, the manifest says ${contentSha256}`;
  throw wrongTier(tier.manifestPath, [{ path: "contentSha256", message }]);
}

function sha256Of(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function wrongTier(manifestPath: string, issues: readonly ArtifactIssue[]): ArtifactError {
  const shown = issues.slice(0, 5);
  const rest = issues.length - shown.length;
  return new ArtifactError({
    path: manifestPath,
    kind: "tier manifest",
    action: "Cannot use",
    issues: rest === 0 ? shown : [...shown, { path: "", message: `and ${rest} more` }],
    details: [{ label: "try", text: "build or download the tier again: its files are not those of the manifest" }],
  });
}
