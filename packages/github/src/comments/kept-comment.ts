import type { GitHub } from "../client/client.ts";
import { createComment, deleteComment, type IssueComment, listComments, updateComment } from "../issues/issues.ts";

/** One comment on an issue or a pull request that is replaced by each run. */
export interface KeptComment {
  readonly number: number;
  /** The beginning of its text; the same in all that replace one another. */
  readonly marker: string;
  readonly isMarkAnywhere?: boolean;
  readonly body: string;
  /** The login of the token: a mark in anybody else's comment means nothing. */
  readonly login: string;
  /** Whether an existing comment is newer, and stays. */
  readonly isNewer?: (body: string) => boolean;
}

interface CommentKept {
  readonly id: number;
  readonly change: "created" | "updated" | "unchanged" | "newer";
}

/**
 * Makes or updates the comment. If two runs made one at the same time, the older comment stays. Repeated after any
 * failure, the result is the same.
 * @throws {OperationError}
 */
export async function keepComment(github: GitHub, repository: string, kept: KeptComment): Promise<CommentKept> {
  const own = (login: string) => async () =>
    (await listComments(github, repository, kept.number)).filter((comment) => isOwn(comment, kept, login));
  let comments = await own(kept.login)();
  const isNew = comments.length === 0;
  if (isNew) {
    const made = await createComment(github, repository, kept, async () => (await own(kept.login)())[0]);
    // The server knows the login of the token best. Lists may lag behind: our comment exists in any case.
    const others = (await own(made.author)()).filter(({ id }) => id !== made.id);
    comments = [...others, made].sort((a, b) => a.id - b.id);
  }
  const [oldest, ...younger] = comments;
  if (oldest === undefined) throw new Error("there is a comment at least: the one that was made");
  for (const { id } of younger) await deleteComment(github, repository, id);
  return { id: oldest.id, change: await bringUpToDate(github, repository, { oldest, kept, isNew }) };
}

/** The comment that is there, the oldest of several; nothing is written. @throws {OperationError} */
export async function findComment(
  github: GitHub,
  repository: string,
  kept: KeptComment,
): Promise<IssueComment | undefined> {
  return (await listComments(github, repository, kept.number)).find((comment) => isOwn(comment, kept, kept.login));
}

async function bringUpToDate(
  github: GitHub,
  repository: string,
  { oldest, kept, isNew }: { readonly oldest: IssueComment; readonly kept: KeptComment; readonly isNew: boolean },
): Promise<CommentKept["change"]> {
  // The server's copy may differ in line ends and outer spaces.
  if (plain(oldest.body) === plain(kept.body)) return isNew ? "created" : "unchanged";
  if (kept.isNewer?.(oldest.body) === true) return "newer";
  await updateComment(github, repository, oldest.id, kept.body);
  return "updated";
}

function isOwn({ body, author }: IssueComment, { marker, isMarkAnywhere }: KeptComment, login: string): boolean {
  const isMarked = isMarkAnywhere === true ? body.includes(marker) : body.startsWith(marker);
  return author !== "" && author.toLowerCase() === login.toLowerCase() && isMarked;
}

function plain(body: string): string {
  return body.replaceAll("\r\n", "\n").trim();
}
