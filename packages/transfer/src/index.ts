export { addressProblem, isLoopback, type RedirectRules, shownUrl } from "./addresses.ts";
export { type Download, type DownloadRequest, downloadFile } from "./download.ts";
export { DownloadError, type DownloadFailure } from "./download-error.ts";
export { removeLeftovers } from "./leftovers.ts";
