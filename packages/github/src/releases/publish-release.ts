import { OperationError } from "@forgebench/errors";
import { Again, repeat } from "@forgebench/io";
import { DownloadError } from "@forgebench/transfer";
import type { GitHub } from "../client/client.ts";
import { describeGitHubError } from "../client/describe-failure.ts";
import {
  createDraft,
  deleteAsset,
  deleteDraft,
  findCommit,
  publishDraft,
  type ReleaseText,
} from "./change-releases.ts";
import { findRelease, findRepository, findTag, listAssets } from "./find-releases.ts";
import { differences, type LocalRelease, planRelease, type ReleasePlan, type ReleaseState } from "./plan-release.ts";
import type { Release, ReleaseAsset } from "./release-fields.ts";
import { readReleaseState } from "./release-state.ts";
import { type UploadFile, uploadAsset } from "./upload-asset.ts";
import { verifyAsset } from "./verify-asset.ts";

/** A release to publish. */
export interface ReleaseJob {
  /** `owner/name` */
  readonly repository: string;
  readonly local: LocalRelease;
  /** The files of `local`, with their places. */
  readonly files: readonly UploadFile[];
  readonly text: Omit<ReleaseText, "commit">;
  /** Where the tag is made; the head of the default branch when absent. */
  readonly commit?: string | undefined;
}

/** Gets messages about the progress. */
export interface ReleaseWatcher {
  readonly onNote: (message: string) => void;
  /** Called before the first upload, with all files that a draft lacks. */
  readonly onUploads?: (files: readonly UploadFile[]) => void;
  readonly onUpload: (file: UploadFile, sentBytes: number) => void;
  readonly onVerify: (asset: ReleaseAsset, receivedBytes: number) => void;
}

interface ReleaseOutcome {
  readonly status: "created" | "continued" | "unchanged";
  readonly release: Release;
  readonly commit: string | undefined;
}

/** Other runs of the same release may undo a step of ours; then the release is read again, at most this often. */
const MAX_ROUNDS = 6;

/**
 * Publishes a release: no part of it is visible before all of it has been uploaded, downloaded again and found right.
 * Run again at any point, or twice at the same time, it ends with the same single release.
 * @throws {OperationError} exit 73 when it may not be made, exit 69 for services.
 */
export async function publishRelease(
  github: GitHub,
  job: ReleaseJob,
  watcher: ReleaseWatcher,
): Promise<ReleaseOutcome> {
  const run: ReleaseRun = { github, job, watcher };
  let madeDraft: number | undefined;
  for (let round = 1; ; round += 1) {
    const state = await readReleaseState(github, job.repository, job.local.tag);
    const plan = planRelease(state, job.local);
    if (plan.kind === "refused") {
      const own = state.drafts.find(({ release }) => release.id === madeDraft);
      if (own !== undefined) await deleteDraft(github, job.repository, own.release);
      throw refusal(job, plan);
    }
    if (plan.kind === "unchanged") return settle(run, plan, state);
    if (plan.draft === undefined) {
      madeDraft = await beginDraft(run, plan);
      if (round < MAX_ROUNDS) continue;
    }
    const isOurs = plan.draft?.id === madeDraft;
    try {
      const done = await finishDraft(run, { ...plan, notes: isOurs ? [] : plan.notes });
      if (done !== undefined) return { ...done, status: isOurs ? "created" : "continued" };
      watcher.onNote("another run works on the same release; reading it again");
      if (round >= MAX_ROUNDS) throw conflict(job);
    } catch (error) {
      if (!mayBeUndone(error) || round >= MAX_ROUNDS) throw error;
      watcher.onNote(`${error.message}; reading the release again`);
    }
  }
}

/** One attempt of a process at a release. */
interface ReleaseRun {
  readonly github: GitHub;
  readonly job: ReleaseJob;
  readonly watcher: ReleaseWatcher;
}

/** Makes the draft; the next read of the release decides whether this one or an older one is continued. */
async function beginDraft({ github, job, watcher }: ReleaseRun, plan: DraftPlan): Promise<number> {
  for (const note of plan.notes) watcher.onNote(note);
  for (const draft of plan.removeDrafts) await deleteDraft(github, job.repository, draft);
  const commit = await commitFor({ github, job }, undefined);
  return (await createDraft(github, job.repository, { ...job.text, commit })).id;
}

/** The error of a plan that refuses. */
export function refusal(
  job: Pick<ReleaseJob, "local" | "repository">,
  plan: Extract<ReleasePlan, { kind: "refused" }>,
): OperationError {
  return new OperationError("output", `Cannot release "${job.local.tag}" in "${job.repository}": ${plan.problem}`, {
    details: plan.details,
  });
}

function conflict({ local, repository }: ReleaseJob): OperationError {
  return new OperationError(
    "service",
    `Cannot release "${local.tag}" in "${repository}": the release changes while it is made`,
    { details: [{ label: "try", text: "let other runs end, and run the same command again" }] },
  );
}

/** A draft proves write access: anything that is missing or different now was changed by another run. */
function mayBeUndone(error: unknown): error is OperationError {
  if (error instanceof DownloadError && error.reason === "forbidden") return false;
  return error instanceof OperationError && (error.failure === "output" || error.failure === "data");
}

type Asking = Pick<ReleaseRun, "github" | "job">;

