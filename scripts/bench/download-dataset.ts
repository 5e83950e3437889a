/**
 * Purpose: downloads a tier of a released dataset, checks every byte of it and unpacks it.
 * Reads: what an earlier run left in its folder; with --expect a file of checksums.
 * Writes: OUT_DIR/tierN with dataset-resolved.json, and the release's manifest and checksums beside it.
 * Network: the API of GitHub, or of --api-url, and where it keeps assets.
 * Secrets: if given, the variable that --token-env names (contents: read of a private repository); renewed where it was made.
 * Rerun: safe; a correct tier or archive is not fetched again; a download that was cut begins again.
 * Example: pnpm run bench:dataset:download -- --help
 */
import { readdir, rm, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import { type DatasetManifest, type DatasetResolved, datasetResolved } from "@forgebench/artifacts";
import {
  assetNames,
  compareChecksums,
  hashTierDocuments,
  inspectDownloadedTier,
  readExpectedBuild,
  unpackTier,
} from "@forgebench/dataset";
import { ArtifactError, OperationError, printableLine } from "@forgebench/errors";
import {
  apiUrlFlag,
  archiveRequest,
  datasetTag,
  downloadAsset,
  fetchReleasedDataset,
  type GitHub,
  gitHubClient,
  keepDocuments,
  type ReleasedDataset,
  repoFlag,
  resolvedDataset,
  tierOf,
} from "@forgebench/github";
import {
  credentialIn,
  datasetVersionFlag,
  EXIT,
  type FlagValues,
  launch,
  lockFolder,
  makeFolder,
  optionalPath,
  PROJECT_ROOT,
  printOutputs,
  replaceFolder,
  requiredText,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  sha256OfFile,
  startProgress,
  switchFlag,
  temporaryName,
  tokenEnvFlag,
  writeArtifact,
} from "@forgebench/io";
import { removeLeftovers } from "@forgebench/transfer";

const DEFAULT_TOKEN_ENV = "GITHUB_TOKEN";
const DEFAULT_OUT = ".tmp/bench/datasets/vX.Y.Z";
const LOCK_NAME = ".download-lock";
/** The documents of the release, until they are known to fit. */
const INCOMING = ".incoming";

const flags = {
  repo: repoFlag("the repository that has the release"),
  "dataset-version": datasetVersionFlag("version of the dataset"),
  tier: requiredText({
    placeholder: "N",
    pattern: /^(tier)?[1-9]\d{0,5}$/,
    expected: "a tier such as 30 or tier30",
    description: "the tier to download",
  }),
  "out-dir": optionalPath({ placeholder: "DIR", description: `where the tier goes; default ${DEFAULT_OUT}` }),
  expect: optionalPath({
    placeholder: "SHA256SUMS",
    description: "checksums that the release must have, from another source: a release cannot prove itself",
  }),
  "allow-missing": switchFlag({ description: "a missing release is no error: DATASET_MISSING=1, exit 0" }),
  "token-env": tokenEnvFlag(`the variable with a token; default ${DEFAULT_TOKEN_ENV}, if it is set`),
  "api-url": apiUrlFlag(),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:dataset:download --",
  purpose: "Downloads a tier of a released dataset, checks every byte of it and unpacks it.",
  flags,
  outputs: {
    DATASET_TIER_ROOT: "the folder of the tier",
    DATASET_TIER_MANIFEST: "its manifest, for run-benchmark --tier-manifest",
    DATASET_RESOLVED_JSON: "which release it came from, with all checksums; run-benchmark finds it there",
    DATASET_MISSING: "1 if there is no such release and --allow-missing is given",
  },
  notes: [
    "The release's checksums are checked against its manifest, the archive against both, each image against the tier's own\nmanifest. A tier appears under its name only if all of them agree. An archive that holds anything but plain files in their\nplaces is refused, and the entry is named.",
    "A release never changes: if OUT_DIR holds the checksums of an earlier download, they must be the same (exit 65).",
    "--allow-missing means that the repository answers and has no such release. A repository that the token cannot see,\nan incomplete release, or a failed network is an error with it, too.",
  ],
  examples: [
    "pnpm run bench:dataset:download -- --repo f-campana/imageforge --dataset-version 1.0.0 --tier 200",
    "pnpm run bench:dataset:download -- --repo OWNER/NAME --dataset-version 1.0.0 --tier 30 --expect known/sha256sums-v1.0.0.txt",
  ],
};

type Flags = FlagValues<typeof flags>;
type Tier = DatasetManifest["tiers"][number];

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => downloadDataset(values, io));
}

