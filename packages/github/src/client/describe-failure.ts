import { type ErrorDetail, OperationError, type OperationFailure, printableLine } from "@forgebench/errors";
import { tokenDetail } from "@forgebench/io";
import { GitHubFailure, type GitHubFailureFacts } from "./failure.ts";

/** The attempted action, for the message of an error. */
export interface GitHubAction {
  /** Completes "Cannot …", for example `read the releases`. */
  readonly action: string;
  /** `owner/name` */
  readonly repository: string;
  /** The permission that the request needs, such as `contents: write`. */
  readonly needs: string;
}

/**
 * An error that says what was attempted, what GitHub answered and what helps. Exit 69 for services and limits; 73 where
 * something was to be written, else 65, for what waiting does not change. Anything but a {@link GitHubFailure} is returned as it is.
 */
export function describeGitHubError(error: unknown, context: GitHubAction): unknown {
  if (!(error instanceof GitHubFailure)) return error;
  const { facts } = error;
  const cannot = `Cannot ${context.action} of "${context.repository}"`;
  const { text, details = [] } = DESCRIBED[describedAs(facts)](facts, context);
  return new OperationError(failureFor(facts, context), `${cannot}: ${text}`, { details });
}

/** Runs a piece of work whose failures are described. @throws {OperationError} */
export async function describing<T>(context: GitHubAction, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw describeGitHubError(error, context);
  }
}

function failureFor({ kind }: GitHubFailureFacts, { needs }: GitHubAction): OperationFailure {
  if (kind === "network" || kind === "server" || kind === "limit" || kind === "unreadable") return "service";
  return needs.endsWith("write") ? "output" : "data";
}

interface Description {
  readonly text: string;
  readonly details?: readonly ErrorDetail[];
}

type Described = "network" | "server" | "limit" | "moved" | "unreadable" | "401" | "403" | "404" | "422" | "refused";

function describedAs({ kind, status }: GitHubFailureFacts): Described {
  if (kind !== "refused") return kind;
  return status === 401 || status === 403 || status === 404 || status === 422 ? `${status}` : "refused";
}

const AGAIN: ErrorDetail = { label: "try", text: "run the same command again later: finished work is not repeated" };

const DESCRIBED: Readonly<Record<Described, (facts: GitHubFailureFacts, context: GitHubAction) => Description>> = {
  network: ({ said, isFinal }) => ({
    text: isFinal === true ? `no answer: ${said}` : `no answer after several attempts: ${said}`,
    details: isFinal === true ? [{ label: "try", text: "check the address of the API: --api-url" }] : [AGAIN],
  }),
  server: ({ said, status }) => ({
    text: `GitHub failed with status ${status} after several attempts: ${said}`,
    details: [AGAIN],
  }),
  limit: ({ said, waitMs = 0 }) => ({
    text: `GitHub limits the requests: ${said}`,
    details: [{ label: "try", text: `run again in ${Math.ceil(waitMs / 60_000)} min, when the limit is over` }],
  }),
  moved: ({ movedTo, status }, { repository }) => ({
    text: `it was renamed or moved (status ${status}): ${printableLine(movedTo ?? "the new name is not known", 200)}`,
    details: [{ label: "try", text: `give the new name instead of "${repository}"` }],
  }),
  unreadable: ({ said }) => ({
    text: `the answer is not that of GitHub's API: ${said}`,
    details: [{ label: "try", text: "check the address of the API: --api-url" }],
  }),
  "401": ({ said, variable }) => ({
    text: `GitHub does not know the token: ${said}`,
    details: [
      {
        label: "try",
        text: `put a token that is valid and not expired into ${variable === undefined ? "the variable that --token-env names" : `"${variable}"`}`,
      },
    ],
  }),
  "403": ({ said, acceptedPermissions, variable }, { needs }) => ({
    text: `GitHub does not allow it: ${said}`,
    details: [
      { label: "need", text: `${permissionText(acceptedPermissions) ?? needs} for this repository` },
      tokenDetail(variable),
    ],
  }),
  "404": ({ variable }, { needs }) => ({
    text: "it does not exist, or this token cannot see it",
    details: [
      { label: "need", text: `the right owner/name, and a token with ${needs} if the repository is private` },
      tokenDetail(variable),
    ],
  }),
  "422": ({ said, problems = [] }) => ({
    text: `GitHub refuses the request: ${said}`,
    details: problems.map((problem) => ({ label: "field", text: problem })),
  }),
  refused: ({ said, status }) => ({ text: `GitHub refuses it with status ${status}: ${said}` }),
};

/** `contents=write; issues=write,pull_requests=write` as people write it: `contents: write`, alternatives with "or". */
function permissionText(accepted: string | undefined): string | undefined {
  if (accepted === undefined || !/^[\w=,; ]+$/.test(accepted)) return undefined;
  return accepted
    .split(";")
    .map((alternative) => alternative.trim().replaceAll("=", ": ").replaceAll(/,\s*/g, " and "))
    .join(" or ");
}
