export { type ArchiveEntry, type EntryContent, type TarOptions, tarFrames, tarSizeBytes } from "./tar-frames.ts";
export { readTar, writeTar } from "./tar-stream.ts";
export { unpackedBoundBytes } from "./zstd-bound.ts";
export { zstdFrames } from "./zstd-frames.ts";
