import path from "node:path";
import { isThere, makeFolder, PROJECT_ROOT } from "@forgebench/io";
import { imagesStep, packStep, type StepIo, subjectStep, tierManifestIn } from "@forgebench/steps";

/** Of all datasets that programs make for themselves. */
const SEED = 20260215;

/** The reference subject as it is built by `npm run build`; built when it is not there. */
export async function ownSubject(): Promise<string> {
  const built = path.join(PROJECT_ROOT, "dist", "cli.js");
  return (await isThere(built)) ? built : subjectStep(built);
}

/** A dataset of a few images for a program of its own. */
export interface OwnDataset {
  readonly version: string;
  /** Of its tier. */
  readonly images: number;
  /** How many are made, of which the tier is chosen. */
  readonly pool: number;
}

/** Builds a small tier in a folder, or uses the one that is there, and returns the path of its manifest. */
export async function ownTier(folder: string, { version, images, pool }: OwnDataset, io: StepIo): Promise<string> {
  const at = (name: string) => path.join(folder, name);
  const manifest = tierManifestIn(at("build"), version, images);
  if (await isThere(manifest)) return manifest;
  await imagesStep({ outDir: at("synthetic"), count: pool, seed: SEED }, io);
  const folders = { assetsDir: at("assets"), buildDir: at("build") };
  const synthetic = { folder: at("synthetic"), required: true };
  const sources = { folder: await makeFolder(at("sources")), required: false };
  await packStep({ datasetVersion: version, seed: SEED, tierSizes: [images], synthetic, sources, ...folders }, io);
  return manifest;
}