async function downloadDataset(values: Flags, io: ScriptIo): Promise<number> {
  const { datasetVersion } = values;
  const folder = values.outDir ?? path.join(PROJECT_ROOT, DEFAULT_OUT.replace("X.Y.Z", datasetVersion));
  const { apiUrl, tokenEnv } = values;
  const isOptional = tokenEnv === undefined;
  const credential = credentialIn(io.env, tokenEnv ?? DEFAULT_TOKEN_ENV, apiUrl, { isOptional });
  const onWait = (message: string) => note(message, io);
  const github = gitHubClient({ apiUrl, credential, signal: io.signal, onWait });
  const before = await stat(folder).catch(() => undefined);
  const lock = await lockFolder(await makeFolder(folder), LOCK_NAME);
  const incoming = path.join(folder, INCOMING);
  try {
    await removeKilled(folder);
    await makeFolder(incoming);
    const query = { repository: values.repo, datasetVersion, names: assetNames(datasetVersion), folder: incoming };
    const dataset = await fetchReleasedDataset(github, query);
    if (dataset === undefined) return await sayMissing(values, io);
    const place: Place = { values, folder, incoming, tierId: `tier${values.tier.replace("tier", "")}` };
    await download(place, dataset, github, io);
    return EXIT.ok;
  } finally {
    await rm(incoming, { recursive: true, force: true });
    await lock.release();
    // An empty folder is removed; one that holds something stays.
    if (before === undefined) await rmdir(folder).catch(() => undefined);
  }
}

/** Folders that a killed run was unpacking, and the parts that it was downloading; a complete archive stays. */
async function removeKilled(folder: string): Promise<void> {
  const killed = (await readdir(folder)).filter(
    (name) => name === INCOMING || /^\.tier\d+\.\d+\.[0-9a-f]+\.tmp$/.test(name),
  );
  for (const name of killed) await rm(path.join(folder, name), { recursive: true, force: true });
  await removeLeftovers(folder);
}

async function sayMissing({ allowMissing, repo, datasetVersion }: Flags, io: ScriptIo): Promise<number> {
  const missing = `"${repo}" has no release "${datasetTag(datasetVersion)}"`;
  if (allowMissing) {
    note(missing, io);
    await printOutputs(io, { DATASET_MISSING: 1 });
    return EXIT.ok;
  }
  throw new OperationError("data", `Cannot download dataset ${datasetVersion}: ${missing}`, {
    details: [{ label: "try", text: "another version, or --allow-missing if a fallback follows" }],
  });
}

interface Place {
  readonly values: Flags;
  readonly folder: string;
  readonly incoming: string;
  readonly tierId: string;
}

async function download(place: Place, dataset: ReleasedDataset, github: GitHub, io: ScriptIo): Promise<void> {
  const { values, folder, tierId } = place;
  await refuseUnexpected(values.expect, dataset);
  const tier = tierOf(dataset, tierId);
  const { incoming } = place;
  const names = assetNames(values.datasetVersion);
  await keepDocuments({ repository: values.repo, incoming, folder, names }, dataset);
  const resolved = resolvedDataset(values.repo, tier, dataset);
  const root = path.join(folder, tierId);
  const found = await inspectDownloadedTier(root, resolved, io.signal);
  if (found === "right") {
    io.stderr.write(`${tierId.padEnd(10)} exists and is right, ${summaryOf(tier, dataset)}\n`);
  } else {
    if (found !== "absent")
      note(`"${root}" has changed since it was downloaded (${found.changed}); it is downloaded again`, io);
    await fetchTier(place, { dataset, tier, resolved, root }, github, io);
    io.stderr.write(`${tierId.padEnd(10)} ${summaryOf(tier, dataset)}\n`);
  }
  await printOutputs(io, {
    DATASET_TIER_ROOT: root,
    DATASET_TIER_MANIFEST: path.join(root, path.posix.basename(tier.tierManifestPath)),
    DATASET_RESOLVED_JSON: path.join(root, datasetResolved.fileName),
  });
}

