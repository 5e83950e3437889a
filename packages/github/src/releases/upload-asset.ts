import { createReadStream } from "node:fs";
import http from "node:http";
import https from "node:https";
import { pipeline } from "node:stream/promises";
import { OperationError } from "@forgebench/errors";
import { isLoopback } from "@forgebench/transfer";
import { boundedBody } from "../client/bounded-body.ts";
import { apiHeaders, type GitHub } from "../client/client.ts";
import { describing } from "../client/describe-failure.ts";
import { failureOfAnswer, failureWithoutAnswer, GitHubFailure, isStatus } from "../client/failure.ts";
import { deleteAsset } from "./change-releases.ts";
import { listAssets } from "./find-releases.ts";
import { isSameFile, type LocalAsset } from "./plan-release.ts";
import { type Release, type ReleaseAsset, readAsset } from "./release-fields.ts";

/** A file that becomes an asset of a release. */
export interface UploadFile extends LocalAsset {
  /** Where it is on this machine. */
  readonly path: string;
  readonly contentType: string;
}

interface UploadOptions {
  /** Bytes of this file that were handed over so far; begins anew with each attempt. */
  readonly onProgress?: (sentBytes: number) => void;
  /** Without a byte or an answer for so long, an attempt has failed; 2 min when absent. */
  readonly stallTimeoutMs?: number;
}

const STALL_TIMEOUT_MS = 120_000;
const CHUNK_BYTES = 256 << 10;
const MAX_ANSWER_BYTES = 1 << 20;

/**
 * Sends a file as an asset of a draft, as a stream. After a failure it checks the result: a complete asset is accepted, an
 * incomplete one is removed, and the file is sent again.
 * @throws {OperationError}
 */
export async function uploadAsset(
  github: GitHub,
  repository: string,
  release: Release,
  file: UploadFile,
  options: UploadOptions = {},
): Promise<ReleaseAsset> {
  const url = uploadUrl(github, release, file);
  const action = `upload "${file.name}" to the release "${release.tagName}"`;
  return describing({ action, repository, needs: "contents: write" }, async () => {
    const seenInPart = new Set<number>();
    const send = async (attempt: number) => {
      const found = attempt === 1 ? undefined : await lookAfterFailure(github, repository, release, file, seenInPart);
      return found ?? (await sendFile(github, url, file, options));
    };
    return github.patience.repeat(send, isTaken);
  });
}

/** The name is taken: by a lost answer, by the rest of a cut upload, or by another run. */
function isTaken(failure: GitHubFailure): boolean {
  return isStatus(failure, 422);
}

/**
 * The asset, if it is complete; a wrong one is removed. An incomplete one is left alone
 * the first time: another run may be sending it right now.
 */
async function lookAfterFailure(
  github: GitHub,
  repository: string,
  release: Release,
  file: UploadFile,
  seenInPart: Set<number>,
): Promise<ReleaseAsset | undefined> {
  const asset = (await listAssets(github, repository, release)).find(({ name }) => name === file.name);
  if (asset === undefined) return undefined;
  if (isSameFile(asset, file)) return asset;
  if (!asset.isUploaded && !seenInPart.has(asset.id)) {
    seenInPart.add(asset.id);
    return undefined;
  }
  await deleteAsset(github, repository, release, asset);
  return undefined;
}

/**
 * Where the file is sent. The address comes from GitHub's answer; the token goes there only if it is where that API
 * takes uploads: `uploads.` beside `api.`, or the same server.
 */
export function uploadUrl(
  { access }: Pick<GitHub, "access">,
  release: Pick<Release, "uploadUrl" | "tagName">,
  file: Pick<LocalAsset, "name">,
): URL {
  const api = new URL(access.apiUrl);
  const url = new URL(release.uploadUrl);
  const hosts = [api.host, `uploads.${api.host.replace(/^api\./, "")}`];
  const isAllowed =
    api.protocol === "http:"
      ? url.protocol === "http:" && isLoopback(url)
      : url.protocol === "https:" && hosts.includes(url.host);
  if (!isAllowed || url.username !== "" || url.password !== "") {
    throw new OperationError(
      "service",
      `Cannot upload to the release "${release.tagName}": the API names "${url.protocol}//${url.host}" for uploads`,
      { details: [{ label: "expected", text: hosts.map((host) => `${api.protocol}//${host}`).join(" or ") }] },
    );
  }
  url.search = `?${new URLSearchParams({ name: file.name })}`;
  return url;
}

async function sendFile(github: GitHub, url: URL, file: UploadFile, options: UploadOptions): Promise<ReleaseAsset> {
  const { access } = github;
  const stall = stallSignal(options.stallTimeoutMs ?? STALL_TIMEOUT_MS);
  try {
    const signal = AbortSignal.any([access.signal, stall.signal]);
    const headers = { ...apiHeaders(access), ...fileHeaders(file) };
    const answer = await post(url, headers, () => chunksOf(file, stall.alive, options), signal);
    if (answer.status === 201) return checkedAsset(JSON.parse(answer.text), file);
    throw failureOfAnswer({ ...answer, body: parsed(answer.text) }, access.credential);
  } catch (error) {
    access.signal.throwIfAborted();
    if (error instanceof GitHubFailure || error instanceof OperationError) throw error;
    throw failureWithoutAnswer(stall.signal.aborted ? stall.signal.reason : error, access.credential);
  } finally {
    stall.stop();
  }
}

function fileHeaders(file: UploadFile): Record<string, string> {
  return {
    accept: "application/vnd.github+json",
    "content-type": file.contentType,
    "content-length": String(file.sizeBytes),
  };
}

async function* chunksOf(file: UploadFile, alive: () => void, { onProgress }: UploadOptions): AsyncGenerator<Buffer> {
  let sentBytes = 0;
  for await (const chunk of createReadStream(file.path, { highWaterMark: CHUNK_BYTES })) {
    alive();
    yield chunk;
    sentBytes += chunk.length;
    onProgress?.(sentBytes);
  }
}

/** Aborts when `alive` has not been called for so long. */
function stallSignal(stallMs: number) {
  const controller = new AbortController();
  const stalled = () => controller.abort(new Error(`no progress for ${Math.round(stallMs / 1000)} s`));
  const timer = setTimeout(stalled, stallMs);
  return { signal: controller.signal, alive: () => void timer.refresh(), stop: () => clearTimeout(timer) };
}

interface PostAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** Not `fetch`: its uploads take in the file faster than the network takes it, so that memory grows with the file. */
async function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: () => AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<PostAnswer> {
  const request = (url.protocol === "https:" ? https : http).request(url, { method: "POST", headers, signal });
  const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    request.on("error", reject);
  });
  // A failure while sending also breaks the request; an answer that came before all was sent counts.
  pipeline(body, request).catch(() => undefined);
  try {
    const response = await answered;
    const text = (await boundedBody(response, MAX_ANSWER_BYTES)).toString("utf8");
    const shown = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
    return { status: response.statusCode ?? 0, headers: Object.fromEntries(shown), text };
  } finally {
    request.destroy();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** An answer of success for another asset counts as none: the release is read again. */
function checkedAsset(data: unknown, file: UploadFile): ReleaseAsset {
  const asset = readAsset(data);
  const isRight = asset.isUploaded && asset.name === file.name && asset.sizeBytes === file.sizeBytes;
  if (isRight && (asset.sha256 === undefined || asset.sha256 === file.sha256)) return asset;
  throw new GitHubFailure({ kind: "network", said: `GitHub stored something else for "${file.name}"` });
}
