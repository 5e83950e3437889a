import { printableLine } from "@forgebench/errors";
import { redacted, tokenDetail } from "@forgebench/io";
import { DownloadError, type DownloadRequest, downloadFile } from "@forgebench/transfer";
import type { GitHub } from "../client/client.ts";
import { isRecord } from "../client/failure.ts";

const MAX_SAID_LENGTH = 300;

/**
 * Downloads an asset, and names the missing permission if GitHub refuses it.
 * @throws {DownloadError} exit 65 or 69; {OperationError} exit 73.
 */
export async function downloadAsset(github: GitHub, request: DownloadRequest): Promise<void> {
  await explaining(github, () => downloadFile(request));
}

/** Runs a download of an asset; a refusal is thrown again with the permission that is needed and what GitHub said. */
export async function explaining<T>(github: GitHub, download: () => Promise<T>): Promise<T> {
  try {
    return await download();
  } catch (error) {
    if (!(error instanceof DownloadError) || error.reason !== "forbidden") throw error;
    const { credential } = github.access;
    const said = printableLine(redacted(saidIn(error.answerText ?? ""), credential), MAX_SAID_LENGTH);
    throw new DownloadError("forbidden", error.message, {
      attempts: error.attempts,
      cause: error.cause,
      details: [
        ...(said === "" ? [] : [{ label: "said", text: said }]),
        { label: "need", text: "contents: read for this repository" },
        tokenDetail(credential?.variable),
      ],
    });
  }
}

/** GitHub answers in JSON; the page of a proxy has no useful text. */
function saidIn(answer: string): string {
  try {
    const value: unknown = JSON.parse(answer);
    return isRecord(value) && typeof value.message === "string" ? value.message : "";
  } catch {
    return "";
  }
}