async function refuseUnexpected(expect: string | undefined, dataset: ReleasedDataset): Promise<void> {
  if (expect === undefined) return;
  const expected = await readExpectedBuild(expect);
  const { different, missing, extra } = compareChecksums(expected.checksums, dataset.checksums);
  const issues = [
    ...different.map(({ file, expected: wanted, found }) => `${file}: expected ${wanted}, the release has ${found}`),
    ...missing.map(({ file }) => `${file}: not in the release`),
    ...extra.map(({ file }) => `${file}: in the release, not expected`),
  ];
  if (issues.length === 0) return;
  throw new ArtifactError({
    path: dataset.release.htmlUrl,
    kind: "release",
    action: "Cannot use",
    issues: issues.slice(0, 20).map((message) => ({ path: "", message: printableLine(message, 300) })),
    details: [{ label: "expected", text: `the files and checksums in "${expect}"` }],
  });
}

interface Work {
  readonly dataset: ReleasedDataset;
  readonly tier: Tier;
  readonly resolved: DatasetResolved;
  readonly root: string;
}

async function fetchTier(place: Place, work: Work, github: GitHub, io: ScriptIo): Promise<void> {
  const { dataset, tier, resolved, root } = work;
  const archive = path.join(place.folder, tier.archiveName);
  await fetchArchive(place, work, archive, github, io);
  const temporary = temporaryName(root);
  const sizeMb = Math.ceil((resolved.archive?.sizeBytes ?? 0) / 1e6);
  const unpacking = startProgress(io, "unpack MB", sizeMb);
  try {
    const { datasetVersion } = dataset.manifest;
    const expected = { ...tier, tierId: tier.id, datasetVersion };
    const onProgress = (bytes: number) => unpacking.update(Math.ceil(bytes / 1e6));
    const { contentSha256 } = await unpackTier(archive, temporary, expected, { signal: io.signal, onProgress });
    // In older datasets only the tier's own manifest says it.
    const documents = await hashTierDocuments(temporary, io.signal);
    const complete = { ...resolved, contentSha256: contentSha256 ?? resolved.contentSha256, documents };
    await writeArtifact(datasetResolved, path.join(temporary, datasetResolved.fileName), complete);
    io.signal.throwIfAborted();
    await replaceFolder(temporary, root);
  } catch (error) {
    // A refused archive is of no use; after any other failure the next run need not download it again.
    if (error instanceof ArtifactError) await rm(archive, { force: true });
    throw error;
  } finally {
    unpacking.stop();
    await rm(temporary, { recursive: true, force: true });
  }
  await rm(archive, { force: true });
}

async function fetchArchive(
  { values }: Place,
  { dataset, tier }: Work,
  archive: string,
  github: GitHub,
  io: ScriptIo,
): Promise<void> {
  if ((await sha256OfFile(archive).catch(() => undefined)) === tier.sha256) return;
  const asset = dataset.assets.get(tier.archiveName);
  const progress = startProgress(io, "fetch MB", Math.ceil((asset?.sizeBytes ?? 0) / 1e6));
  try {
    await downloadAsset(github, {
      ...archiveRequest(github, values.repo, dataset, tier, archive),
      // It is checked again before it is used, and then removed.
      isTransient: true,
      onProgress: (receivedBytes) => progress.update(Math.ceil(receivedBytes / 1e6)),
      onRetry: (message) => note(message, io),
    });
  } finally {
    progress.stop();
  }
}

function summaryOf({ imageCount, sha256 }: Tier, { release }: ReleasedDataset): string {
  return `${imageCount} images of ${printableLine(release.tagName)}, archive sha256 ${sha256.slice(0, 12)}…`;
}

function note(message: string, io: ScriptIo): void {
  io.stderr.write(`note: ${printableLine(message, 400)}\n`);
}

await launch(import.meta.url, main);
