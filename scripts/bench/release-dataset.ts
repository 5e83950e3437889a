/**
 * Purpose: publishes a version of the dataset as a release on GitHub, after every byte of it was checked there.
 * Reads: the release assets that build-tiers wrote.
 * Writes: the release bench-dataset-vX.Y.Z and its tag.
 * Network: the API of GitHub, or of --api-url, and where it takes uploads and keeps assets.
 * Secrets: the variable that --token-env names (contents: write); renewed where it was made.
 * Rerun: safe; a run that was stopped is continued, a release with the same files is left alone, any other is an error.
 * Example: see docs/runbook.md
 */
import path from "node:path";
import type { DatasetManifest } from "@forgebench/artifacts";
import { archiveName, assetNames, describeFormats, verifyAssetsFolder } from "@forgebench/dataset";
import { OperationError, printableLine } from "@forgebench/errors";
import {
  apiUrlFlag,
  type DatasetFiles,
  datasetTag,
  findRepository,
  type GitHub,
  gitHubClient,
  planRelease,
  publishRelease,
  type ReleaseJob,
  type ReleasePlan,
  type ReleaseWatcher,
  readDatasetFiles,
  readReleaseState,
  refusal,
  refuseUnlicensed,
  releaseMarker,
  repoFlag,
} from "@forgebench/github";
import {
  credentialIn,
  datasetVersionFlag,
  EXIT,
  type FlagValues,
  launch,
  optionalPath,
  optionalText,
  PROJECT_ROOT,
  type Progress,
  printOutputs,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  startProgress,
  switchFlag,
  tokenDetail,
  tokenEnvFlag,
} from "@forgebench/io";
import { renderReleaseText } from "@forgebench/report";

const DEFAULT_ASSETS = ".tmp/bench/release-assets/vX.Y.Z";
const DEFAULT_TOKEN_ENV = "GITHUB_TOKEN";
const SHOWN_DIFFERENCES = 20;

const flags = {
  repo: repoFlag("the repository that gets the release"),
  "dataset-version": datasetVersionFlag("version of the dataset"),
  "assets-dir": optionalPath({ placeholder: "DIR", description: `folder of the assets; default ${DEFAULT_ASSETS}` }),
  commit: optionalText({
    placeholder: "SHA",
    pattern: /^[0-9a-f]{40}$/,
    expected: "40 lower-case hexadecimal digits",
    description: "where the tag is made; default: the head of the default branch",
  }),
  "dry-run": switchFlag({ description: "only say what would be done; nothing is written" }),
  "token-env": tokenEnvFlag(`the variable with a token for contents: write; default ${DEFAULT_TOKEN_ENV}`),
  "api-url": apiUrlFlag(),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:dataset:release --",
  purpose: "Publishes a version of the dataset as a release on GitHub, after every byte of it was checked there.",
  flags,
  outputs: {
    RELEASE_URL: "the release, for people; with --dry-run only when it is there already",
    RELEASE: "created, continued (from a run that was stopped), unchanged (it was there), or planned with --dry-run",
  },
  notes: [
    "Before anything is sent, each archive is checked as by bench:dataset:verify.",
    "The files go into a draft, which only people with write access can see. Each is downloaded again and hashed; then\nthe draft is published and read back. Run it again after any failure: correct files stay, the others are sent again.",
    "An existing tag or release is never changed: exit 73, unless it holds exactly these files.",
  ],
  examples: [
    "pnpm run bench:dataset:release -- --repo octo-org/images --dataset-version 1.0.0 --dry-run",
    "pnpm run bench:dataset:release -- --repo octo-org/images --dataset-version 1.0.0",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => releaseDataset(values, io));
}

async function releaseDataset(values: Flags, io: ScriptIo): Promise<number> {
  const { repo, datasetVersion, apiUrl } = values;
  const credential = credentialIn(io.env, values.tokenEnv ?? DEFAULT_TOKEN_ENV, apiUrl);
  const dataset = await readAssets(values, io);
  const onWait = (message: string) => note(io, message);
  const github = gitHubClient({ apiUrl, credential, signal: io.signal, onWait });
  const tag = datasetTag(datasetVersion);
  const job: ReleaseJob = {
    repository: repo,
    local: { tag, files: dataset.files, checksums: dataset.checksums, commit: values.commit },
    files: dataset.files,
    commit: values.commit,
    text: {
      tag,
      title: `Benchmark dataset ${datasetVersion}`,
      body: releaseTextOf(dataset, repo),
      isPrerelease: datasetVersion.includes("-"),
    },
  };
  return namingWrite(() => (values.dryRun ? showPlan(github, job, io) : release(github, job, io)));
}

/** Reading needs fewer rights than releasing; the message of the first refusal names all rights that are needed. */
async function namingWrite<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    const details = error.details.map(({ label, text }) => ({
      label,
      text: text.replaceAll("contents: read", "contents: write"),
    }));
    throw new OperationError(error.failure, error.message, { cause: error, details });
  }
}

function note(io: ScriptIo, message: string): void {
  io.stderr.write(`note: ${printableLine(message, 400)}\n`);
}

/** Finds every mistake that can be found without the network. */
async function readAssets({ datasetVersion, assetsDir }: Flags, io: ScriptIo): Promise<DatasetFiles> {
  const folder = assetsDir ?? path.join(PROJECT_ROOT, DEFAULT_ASSETS.replace("X.Y.Z", datasetVersion));
  const names = {
    datasetVersion,
    ...assetNames(datasetVersion),
    archiveOf: (tierId: string) => archiveName(tierId, datasetVersion),
  };
  let progress: Progress | undefined;
  const dataset = await readDatasetFiles(folder, names, (name, done, total) => {
    progress ??= startProgress(io, "check", total);
    progress.update(done, name);
  }).finally(() => progress?.stop());
  refuseUnlicensed(dataset.manifest);
  await refuseWrongInside(folder, datasetVersion, io);
  for (const name of dataset.strays) note(io, `"${name}" is no file of this dataset and is not uploaded`);
  return dataset;
}

