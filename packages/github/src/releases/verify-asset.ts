import { hashRemoteFile } from "@forgebench/transfer";
import type { GitHub } from "../client/client.ts";
import { explaining } from "./asset-refusal.ts";
import { assetRequest } from "./find-releases.ts";
import type { LocalAsset } from "./plan-release.ts";
import type { ReleaseAsset } from "./release-fields.ts";

interface VerifyOptions {
  readonly onProgress: (receivedBytes: number) => void;
  readonly onRetry: (message: string) => void;
}

/** The longest that one asset may take; several hours of a slow line. */
const TOTAL_TIMEOUT_MS = 4 * 3_600_000;

/**
 * Downloads an asset as everybody would and hashes it on the way; the hash that GitHub reports proves nothing.
 * @throws {DownloadError} `mismatch` for other bytes.
 */
export async function verifyAsset(
  github: GitHub,
  repository: string,
  asset: ReleaseAsset,
  file: LocalAsset,
  { onProgress, onRetry }: VerifyOptions,
): Promise<void> {
  await explaining(github, () =>
    hashRemoteFile({
      ...assetRequest(github, repository, asset),
      label: `the asset "${asset.name}"`,
      sha256: file.sha256,
      sizeBytes: file.sizeBytes,
      maxBytes: file.sizeBytes,
      totalTimeoutMs: TOTAL_TIMEOUT_MS,
      signal: github.access.signal,
      onProgress,
      onRetry,
      ...(github.access.retryBaseMs === undefined ? {} : { retryBaseMs: github.access.retryBaseMs }),
    }),
  );
}
