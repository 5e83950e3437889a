/**
 * Purpose: chooses the images of each tier from the pool, and packs each tier to an archive with manifest and checksums.
 * Reads: synthetic-manifest.json and its images; a folder of source images with its fetch-report.json, if there is one;
 *   with --expect the checksums of another build and the dataset manifest beside them.
 * Writes: BUILD_DIR/vX.Y.Z/tierN/ and dataset-summary.md; in the out-dir the archives, the dataset manifest and the checksums.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the same inputs give the same bytes. An earlier build of the same version is replaced.
 * Example: pnpm run bench:dataset:build -- --dataset-version 0.0.0-dev
 */
import path from "node:path";
import {
  datasetVersionFlag,
  EXIT,
  type FlagValues,
  integerFlag,
  launch,
  listFlag,
  optionalPath,
  PROJECT_ROOT,
  pathFlag,
  printOutputs,
  refuseSharedPaths,
  runScript,
  type ScriptIo,
  type ScriptSpec,
} from "@forgebench/io";
import { packStep } from "@forgebench/steps";

const DEFAULT_SOURCES = ".tmp/bench/sources";
const DEFAULT_SYNTHETIC = ".tmp/bench/synthetic";
const DEFAULT_OUT = ".tmp/bench/release-assets/vX.Y.Z";

const flags = {
  "dataset-version": datasetVersionFlag("version of the dataset"),
  "sources-dir": optionalPath({
    placeholder: "DIR",
    description: `folder of source images; default ${DEFAULT_SOURCES}, if it is there`,
  }),
  "synthetic-dir": optionalPath({
    placeholder: "DIR",
    description: `folder of synthetic images; default ${DEFAULT_SYNTHETIC}, if it is there`,
  }),
  "out-dir": optionalPath({ placeholder: "DIR", description: `where the assets go; default ${DEFAULT_OUT}` }),
  "build-dir": pathFlag({
    placeholder: "DIR",
    fallback: ".tmp/bench/build",
    description: "where the unpacked tiers go, below vX.Y.Z",
  }),
  tiers: listFlag({
    placeholder: "N,N,…",
    fallback: ["30", "200", "500"],
    pattern: /^[1-9]\d{0,5}$/,
    expected: "numbers of images from 1 to 999999",
    description: "images of each tier",
  }),
  seed: integerFlag({
    min: 0,
    max: 4_294_967_295,
    unit: "a seed",
    fallback: 20260215,
    description: "decides which images of the pool are chosen",
  }),
  expect: optionalPath({
    placeholder: "SHA256SUMS",
    description: "checksums that the build must have; else nothing is published and the exit code is 65",
  }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:dataset:build --",
  purpose: "Chooses the images of each tier from synthetic and source images, and packs each tier to an archive.",
  flags,
  outputs: {
    DATASET_MANIFEST: "the dataset manifest, beside the archives",
    DATASET_CHECKSUMS: "the checksums of archives and manifest, for sha256sum -c",
    DATASET_SUMMARY: "a table of tiers, formats, origins and licences to read",
    DATASET_EXPECTED: "with --expect: same",
  },
  notes: [
    "A tier has 65 % jpg, 25 % png, 5 % gif and 5 % tiff by largest remainder, and within a format the size classes of the pool.\nSmaller tiers are inside larger ones. Choice and names depend on the contents and the seed, not on file names or order.",
    "Times in the artifacts are SOURCE_DATE_EPOCH, else derived from the version, so that the same inputs give the same bytes.",
    'Source images are decoded whole; one that is damaged, empty or not an image stops the build before anything is written.\nLicences come from fetch-report.json in the folder of the sources; without it they are "unspecified".\nEach tier says in ATTRIBUTION.md who made its images.',
    "--expect proves that this machine rebuilt a release: give it the release's sha256sums-vX.Y.Z.txt, with the dataset manifest\nbeside it. If a file differs, the message names possible causes.",
  ],
  examples: [
    "pnpm run bench:dataset:build -- --dataset-version 0.0.0-dev",
    "pnpm run bench:dataset:build -- --dataset-version 1.0.0 --sources-dir ~/Pictures/open --tiers 30,200",
    "pnpm run bench:dataset:build -- --dataset-version 1.0.0 --expect released/sha256sums-v1.0.0.txt",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => buildTiers(values, io));
}

async function buildTiers(values: Flags, io: ScriptIo): Promise<number> {
  const { datasetVersion, seed, buildDir, expect, sourcesDir, syntheticDir } = values;
  const assetsDir = values.outDir ?? inProject(DEFAULT_OUT.replace("X.Y.Z", datasetVersion));
  refuseSharedPaths(
    { "sources-dir": sourcesDir, "synthetic-dir": syntheticDir },
    { "out-dir": assetsDir, "build-dir": path.join(buildDir, `v${datasetVersion}`) },
  );
  const { manifestFile, checksumsFile, summaryFile, isExpected } = await packStep(
    {
      datasetVersion,
      seed,
      tierSizes: values.tiers.map(Number),
      synthetic: { folder: syntheticDir ?? inProject(DEFAULT_SYNTHETIC), required: syntheticDir !== undefined },
      sources: { folder: sourcesDir ?? inProject(DEFAULT_SOURCES), required: sourcesDir !== undefined },
      assetsDir,
      buildDir,
      expect,
    },
    io,
  );
  await printOutputs(io, {
    DATASET_MANIFEST: manifestFile,
    DATASET_CHECKSUMS: checksumsFile,
    DATASET_SUMMARY: summaryFile,
    ...(isExpected ? { DATASET_EXPECTED: "same" } : {}),
  });
  return EXIT.ok;
}

function inProject(folder: string): string {
  return path.join(PROJECT_ROOT, folder);
}

await launch(import.meta.url, main);
