import { type ErrorDetail, OperationError, type OperationFailure, printableLine } from "@forgebench/errors";
import { tokenDetail } from "@forgebench/io";

/** Why a remote refused; `unreachable` may succeed the next time, `other` has only the words of git. */
type RemoteProblem =
  | "unreachable"
  | "unauthorized"
  | "forbidden"
  | "missing"
  | "moved"
  | "protected"
  | "branch-gone"
  | "other";

interface RemoteAction {
  /** `read` fetches, `write` pushes. */
  readonly access: "read" | "write";
  /** How messages call the remote. */
  readonly label: string;
  /** The variable that held the token, for messages; nothing where no token was given. */
  readonly variable?: string | undefined;
}

/** What git answered, with the token taken out of it. */
interface RemoteAnswer {
  readonly exitCode: number;
  readonly stderr: string;
}

/** A remote that refused, or could not be reached; the message says what helps. */
export class RemoteError extends OperationError {
  readonly problem: RemoteProblem;

  constructor({ access, label, variable }: RemoteAction, { exitCode, stderr }: RemoteAnswer) {
    const problem = remoteProblemIn(stderr);
    const action = `Cannot ${access === "read" ? "fetch" : "push to"} ${label}`;
    const text = [SAYS[problem], `git ended with ${exitCode}`, printableLine(stderr, 400)];
    super(failureOf(problem, access), [action, ...text.filter((part) => part !== "")].join(": "), {
      details: detailsOf(problem, access, variable),
    });
    this.problem = problem;
  }

  /** Whether the next attempt may go better. */
  get isPassing(): boolean {
    return this.problem === "unreachable";
  }
}

/** What git says when it ends without success, in the order in which it is looked for. */
const SIGNS: readonly (readonly [RemoteProblem, RegExp])[] = [
  ["protected", /\bGH006\b|\bGH013\b|protected branch hook declined/],
  ["unauthorized", /Authentication failed|could not read (Username|Password)|returned error: 401/],
  ["forbidden", /returned error: 403|Permission to \S+ denied|Access (to repository )?(denied|not granted)/],
  ["moved", /returned error: 30[1278]|unable to update url base from redirection/],
  ["missing", /^(fatal|ERROR|remote): repository .* not found|Repository not found|returned error: 404/im],
  ["branch-gone", /couldn't find remote ref/],
  [
    "unreachable",
    /returned error: (5\d\d|408|429)|RPC failed|early EOF|hung up unexpectedly|unexpected disconnect|Connection (reset|refused|timed out)|Could ?n[o']t (connect|resolve)|Failed to connect|Empty reply|Recv failure|transfer closed|Operation too slow|timed out|TLS|SSL|unpack-objects|index-pack|bad line length|expected (flush|packfile|response end)|invalid server response|protocol error|bytes of (length|body)|the remote end/i,
  ],
];

/** What went wrong, read from the English words of git and its servers; `other` when none of them is known. */
export function remoteProblemIn(stderr: string): RemoteProblem {
  return SIGNS.find(([, sign]) => sign.test(stderr))?.[0] ?? "other";
}

const SAYS: Readonly<Record<RemoteProblem, string>> = {
  unreachable: "it could not be reached",
  unauthorized: "the token is not known there, or none was given",
  forbidden: "the token is not allowed to",
  missing: "it does not exist, or this token cannot see it",
  moved: "it was renamed or moved",
  protected: "a rule of the repository protects the branch",
  "branch-gone": "a branch was deleted meanwhile",
  other: "",
};

function failureOf(problem: RemoteProblem, access: RemoteAction["access"]): OperationFailure {
  if (problem === "unreachable" || problem === "branch-gone" || problem === "other") return "service";
  return access === "write" ? "output" : "data";
}

function detailsOf(problem: RemoteProblem, access: RemoteAction["access"], variable: string | undefined) {
  const token = tokenDetail(variable);
  const need: ErrorDetail = { label: "need", text: `contents: ${access} for this repository` };
  const tries = (text: string): ErrorDetail => ({ label: "try", text });
  const details: Readonly<Record<RemoteProblem, readonly ErrorDetail[]>> = {
    unreachable: [tries("run the same command again later: finished work is not repeated")],
    "branch-gone": [tries("run the same command again")],
    unauthorized: [need, token, tries("a token that is valid and not expired")],
    forbidden: [need, token],
    missing: [{ label: "need", text: `the right owner/name, and a token with ${need.text}` }, token],
    moved: [tries("the name that the repository has now; redirects are not followed, because a token goes along")],
    protected: [tries("let the owner of this token push to this branch by a rule of its own, or name another branch")],
    other: [],
  };
  return details[problem];
}
