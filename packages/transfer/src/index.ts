export { addressProblem, isLoopback } from "./addresses.ts";
export { type DownloadRequest, downloadFile, hashRemoteFile } from "./download.ts";
export { DownloadError } from "./download-error.ts";
export { removeLeftovers } from "./leftovers.ts";
export { networkFailure } from "./network-words.ts";
export { toldWaitMs } from "./retry-policy.ts";
