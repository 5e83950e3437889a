import { isDeepStrictEqual } from "node:util";
import type { TierFile, TierManifest } from "@forgebench/artifacts";
import { ATTRIBUTION_NAME } from "../tiers/attribution-text.ts";
import {
  attributionSha256Of,
  chooseSingles,
  contentSha256Of,
  countFormats,
  IMAGE_ROOT,
} from "../tiers/tier-documents.ts";
import { foldName, nameProblem } from "./tier-names.ts";

/** What a dataset manifest says of a tier and its archive. */
export interface ExpectedTier {
  readonly tierId: string;
  readonly datasetVersion: string;
  /** Of the archive. */
  readonly sha256: string;
  /** Of the archive. */
  readonly sizeBytes?: number | undefined;
  readonly imageCount: number;
  readonly contentSha256?: string | undefined;
  readonly formatBreakdown?: TierManifest["formatBreakdown"] | undefined;
  readonly singleScenarios?: TierManifest["singleScenarios"] | undefined;
}

/** A file that was read. */
export interface FileFacts {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Something that is not as it should be. */
export interface Difference {
  /** A file, or a field of one. */
  readonly where: string;
  readonly expected: string;
  readonly found: string;
}

/** What lies in a tier's folder or archive beside its manifest. */
interface FoundTier {
  /** The images by their names. */
  readonly images: ReadonlyMap<string, FileFacts>;
  /** Undefined when there is no ATTRIBUTION.md. */
  readonly attributionSha256: string | undefined;
}

/** What a tier's files and manifest have against one another, and against what is expected of them. */
export function compareTier(
  manifest: TierManifest,
  { images: found, attributionSha256 }: FoundTier,
  expected: Partial<ExpectedTier>,
): Difference[] {
  const files = manifest.files.filter((file) => typeof file !== "string");
  const bare = manifest.files.filter((file) => typeof file === "string");
  return [
    ...field("tierId", expected.tierId, manifest.tierId),
    ...field("datasetVersion", expected.datasetVersion, manifest.datasetVersion),
    ...field("imageRoot", IMAGE_ROOT, manifest.imageRoot),
    ...field("the number of files", expected.imageCount, manifest.files.length),
    ...compareRepeated(manifest, expected),
    ...(bare.length === 0 ? [] : [onlyNames(bare.length)]),
    ...compareNames(manifest),
    ...files.flatMap((file) => compareFile(file, found.get(file.path))),
    ...compareExtra(manifest, found),
    ...(bare.length > 0 ? [] : [...compareContent(files, manifest, expected), ...compareDerived(files, manifest)]),
    ...compareAttribution(manifest, attributionSha256),
  ];
}

/** What the manifest says of its files in other words: programs take it from there. */
function compareDerived(files: readonly TierFile[], manifest: TierManifest): Difference[] {
  const { small, median, large } = manifest.singleScenarios;
  const { jpg, png, gif, tiff } = manifest.formatBreakdown;
  return [
    ...derived("singleScenarios", chooseSingles(files), { small, median, large }),
    ...derived("formatBreakdown", countFormats(files), { jpg, png, gif, tiff }),
  ];
}

function derived(name: string, expected: object, found: object): Difference[] {
  if (isDeepStrictEqual(expected, found)) return [];
  return [inManifest(name, `${JSON.stringify(expected)}, as its files give it`, JSON.stringify(found))];
}

/** Who made what, and under which licence, is as much a part of a tier as its images. Older manifests do not hold it. */
function compareAttribution(manifest: TierManifest, found: string | undefined): Difference[] {
  const { attributionSha256: expected } = manifest;
  if (expected === undefined) return [];
  const made = attributionSha256Of(manifest);
  const wanted = `origins and licences as in the ${ATTRIBUTION_NAME} with sha256 ${expected}`;
  return [
    ...differingHash(ATTRIBUTION_NAME, expected, found),
    ...(made === expected ? [] : [inManifest("files", wanted, `those of another one, with sha256 ${made}`)]),
  ];
}

/** What the dataset manifest repeats of the tier's own. */
function compareRepeated(manifest: TierManifest, expected: Partial<ExpectedTier>): Difference[] {
  return (["formatBreakdown", "singleScenarios"] as const).flatMap((name) => {
    if (expected[name] === undefined || isDeepStrictEqual(expected[name], manifest[name])) return [];
    return [inManifest(name, JSON.stringify(expected[name]), JSON.stringify(manifest[name]))];
  });
}

/** Of older manifests: without hashes nothing is proved. */
function onlyNames(count: number): Difference {
  return inManifest("files", "sha256 and size of each", `only the names of ${count}`);
}

function field(name: string, expected: string | number | undefined, found: string | number | undefined): Difference[] {
  if (expected === undefined || expected === found) return [];
  return [inManifest(name, shown(expected), shown(found))];
}

function inManifest(name: string, expected: string, found: string): Difference {
  return { where: `tier-manifest.json: ${name}`, expected, found };
}

function shown(value: string | number | undefined): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

function imagePath(name: string): string {
  return `${IMAGE_ROOT}/${name}`;
}

/** Names are also what programs open: those of the scenarios must be among the files. */
function compareNames({ files, singleScenarios }: TierManifest): Difference[] {
  const names = files.map((file) => (typeof file === "string" ? file : file.path));
  const known = new Set(names);
  const folded = new Set<string>();
  const bad = names.flatMap((name) => {
    const problem = nameProblem(name) ?? (folded.has(foldName(name)) ? "is listed twice" : undefined);
    folded.add(foldName(name));
    return problem === undefined ? [] : [inManifest("files", "names of images", `${shown(name)}, which ${problem}`)];
  });
  const singles = (["small", "median", "large"] as const).filter((key) => !known.has(singleScenarios[key]));
  return [
    ...bad,
    ...singles.map((key) => inManifest(`singleScenarios.${key}`, "one of the files", shown(singleScenarios[key]))),
  ];
}

function compareFile(listed: TierFile, found: FileFacts | undefined): Difference[] {
  const where = imagePath(listed.path);
  if (found !== undefined && found.sizeBytes !== listed.sizeBytes) {
    return [{ where, expected: `${listed.sizeBytes} bytes`, found: `${found.sizeBytes} bytes` }];
  }
  return differingHash(where, listed.sha256, found?.sha256);
}

/** What a file's SHA-256 should be and is; none where it is right. */
export function differingHash(where: string, expected: string, found: string | undefined): Difference[] {
  if (found === expected) return [];
  return [{ where, expected: `sha256 ${expected}`, found: found === undefined ? "no such file" : `sha256 ${found}` }];
}

function compareExtra({ files }: TierManifest, found: ReadonlyMap<string, FileFacts>): Difference[] {
  const known = new Set(files.map((file) => (typeof file === "string" ? file : file.path)));
  return [...found.keys()]
    .filter((name) => !known.has(name))
    .map((name) => ({
      where: imagePath(name),
      expected: "no such file",
      found: "a file that the manifest does not list",
    }));
}

function compareContent(
  files: readonly TierFile[],
  manifest: TierManifest,
  expected: Partial<ExpectedTier>,
): Difference[] {
  const contentSha256 = contentSha256Of(files);
  return [
    ...(manifest.contentSha256 === undefined ? [] : field("contentSha256", contentSha256, manifest.contentSha256)),
    ...field("contentSha256 of its files", expected.contentSha256, contentSha256),
  ];
}
