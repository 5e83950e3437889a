/**
 * Errors by meaning. Each message says what was attempted, quotes what is wrong and what would be right.
 * A script's exit code follows from the class alone (`packages/io/src/exit-codes.ts`).
 */
export { escapeMarkdown } from "./escape-markdown.ts";
export { counted, groupBy } from "./lists.ts";
export { nearestName, slippedName } from "./nearest.ts";
export { printable, printableLine } from "./printable.ts";
export { DEFAULT_COLUMNS, MIN_COLUMNS, textColumns, wrapLine, wrapText } from "./wrap.ts";

/** Extra lines printed below the first one of an error: a label and a text, for example `try` and a command. */
export interface ErrorDetail {
  readonly label: string;
  readonly text: string;
}

/** A flag, argument or configuration is wrong (exit 64). */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly details: readonly ErrorDetail[];

  constructor(message: string, details: readonly ErrorDetail[] = []) {
    super(message);
    this.details = details;
  }
}

/** One thing that is wrong inside an artifact: where (a field path, `line 3` or the empty string) and what. */
export interface ArtifactIssue {
  readonly path: string;
  readonly message: string;
}

/** The known facts about an artifact that could not be used. */
interface ArtifactErrorInfo {
  /** The file, as the person who reads the message would type it. */
  readonly path: string;
  /** The artifact kind that was expected, for example `tier manifest`. */
  readonly kind: string;
  readonly issues: readonly ArtifactIssue[];
  /** The action that failed; default `Cannot read`. */
  readonly action?: string;
  readonly details?: readonly ErrorDetail[];
}

/** Input data does not fit its schema, its checksum or its evidence (exit 65). */
export class ArtifactError extends Error {
  override readonly name = "ArtifactError";
  readonly path: string;
  readonly kind: string;
  readonly issues: readonly ArtifactIssue[];
  readonly details: readonly ErrorDetail[];

  constructor(info: ArtifactErrorInfo) {
    const lines = info.issues.map((issue) => (issue.path === "" ? issue.message : `${issue.path}: ${issue.message}`));
    const [first = "unusable", ...more] = lines;
    super(`${info.action ?? "Cannot read"} ${info.kind} "${info.path}": ${first}`);
    this.path = info.path;
    this.kind = info.kind;
    this.issues = info.issues;
    this.details = [...more.map((text) => ({ label: "also", text })), ...(info.details ?? [])];
  }
}

/**
 * Why a step could not be carried out; decides the exit code:
 * `gate` 2, `unjudged` 3, `data` 65, `service` 69, `output` 73.
 */
export type OperationFailure = "gate" | "unjudged" | "data" | "service" | "output";

/** A step could not be carried out although its arguments and inputs have the right form. */
export class OperationError extends Error {
  override readonly name = "OperationError";
  readonly failure: OperationFailure;
  readonly details: readonly ErrorDetail[];

  constructor(
    failure: OperationFailure,
    message: string,
    options: { readonly details?: readonly ErrorDetail[]; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.failure = failure;
    this.details = options.details ?? [];
  }
}

/** A bug of this project: something that cannot happen did (exit 70). */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** The work was stopped by a signal (exit 130 or 143); partial results are kept. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  readonly signal: "SIGINT" | "SIGTERM";

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(signal === "SIGINT" ? "interrupted" : "terminated");
    this.signal = signal;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The Node error code (`ENOENT`, `EACCES`, …) of anything that was thrown, if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
