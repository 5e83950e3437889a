import path from "node:path";
import { type ErrorDetail, OperationError } from "@forgebench/errors";
import { folderError } from "./image-folder.ts";
import { type ImageProblem, mergePool, type Pool, type PoolPart } from "./pool.ts";
import { readSourcesFolder } from "./sources-folder.ts";
import { readSyntheticFolder } from "./synthetic-folder.ts";

/** A folder that images come from. */
export interface PoolFolder {
  readonly folder: string;
  /** Whether it was asked for: then it has to be there. */
  readonly required: boolean;
}

interface PoolRequest {
  readonly synthetic: PoolFolder;
  readonly sources: PoolFolder;
  readonly signal: AbortSignal;
  /** Says how far a folder is read. */
  readonly onProgress: (label: "synthetic" | "sources", done: number, total: number) => void;
}

const MAX_LISTED = 20;

/**
 * Reads the pool that tiers are chosen from: synthetic images, checked against their manifest, and source images, decoded.
 * @returns each content once, and what a person should know although it stops nothing
 * @throws {ArtifactError} when a folder that was asked for is not there (exit 65)
 * @throws {OperationError} when an image cannot be used, naming up to 20 of them, or there is none (exit 65)
 */
export async function readPool(
  request: PoolRequest,
): Promise<{ readonly pool: Pool; readonly notes: readonly string[] }> {
  const parts: PoolPart[] = [];
  for (const [label, read] of [
    ["synthetic", readSyntheticFolder],
    ["sources", readSourcesFolder],
  ] as const) {
    const { folder, required } = request[label];
    const onProgress = (done: number, total: number) => request.onProgress(label, done, total);
    const part = await read(folder, { signal: request.signal, onProgress });
    if (part === undefined && required)
      throw folderError(folder, `there is no such folder, or it is empty (--${label}-dir)`);
    if (part !== undefined) parts.push(part);
  }
  refuseProblems(parts.flatMap(({ problems }) => problems));
  const pool = { ...factsOf(parts), ...mergePool(parts.flatMap(({ images }) => images)) };
  if (pool.images.length === 0) throw emptyError(request);
  return { pool, notes: [...parts.flatMap(({ notes }) => notes), ...pool.duplicates.map(describeDuplicate)] };
}

function factsOf(parts: readonly PoolPart[]): Pick<Pool, "synthesis" | "sourceWaivers"> {
  return Object.assign(
    {},
    ...parts.map(({ synthesis, sourceWaivers }) => ({
      ...(synthesis === undefined ? {} : { synthesis }),
      ...(sourceWaivers === undefined ? {} : { sourceWaivers }),
    })),
  );
}

function refuseProblems(problems: readonly ImageProblem[]): void {
  if (problems.length === 0) return;
  const details: ErrorDetail[] = problems
    .slice(0, MAX_LISTED)
    .map(({ file, reason }) => ({ label: "image", text: `${JSON.stringify(file)} ${reason}` }));
  if (problems.length > MAX_LISTED) details.push({ label: "and", text: `${problems.length - MAX_LISTED} more` });
  details.push({ label: "try", text: "repair or remove them; nothing was written" });
  const count = problems.length === 1 ? "an image" : `${problems.length} images`;
  throw new OperationError("data", `Cannot build tiers: ${count} of the pool cannot be used`, { details });
}

function emptyError({ synthetic, sources }: PoolRequest): OperationError {
  return new OperationError("data", "Cannot build tiers: there are no images", {
    details: [
      { label: "looked in", text: synthetic.folder },
      { label: "and in", text: sources.folder },
      { label: "try", text: "pnpm run bench:dataset:synthetic -- --count 600, or give --sources-dir" },
    ],
  });
}

function describeDuplicate({ kept, dropped }: Pool["duplicates"][number]): string {
  const others = dropped.map(({ file }) => `"${path.basename(file)}"`).join(", ");
  return `"${path.basename(kept.file)}" counts once; the same content again: ${others}`;
}
