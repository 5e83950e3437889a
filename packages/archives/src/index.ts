export { ArchiveProblem } from "./archive-problem.ts";
export { type EntryContent, tarFrames, tarSizeBytes } from "./tar-frames.ts";
export type { ArchiveEntry } from "./tar-header.ts";
export { TarReader, type TarSink } from "./tar-reader.ts";
export { readTar, writeTar } from "./tar-stream.ts";
export { unpackedBoundBytes } from "./zstd-bound.ts";
export { unzstdFrames, zstdFrames } from "./zstd-frames.ts";
