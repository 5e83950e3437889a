export { type Download, DownloadError, type DownloadFailure, type DownloadRequest, downloadFile } from "./download.ts";
