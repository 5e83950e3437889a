import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { parseRawRun, type RawRun, rawRun } from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { inputError } from "./files.ts";

/** Facts about a log of runs, besides its runs. */
interface ReadLog {
  /** Of all bytes of the file. */
  readonly sha256: string;
  readonly lineCount: number;
  /** Whether the last line was cut by a kill; it is not among the runs. */
  readonly truncated: boolean;
}

/**
 * Reads a raw-runs file line by line, so that a log of any size takes no more memory than what is kept of its runs.
 * @throws {ArtifactError} naming the file, or the line that is wrong.
 */
export async function readRawRunLines(file: string, onRun: (run: RawRun) => void): Promise<ReadLog> {
  const hash = createHash("sha256");
  const decode = decoderOf(file);
  let [rest, lineCount] = ["", 0];
  const take = (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      lineCount += 1;
      onRun(parseRawRun(line, lineCount, file));
    }
  };
  try {
    for await (const bytes of createReadStream(file, { highWaterMark: 1 << 18 })) {
      hash.update(bytes);
      take(decode(bytes));
    }
    take(decode());
  } catch (error) {
    throw readError(file, error);
  }
  return { sha256: hash.digest("hex"), lineCount, truncated: rest !== "" };
}

/** Bytes as text, piece by piece, refusing what is not UTF-8. */
function decoderOf(file: string): (bytes?: Uint8Array) => string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return (bytes) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw new ArtifactError({ path: file, kind: rawRun.kind, issues: [{ path: "", message: "not UTF-8 text" }] });
    }
  };
}

function readError(file: string, error: unknown): unknown {
  // An error of the file system has a code and a call; any other is already in words, or a bug of ours.
  return error instanceof Error && "syscall" in error ? inputError(file, rawRun.kind, error) : error;
}
