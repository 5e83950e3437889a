import { type ErrorDetail, InvariantError, messageOf, OperationError, UsageError } from "@forgebench/errors";
import { EXIT, exitCodeOf } from "@forgebench/io";
import type { RunResult } from "./run-request.ts";

/** An error as data, on its way from one process to another. */
export interface ErrorMessage {
  readonly exitCode: number;
  readonly message: string;
  readonly details: readonly ErrorDetail[];
  /** Of a bug: where it happened. */
  readonly stack: string | undefined;
}

/** The only message of the measuring process: its result, or why there is none. */
export type MeasuringReply =
  | { readonly result: Omit<RunResult, "invalid">; readonly invalid: ErrorMessage | undefined }
  | { readonly error: ErrorMessage };

/** Turns an error into data. */
export function toErrorMessage(error: unknown): ErrorMessage {
  const details = error instanceof Error && "details" in error ? (error.details as readonly ErrorDetail[]) : [];
  const exitCode = exitCodeOf(error);
  const stack = exitCode === EXIT.internal && error instanceof Error ? error.stack : undefined;
  return { exitCode, message: messageOf(error), details, stack };
}

const FAILURES = {
  [EXIT.gate]: "gate",
  [EXIT.unjudged]: "unjudged",
  [EXIT.data]: "data",
  [EXIT.service]: "service",
  [EXIT.output]: "output",
} as const;

/** Turns data into an error that has the same message, details and exit code. */
export function toError({
  exitCode,
  message,
  details,
  stack,
}: ErrorMessage): OperationError | UsageError | InvariantError {
  if (exitCode === EXIT.usage) return new UsageError(message, details);
  const failure = FAILURES[exitCode as keyof typeof FAILURES];
  if (failure !== undefined) return new OperationError(failure, message, { details });
  const bug = new InvariantError(message);
  if (stack !== undefined) bug.stack = stack;
  return bug;
}
