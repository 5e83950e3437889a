import { printableLine } from "@forgebench/errors";
import { type Credential, redacted } from "@forgebench/io";
import { networkFailure, toldWaitMs } from "@forgebench/transfer";

/**
 * Why a request failed. `network`: no complete answer; `server`: 5xx; `limit`: asked too often; `moved`: a
 * redirect, which is not followed; `refused`: any other 4xx; `unreadable`: an answer of another form than promised.
 */
type GitHubFailureKind = "network" | "server" | "limit" | "moved" | "refused" | "unreadable";

/** The known facts about a failed request; others are absent. */
export interface GitHubFailureFacts {
  readonly kind: GitHubFailureKind;
  /** The words of the server or the system, without the token. */
  readonly said: string;
  readonly status?: number;
  /** Whether another attempt would fail too, for example if a certificate is not trusted. */
  readonly isFinal?: boolean;
  /** Of a limit: how long to wait before the next attempt. */
  readonly waitMs?: number;
  /** The permission that the token needs, such as `contents=write`, if the server names it. */
  readonly acceptedPermissions?: string | undefined;
  /** Of a redirect: where to, or the new name of the repository. */
  readonly movedTo?: string | undefined;
  /** Of a 422: `FIELD: CODE` of each thing that is wrong. */
  readonly problems?: readonly string[];
  /** The variable of the token that was sent; nothing for an anonymous request. */
  readonly variable?: string | undefined;
}

/** A failed request to GitHub; holds no header, no token and no answer of the library. */
export class GitHubFailure extends Error {
  override readonly name = "GitHubFailure";
  readonly facts: GitHubFailureFacts;

  constructor(facts: GitHubFailureFacts) {
    super(facts.said);
    this.facts = facts;
  }

  /** Whether the work may have been done although no answer says so. */
  get isUncertain(): boolean {
    return this.facts.kind === "network" || this.facts.kind === "server";
  }
}

/** Whether something that was thrown is the answer `status`. */
export function isStatus(error: unknown, ...statuses: readonly number[]): boolean {
  return error instanceof GitHubFailure && error.facts.kind === "refused" && statuses.includes(error.facts.status ?? 0);
}

/** An answer of GitHub that is not a success. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly body: unknown;
}

/** GitHub's rule if it does not say how long: a minute. */
const UNTOLD_WAIT_MS = 60_000;
const MAX_SAID_LENGTH = 300;

/** The failure for an answer that is not a success. */
export function failureOfAnswer(answer: Answer, credential: Credential | undefined): GitHubFailure {
  const { status, headers, body } = answer;
  const clean = (text: string) => printableLine(redacted(text, credential), MAX_SAID_LENGTH);
  const said = clean(saidIn(body)) || `status ${status}`;
  const waitMs = limitOf(answer, new Date());
  const accepted = headers["x-accepted-github-permissions"];
  return new GitHubFailure({
    kind: waitMs !== undefined ? "limit" : status >= 500 ? "server" : status >= 400 ? "refused" : "moved",
    said,
    status,
    ...(waitMs === undefined ? {} : { waitMs }),
    acceptedPermissions: accepted === undefined ? undefined : clean(String(accepted)),
    movedTo: headers.location === undefined ? undefined : clean(String(headers.location)),
    problems: problemsIn(body).map(clean),
    variable: credential?.variable,
  });
}

/** The failure for a missing or incomplete answer. */
export function failureWithoutAnswer(error: unknown, credential: Credential | undefined): GitHubFailure {
  const deepest = deepestOf(error);
  const { message, again } = networkFailure(deepest);
  // A refusal of fetch itself has no code.
  const isRefused = deepest instanceof Error && deepest.message === "bad port";
  const reason = isRefused ? "fetch refuses this port, which is reserved for other services" : message;
  return new GitHubFailure({
    kind: "network",
    said: printableLine(redacted(reason || "the connection failed", credential), MAX_SAID_LENGTH),
    isFinal: isRefused || !again,
    variable: credential?.variable,
  });
}

/** How long an answer asks to wait, in milliseconds; undefined if it is not about a limit. */
function limitOf({ status, headers, body }: Answer, now: Date): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const told = toldWaitMs(headers, now.getTime());
  if (told !== undefined) return told;
  return status === 429 || /\b(secondary rate|abuse detection|rate limit exceeded)\b/i.test(saidIn(body))
    ? UNTOLD_WAIT_MS
    : undefined;
}

function saidIn(body: unknown): string {
  if (typeof body === "string") return body;
  return isRecord(body) && typeof body.message === "string" ? body.message : "";
}

function problemsIn(body: unknown): string[] {
  if (!isRecord(body) || !Array.isArray(body.errors)) return [];
  return body.errors.slice(0, 10).map((problem) => {
    if (!isRecord(problem)) return String(problem);
    const { field, code, message } = problem;
    const what = [code, message].filter((part) => typeof part === "string" && part !== "").join(": ");
    return typeof field === "string" ? `${field}: ${what}` : what;
  });
}

/** Whether something that came from outside has fields at all; their types are still unknown. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text `fetch failed` says nothing; its cause does. */
function deepestOf(error: unknown): unknown {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error && current.cause instanceof Error; depth += 1) {
    current = current.cause;
  }
  if (current instanceof AggregateError && current.errors.length > 0) return current.errors[0];
  return current;
}
