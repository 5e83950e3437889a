import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { codeOf } from "@forgebench/errors";
import { downloadFile } from "@forgebench/transfer";
import type { GitHub } from "../client/client.ts";
import { assetRequest } from "./find-releases.ts";
import type { LocalAsset } from "./plan-release.ts";
import type { ReleaseAsset } from "./release-fields.ts";

export interface VerifyOptions {
  readonly onProgress: (receivedBytes: number) => void;
  readonly onRetry: (message: string) => void;
}

/** The longest that one asset may take; several hours of a slow line. */
const TOTAL_TIMEOUT_MS = 4 * 3_600_000;

const FOLDER_PREFIX = "forgebench-verify-";

/** A killed run leaves up to a whole archive behind. */
async function removeLeftFolders(): Promise<void> {
  for (const name of await readdir(os.tmpdir()).catch(() => [])) {
    const pid = new RegExp(`^${FOLDER_PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    // What is somebody else's stays.
    await rm(path.join(os.tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/**
 * Downloads an asset as everybody would and hashes it; what GitHub says of its hash proves nothing.
 * @throws {DownloadError} `mismatch` for other bytes.
 */
export async function verifyAsset(
  github: GitHub,
  repository: string,
  asset: ReleaseAsset,
  file: LocalAsset,
  { onProgress, onRetry }: VerifyOptions,
): Promise<void> {
  await removeLeftFolders();
  const folder = await mkdtemp(path.join(os.tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  try {
    await downloadFile({
      ...assetRequest(github, repository, asset),
      file: path.join(folder, "asset"),
      label: `the asset "${asset.name}"`,
      sha256: file.sha256,
      sizeBytes: file.sizeBytes,
      maxBytes: file.sizeBytes,
      totalTimeoutMs: TOTAL_TIMEOUT_MS,
      signal: github.access.signal,
      onProgress,
      onRetry,
      ...(github.access.retryBaseMs === undefined ? {} : { retryBaseMs: github.access.retryBaseMs }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
