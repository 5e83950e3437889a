import { lstat, open } from "node:fs/promises";
import { OperationError } from "@forgebench/errors";
import { SNIFF_BYTES, sniffFormat } from "../tiers/image-format.ts";
import { readContent } from "../tiers/image-probe.ts";

/** A file that is there, and whether it can be an image of a tier. */
interface FoundPicture {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly problem: string | undefined;
}

/** Nothing when no plain file is there. @throws {OperationError} when a folder is, or what `reading` makes of a failure. */
export async function findPicture(
  file: string,
  signal: AbortSignal,
  reading: (action: string, cause: unknown) => Error,
): Promise<FoundPicture | undefined> {
  const found = await lstat(file).catch(() => undefined);
  if (found?.isDirectory()) {
    throw new OperationError("output", `Cannot write "${file}": a folder has that name; move it away`);
  }
  if (found?.isFile() !== true) return undefined;
  try {
    const { sha256, sizeBytes, head } = await readContent(file, signal);
    return { sha256, sizeBytes, problem: headProblem(head) };
  } catch (error) {
    throw reading(`Cannot verify "${file}"`, error);
  }
}

/** Why a file is no image of a tier by its first bytes: many servers answer with a page that says "not found". */
export async function imageProblem(file: string): Promise<string | undefined> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0);
    return headProblem(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

function headProblem(head: Buffer): string | undefined {
  if (typeof sniffFormat(head) === "string") return undefined;
  const begin = head.toString("latin1", 0, SNIFF_BYTES).replace(/[^\x20-\x7e]/g, "?");
  return `is not an image (jpg, png, gif or tiff): it begins with ${JSON.stringify(begin)}`;
}
