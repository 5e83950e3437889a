import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
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
  const folder = await mkdtemp(path.join(os.tmpdir(), "forgebench-verify-"));
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
