import { InvariantError, printableLine } from "@forgebench/errors";
import { type Credential, redacted, withDeadline } from "@forgebench/io";
import type { Octokit } from "octokit";
import { boundedBody } from "./bounded-body.ts";
import { failureOfAnswer, failureWithoutAnswer, GitHubFailure, isRecord } from "./failure.ts";
import { Patience } from "./patience.ts";

/** How GitHub is reached. */
export interface GitHubAccess {
  /** Such as `https://api.github.com`; https, or http on loopback. */
  readonly apiUrl: string;
  /** Made for the origin of `apiUrl`. Nothing: anonymous, for public repositories. */
  readonly credential?: Credential | undefined;
  readonly signal: AbortSignal;
  /** Says why it waits: rate limits and repeated attempts. */
  readonly onWait: (message: string) => void;
  /** The first wait of a repeated attempt, doubled each time; smaller in tests. */
  readonly retryBaseMs?: number;
  /** Without a whole answer for so long, a request has failed. */
  readonly requestTimeoutMs?: number;
}

/** A client and what it was made from. */
export interface GitHub {
  /** Loaded with the first request, so that a script with wrong flags ends at once. */
  readonly octokit: () => Promise<Octokit>;
  readonly access: GitHubAccess;
  readonly patience: Patience;
}

/** An answer of GitHub: the status, the headers, and the unchanged body. */
interface GitHubAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly data: unknown;
}

const USER_AGENT = "forgebench";
const API_VERSION = "2022-11-28";
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_ANSWER_BYTES = 32 << 20;

/** The headers of a request that octokit does not make; not for another origin. */
export function apiHeaders({ credential }: Pick<GitHubAccess, "credential">): Readonly<Record<string, string>> {
  return {
    "user-agent": USER_AGENT,
    "x-github-api-version": API_VERSION,
    ...(credential === undefined ? {} : { authorization: `Bearer ${credential.value}` }),
  };
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * A client that says what it waits for, ends when the signal says so, follows no redirect and logs nothing. All its
 * requests fail with a {@link GitHubFailure}.
 *
 * Repeating is done here and not by octokit's plugins: their waits do not end with the signal, and theirs would send a
 * POST again whose work may be done. Of the throttling plugin the distance between writes is kept.
 */
export function gitHubClient(access: GitHubAccess): GitHub {
  const { apiUrl, credential } = access;
  if (credential !== undefined && credential.origin !== new URL(apiUrl).origin) {
    throw new InvariantError(`${credential} would be sent to another origin than its own`);
  }
  const patience = new Patience(access);
  let octokit: Promise<Octokit> | undefined;
  return {
    access,
    patience,
    octokit: () => {
      octokit ??= makeOctokit(access, patience);
      return octokit;
    },
  };
}

async function makeOctokit(access: GitHubAccess, patience: Patience): Promise<Octokit> {
  const { Octokit } = await import("octokit");
  const isLoopback = new URL(access.apiUrl).protocol === "http:";
  const never = () => false;
  const octokit = new Octokit({
    baseUrl: access.apiUrl,
    userAgent: USER_AGENT,
    ...(access.credential === undefined ? {} : { auth: access.credential.value }),
    log: silent,
    request: { log: silent, redirect: "manual", fetch: wholeFetch(access) },
    retry: { enabled: false },
    throttle: { enabled: !isLoopback, onRateLimit: never, onSecondaryRateLimit: never },
  });
  octokit.hook.wrap("request", async (request, options) => {
    const attempt = async () => checkedAnswer(await failing(() => request(options), access), access);
    // POSTs are retried by the caller, which can first check whether the object exists.
    return options.method === "POST" ? attempt() : patience.repeat(attempt);
  });
  return octokit;
}

/** Sends a request; the answer is as untrusted as any text from outside. @throws {GitHubFailure} */
export async function send(
  github: GitHub,
  route: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<GitHubAnswer> {
  try {
    const { request } = await github.octokit();
    const { status, headers, data } = await request(route, parameters);
    return { status, headers, data };
  } catch (error) {
    throw route === BY_ID ? error : await withNewName(github, error);
  }
}

const BY_ID = "GET /repositories/{id}";

/** A renamed repository answers with a number in an address; people need its name. */
async function withNewName(github: GitHub, error: unknown): Promise<unknown> {
  if (!(error instanceof GitHubFailure) || error.facts.kind !== "moved") return error;
  const id = /\/repositories\/(\d+)(\/|$)/.exec(error.facts.movedTo ?? "")?.[1];
  if (id === undefined) return error;
  const answer = await send(github, BY_ID, { id }).catch(() => undefined);
  if (!isRecord(answer?.data) || typeof answer.data.full_name !== "string") return error;
  return new GitHubFailure({
    ...error.facts,
    movedTo: printableLine(redacted(answer.data.full_name, github.access.credential)),
  });
}

/** Every page of a list. @throws {GitHubFailure} */
export async function sendForAll(
  github: GitHub,
  route: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<unknown[]> {
  const items: unknown[] = [];
  for (let page = 1; page <= 200; page += 1) {
    const { headers, data } = await send(github, route, { ...parameters, per_page: 100, page });
    if (!Array.isArray(data)) throw unreadable("a list was expected");
    items.push(...data);
    if (!/\brel="?next"?/.test(String(headers.link ?? ""))) return items;
  }
  throw unreadable("the list has no end");
}

/** The failure for an answer of another form than GitHub documents; `said` says what was expected. */
export function unreadable(said: string): GitHubFailure {
  return new GitHubFailure({ kind: "unreadable", said });
}

/** Answers are taken whole: octokit would take the part that came before a connection broke for all of it. */
function wholeFetch({ apiUrl, signal, requestTimeoutMs }: GitHubAccess): typeof fetch {
  const { origin } = new URL(apiUrl);
  return async (url, init) => {
    if (new URL(String(url)).origin !== origin) throw new InvariantError("a request would leave the API's address");
    return withDeadline(signal, requestTimeoutMs ?? REQUEST_TIMEOUT_MS, async (limit) => {
      const response = await fetch(url, { ...init, signal: limit });
      const body = await boundedBody(response.body, MAX_ANSWER_BYTES);
      const { status, statusText, headers } = response;
      return new Response(body.length === 0 ? null : body, { status, statusText, headers });
    });
  };
}

async function failing<T>(request: () => Promise<T> | T, access: GitHubAccess): Promise<T> {
  try {
    return await request();
  } catch (error) {
    access.signal.throwIfAborted();
    if (error instanceof InvariantError) throw error;
    const { RequestError } = await import("octokit");
    if (error instanceof RequestError && error.response !== undefined) {
      const { status, headers, data } = error.response;
      throw failureOfAnswer({ status, headers, body: data }, access.credential);
    }
    throw failureWithoutAnswer(error, access.credential);
  }
}

/** octokit takes redirects for success. */
function checkedAnswer<T extends { status: number; headers: GitHubAnswer["headers"]; data: unknown }>(
  answer: T,
  access: GitHubAccess,
): T {
  if (answer.status < 300) return answer;
  throw failureOfAnswer({ ...answer, body: answer.data }, access.credential);
}
