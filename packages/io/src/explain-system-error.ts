import path from "node:path";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { inputError, outputError } from "./files.ts";

const READING = new Set(["open", "read", "scandir", "stat", "lstat", "realpath", "readlink"]);

/**
 * A refusal of the system in words: outside the workspace only inputs are read; inside it, the folder is named rather
 * than a bare code. Any other error stays as it is: a bug of ours keeps its stack.
 */
export function explainSystemError(error: unknown, workspace: string, shownWorkspace: string): unknown {
  if (!(error instanceof Error) || !("syscall" in error) || typeof error.syscall !== "string") return error;
  if ("path" in error && typeof error.path === "string" && path.isAbsolute(error.path)) {
    const isInside = `${error.path}${path.sep}`.startsWith(`${workspace}${path.sep}`);
    if (!isInside && READING.has(error.syscall)) return inputError(error.path, "input", error);
  }
  if (exitCodeOf(error) !== EXIT.output) return error;
  return outputError(`Cannot work in the workspace "${shownWorkspace}"`, error);
}