/** Right checksums do not prove the contents of an archive, and a published release cannot be taken back. */
async function refuseWrongInside(folder: string, datasetVersion: string, io: ScriptIo): Promise<void> {
  let progress: Progress | undefined;
  const onProgress = (doneBytes: number, totalBytes: number) => {
    progress ??= startProgress(io, "inspect MB", toMegabytes(totalBytes));
    progress.update(toMegabytes(doneBytes));
  };
  const options = { datasetVersion, isShallow: false, signal: io.signal, onProgress };
  const { differences } = await verifyAssetsFolder(folder, options).finally(() => progress?.stop());
  if (differences.length === 0) return;
  const details = differences.slice(0, SHOWN_DIFFERENCES).map(({ where, expected, found }) => ({
    label: "differs",
    text: printableLine(`${where}: expected ${expected}, found ${found}`, 400),
  }));
  const more = differences.length - details.length;
  throw new OperationError("data", `Cannot release "${folder}": its archives are wrong`, {
    details: [
      ...details,
      ...(more > 0 ? [{ label: "and", text: `${more} more` }] : []),
      { label: "try", text: "build the tiers again" },
    ],
  });
}

async function release(github: GitHub, job: ReleaseJob, io: ScriptIo): Promise<number> {
  const watcher = watching(job, io);
  const outcome = await publishRelease(github, job, watcher).finally(() => watcher.stop());
  const { status, commit } = outcome;
  const how = {
    created: "released",
    continued: "released, continuing an earlier run",
    unchanged: "exists already, with the same files",
  };
  io.stderr.write(`${job.local.tag}: ${how[status]}; its tag is at ${commit ?? "an unknown commit"}\n`);
  await printOutputs(io, { RELEASE_URL: outcome.release.htmlUrl, RELEASE: status });
  return EXIT.ok;
}

async function showPlan(github: GitHub, job: ReleaseJob, io: ScriptIo): Promise<number> {
  const state = await readReleaseState(github, job.repository, job.local.tag);
  const plan = planRelease(state, job.local);
  if (plan.kind === "refused") throw refusal(job, plan);
  if (plan.kind === "publish") await refuseReader(github, job);
  for (const line of planLines(plan)) io.stderr.write(`would: ${printableLine(line, 400)}\n`);
  const url = plan.kind === "unchanged" ? { RELEASE_URL: plan.release.htmlUrl } : {};
  await printOutputs(io, { ...url, RELEASE: plan.kind === "unchanged" ? "unchanged" : "planned" });
  return EXIT.ok;
}

/** A yes of GitHub about a token is not reliable, but a no is. */
async function refuseReader(github: GitHub, { repository, local }: ReleaseJob): Promise<void> {
  const { canPush } = await findRepository(github, repository);
  if (canPush !== false) return;
  throw new OperationError(
    "output",
    `Cannot release "${local.tag}" in "${repository}": the token may not write there`,
    {
      details: [
        { label: "need", text: "contents: write for this repository" },
        tokenDetail(github.access.credential?.variable),
      ],
    },
  );
}

function releaseTextOf({ manifest, files, checksums }: DatasetFiles, repository: string): string {
  const formats = (tier: DatasetManifest["tiers"][number]) => describeFormats(tier.formatBreakdown);
  const text = renderReleaseText({ manifest, files, checksumsName: checksums.name, repository, formats });
  return `${text}\n\n${releaseMarker(checksums.sha256)}`;
}

function planLines(plan: Exclude<ReleasePlan, { kind: "refused" }>): string[] {
  if (plan.kind === "unchanged") return ["leave the release as it is: it holds exactly these files"];
  return [
    ...plan.notes,
    ...(plan.draft === undefined ? ["make a draft"] : []),
    ...plan.upload.map(({ name, sizeBytes }) => `upload "${name}", ${megabytes(sizeBytes)}`),
    "download every asset again and compare its SHA-256, and publish the release",
  ];
}

/** Progress in megabytes, for the uploads and then for the downloads that check them. */
function watching(job: ReleaseJob, io: ScriptIo): ReleaseWatcher & { stop(): void } {
  const bytes = { upload: new Map<string, number>(), verify: new Map<string, number>() };
  const totals = { upload: 0, verify: sum(job.files.map(({ sizeBytes }) => sizeBytes)) };
  let shown: { readonly label: keyof typeof bytes; readonly progress: Progress } | undefined;
  const stop = () => {
    shown?.progress.stop();
    shown = undefined;
  };
  const show = (label: keyof typeof bytes, name: string, doneBytes: number) => {
    if (shown?.label !== label) {
      stop();
      shown = {
        label,
        progress: startProgress(io, `${label} MB`, toMegabytes(totals[label])),
      };
    }
    bytes[label].set(name, doneBytes);
    shown.progress.update(toMegabytes(sum([...bytes[label].values()])), name);
  };
  return {
    onNote: (message) => note(io, message),
    onUploads: (files) => {
      bytes.upload.clear();
      totals.upload = sum(files.map(({ sizeBytes }) => sizeBytes));
    },
    onUpload: (file, sentBytes) => show("upload", file.name, sentBytes),
    onVerify: (asset, receivedBytes) => show("verify", asset.name, receivedBytes),
    stop,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function toMegabytes(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 1e6);
}

function megabytes(sizeBytes: number): string {
  return `${(sizeBytes / 1e6).toFixed(1)} MB`;
}

await launch(import.meta.url, main);
