import {
  ArtifactError,
  codeOf,
  InterruptedError,
  OperationError,
  type OperationFailure,
  UsageError,
} from "@forgebench/errors";

/** One table of exit codes for every script and command. */
export const EXIT = {
  ok: 0,
  /** A warning threshold was exceeded (`bench compare --ci` only). */
  warning: 1,
  /** A gate says no: regression, failure threshold, target missed. */
  gate: 2,
  /** Could not be judged: runs failed, nothing to compare. */
  unjudged: 3,
  usage: 64,
  data: 65,
  service: 69,
  /** A bug of ours: anything uncaught. */
  internal: 70,
  output: 73,
  interrupted: 130,
  terminated: 143,
} as const;

const EXIT_OF_FAILURE = {
  gate: EXIT.gate,
  unjudged: EXIT.unjudged,
  data: EXIT.data,
  service: EXIT.service,
  output: EXIT.output,
} as const satisfies Record<OperationFailure, number>;

/** Errors of the operating system that mean "an output cannot be made". */
const OUTPUT_CODES = new Set(["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "EISDIR", "ENOTDIR", "EEXIST", "EFBIG"]);

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof ArtifactError) return EXIT.data;
  if (error instanceof OperationError) return EXIT_OF_FAILURE[error.failure];
  if (error instanceof InterruptedError) return error.signal === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
  if (OUTPUT_CODES.has(codeOf(error) ?? "")) return EXIT.output;
  return EXIT.internal;
}
