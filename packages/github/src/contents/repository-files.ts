import { ask, unlessMissing } from "../client/ask.ts";
import { type GitHub, unreadable } from "../client/client.ts";
import { describing } from "../client/describe-failure.ts";
import { isRecord } from "../client/failure.ts";
import { recordOf, textOf } from "../releases/release-fields.ts";

const NEEDS = "contents: read";

/** The newest commit of a branch; nothing when there is no such branch. @throws {OperationError} */
export async function findBranchTip(github: GitHub, repository: string, branch: string): Promise<string | undefined> {
  return describing({ action: `read the branch "${branch}"`, repository, needs: NEEDS }, async () => {
    const data = await unlessMissing(ask(github, repository, "GET /branches/{branch}", { branch }));
    return data === undefined ? undefined : commitOf(recordOf(data, "a branch").commit);
  });
}

/** The text of a file at a commit; nothing when there is no such file. @throws {OperationError} */
export async function readRepositoryFile(
  github: GitHub,
  repository: string,
  { path, commit }: { readonly path: string; readonly commit: string },
): Promise<string | undefined> {
  return describing({ action: `read "${path}"`, repository, needs: NEEDS }, async () => {
    const parameters = { path, ref: commit, mediaType: { format: "raw" } };
    const data = await unlessMissing(ask(github, repository, "GET /contents/{path}", parameters));
    if (data === undefined || typeof data === "string") return data;
    if (data instanceof ArrayBuffer) return new TextDecoder().decode(data);
    throw unreadable(`"${path}" is no file`);
  });
}

/** The newest commit, from `commit` backwards, that changed a file; nothing when none did. @throws {OperationError} */
export async function findLastChange(
  github: GitHub,
  repository: string,
  { path, commit }: { readonly path: string; readonly commit: string },
): Promise<string | undefined> {
  return describing({ action: `list the commits that changed "${path}"`, repository, needs: NEEDS }, async () => {
    const data = await ask(github, repository, "GET /commits", { path, sha: commit, per_page: 1 });
    if (!Array.isArray(data)) throw unreadable("a list was expected");
    return data.length === 0 ? undefined : commitOf(data[0]);
  });
}

function commitOf(data: unknown): string {
  const sha = textOf(recordOf(data, "a commit"), "sha");
  if (/^[0-9a-f]{40,64}$/.test(sha)) return sha;
  throw unreadable("a commit has no hash");
}

/** The account of an action; undefined if it was deleted. */
export interface Actor {
  readonly login: string;
  /** No bot and no app. */
  readonly isPerson: boolean;
}

/** Reads the `user`, `author` and similar fields of GitHub's answers; undefined if the account was deleted. */
export function readActor(data: unknown): Actor | undefined {
  if (!isRecord(data) || typeof data.login !== "string" || data.login === "") return undefined;
  return { login: data.login, isPerson: data.type === "User" };
}
