import path from "node:path";
import { type RawRun, type RunContext, rawRun, runContext, type Summary } from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { type ReadArtifact, readArtifact } from "./artifact-files.ts";
import { isThere } from "./files.ts";
import { readRawRunLines } from "./raw-run-lines.ts";

/** Where the runs are that a summary was made from, and what is the same for all of them. */
export interface MeasuredRuns {
  readonly context: RunContext;
  /**
   * Reads the runs one after the other; resolves to the two files that were read.
   * @throws {ArtifactError} when the runs there are not the named ones, or cannot be read.
   */
  readonly read: (
    onRun: (run: RawRun) => void,
  ) => Promise<readonly { readonly path: string; readonly sha256: string }[]>;
}

/**
 * Finds the raw runs that both summaries name, and the run context beside them. Resolves to a sentence if they cannot
 * be found: one of the summaries names none, they name different ones, or a file is gone.
 * @throws {ArtifactError} when the run context cannot be read.
 */
export async function findMeasuredRuns(
  base: ReadArtifact<Summary>,
  head: ReadArtifact<Summary>,
): Promise<MeasuredRuns | string> {
  const [named, other] = [rawRunsNamedBy(head), rawRunsNamedBy(base)];
  if (named === undefined || other === undefined) return "a summary does not name the runs that it was made from";
  if (named.sha256 !== other.sha256) return "the two summaries were made from different runs";
  const contextFile = path.join(path.dirname(named.path), runContext.fileName);
  for (const file of [named.path, contextFile]) if (!(await isThere(file))) return `"${file}" does not exist`;
  const context = await readArtifact(runContext, contextFile);
  return { context: context.value, read: async (onRun) => [await readNamed(named, onRun), context] };
}

async function readNamed(
  named: { readonly path: string; readonly sha256: string },
  onRun: (run: RawRun) => void,
): Promise<{ readonly path: string; readonly sha256: string }> {
  const { sha256, truncated, lineCount } = await readRawRunLines(named.path, onRun);
  if (sha256 !== named.sha256) {
    throw new ArtifactError({
      path: named.path,
      kind: rawRun.kind,
      issues: [{ path: "", message: `the summary was made from sha256 ${named.sha256}, but this file has ${sha256}` }],
      details: [{ label: "try", text: "give the summaries that belong to these runs, or measure again" }],
    });
  }
  if (truncated) {
    throw new ArtifactError({
      path: named.path,
      kind: rawRun.kind,
      issues: [{ path: `line ${lineCount + 1}`, message: "it is cut: a finished measurement ends with a whole line" }],
      details: [{ label: "try", text: "bench:run --resume, which removes the cut block and measures it again" }],
    });
  }
  return { path: named.path, sha256 };
}

function rawRunsNamedBy({ path: file, value }: ReadArtifact<Summary>): { path: string; sha256: string } | undefined {
  const input = value.inputs?.find((one) => one.path.split("/").at(-1) === rawRun.fileName);
  return input && { path: path.resolve(path.dirname(file), input.path), sha256: input.sha256 };
}
