export { addressProblem, isLoopback, type RedirectRules, shownUrl } from "./addresses.ts";
export { type DownloadRequest, downloadFile, type HashRequest, hashRemoteFile } from "./download.ts";
export { DownloadError, type DownloadFailure } from "./download-error.ts";
export { removeLeftovers } from "./leftovers.ts";
export { networkFailure } from "./network-words.ts";
export { toldWaitMs } from "./retry-policy.ts";