async function commitFor({ github, job }: Asking, draft: Release | undefined): Promise<string> {
  if (job.commit !== undefined) return findCommit(github, job.repository, job.commit);
  const recorded = draft?.target ?? "";
  if (/^[0-9a-f]{40}$/.test(recorded)) return findCommit(github, job.repository, recorded);
  const { defaultBranch } = await findRepository(github, job.repository);
  return findCommit(github, job.repository, defaultBranch);
}

/** Already published: checks the hashes that GitHub does not name, and removes drafts that came too late. */
async function settle(
  run: ReleaseRun,
  plan: Extract<ReleasePlan, { kind: "unchanged" }>,
  state: ReleaseState,
): Promise<ReleaseOutcome> {
  const { github, job } = run;
  for (const asset of plan.unproven) await proveAsset(run, asset);
  for (const draft of plan.removeDrafts) await deleteDraft(github, job.repository, draft);
  return { status: "unchanged", release: plan.release, commit: state.tag?.commit };
}

type DraftPlan = Extract<ReleasePlan, { kind: "publish" }>;

/** Uploads, verifies and publishes; undefined if another run has changed the release meanwhile. */
async function finishDraft(run: ReleaseRun, plan: DraftPlan): Promise<Omit<ReleaseOutcome, "status"> | undefined> {
  const { github, job, watcher } = run;
  const { repository, local } = job;
  const { draft } = plan;
  if (draft === undefined) return undefined;
  for (const note of plan.notes) watcher.onNote(note);
  for (const other of plan.removeDrafts) await deleteDraft(github, repository, other);
  for (const asset of plan.removeAssets) await deleteAsset(github, repository, draft, asset);
  const commit = await commitFor(run, draft);
  await uploadMissing(run, plan, draft);
  const assets = await listAssets(github, repository, draft);
  if (differences(assets, local.files).length > 0) return undefined;
  for (const asset of assets) await verifyDraftAsset(run, draft, asset);
  const isUnchanged = isSameList(assets, await listAssets(github, repository, draft));
  if (!isUnchanged || (await findTag(github, repository, local.tag)) !== undefined) return undefined;
  const published = await publish(run, draft, commit);
  if (published === undefined) return undefined;
  await readBack(run, { release: published, assets, commit });
  return { release: published, commit };
}

async function uploadMissing({ github, job, watcher }: ReleaseRun, plan: DraftPlan, draft: Release): Promise<void> {
  const files = plan.upload.flatMap(({ name }) => job.files.filter((file) => file.name === name));
  watcher.onUploads?.(files);
  for (const file of files) {
    await uploadAsset(github, job.repository, draft, file, {
      onProgress: (sentBytes) => watcher.onUpload(file, sentBytes),
    });
  }
}

function isSameList(before: readonly ReleaseAsset[], now: readonly ReleaseAsset[]): boolean {
  const text = (assets: readonly ReleaseAsset[]) =>
    JSON.stringify(assets.map(({ id, name, sizeBytes, isUploaded }) => [id, name, sizeBytes, isUploaded]).sort());
  return text(before) === text(now);
}

async function proveAsset({ github, job, watcher }: ReleaseRun, asset: ReleaseAsset): Promise<void> {
  const file = job.files.find(({ name }) => name === asset.name);
  if (file === undefined) return;
  await verifyAsset(github, job.repository, asset, file, {
    onProgress: (receivedBytes) => watcher.onVerify(asset, receivedBytes),
    onRetry: watcher.onNote,
  });
}

/** Removes a wrong asset, so that it is sent again. */
async function verifyDraftAsset(run: ReleaseRun, draft: Release, asset: ReleaseAsset): Promise<void> {
  try {
    await proveAsset(run, asset);
  } catch (error) {
    if (error instanceof DownloadError && error.reason === "mismatch") {
      await deleteAsset(run.github, run.job.repository, draft, asset);
    }
    throw error;
  }
}

/** Undefined if GitHub refuses because another release of the tag came first. */
async function publish({ github, job }: Asking, draft: Release, commit: string): Promise<Release | undefined> {
  try {
    return await publishDraft(github, job.repository, draft, { ...job.text, commit });
  } catch (error) {
    const other = await findRelease(github, job.repository, job.local.tag);
    if (other !== undefined && other.id !== draft.id) return undefined;
    const action = `publish the release "${job.local.tag}"`;
    throw describeGitHubError(error, { action, repository: job.repository, needs: "contents: write" });
  }
}

interface Expected {
  readonly release: Release;
  readonly assets: readonly ReleaseAsset[];
  readonly commit: string;
}

const READ_BACK_ATTEMPTS = 5;

/** Checks that the published release is visible without a token. @throws {OperationError} with the difference. */
async function readBack({ github, job }: Asking, { release, assets, commit }: Expected): Promise<void> {
  const { repository, local } = job;
  await repeat<void>(github.access.signal, async (attempt) => {
    const seen = await findRelease(github, repository, local.tag);
    const tag = await findTag(github, repository, local.tag);
    const isSeen = seen?.id === release.id && tag?.commit === commit;
    if (isSeen && isSameList(assets, await listAssets(github, repository, seen))) return;
    // Reads may lag behind writes for a moment.
    if (attempt < READ_BACK_ATTEMPTS) return new Again((github.access.retryBaseMs ?? 1000) * attempt);
    throw new OperationError("service", `The release "${local.tag}" in "${repository}" is published, but looks wrong`, {
      details: [
        { label: "at", text: release.htmlUrl },
        { label: "tag", text: tag === undefined ? "is not there" : `leads to ${tag.commit}, expected ${commit}` },
        { label: "try", text: "check the release by hand" },
      ],
    });
  });
}
