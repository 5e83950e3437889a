import { Refusal } from "./answers.ts";
import type { StandInAccount } from "./stand-in.ts";
import type { Repository, World } from "./world.ts";

type Permission = "contents" | "pullRequests" | "issues" | "actions";
type Level = "none" | "read" | "write";

/** One of these is enough. */
export type Needs = Readonly<Partial<Record<Permission, "read" | "write">>>;

/** Undefined: nobody in particular. */
export type Caller = StandInAccount | undefined;

const RANK = { none: 0, read: 1, write: 2 } as const;
const PERMISSION_NAMES: Readonly<Record<Permission, string>> = {
  contents: "contents",
  pullRequests: "pull_requests",
  issues: "issues",
  actions: "actions",
};

/** Who calls the API. @throws {Refusal} 401 for a token that is not known or has expired. */
export function callerOf(world: World, authorization: string | undefined): Caller {
  if (authorization === undefined) return undefined;
  const token = /^(?:token|bearer) +(\S+)$/i.exec(authorization)?.[1] ?? basicPassword(authorization);
  return accountOf(world, token);
}

/** Git is given the token as the password of any user. */
export function basicPassword(authorization: string): string | undefined {
  const encoded = /^basic +(\S+)$/i.exec(authorization)?.[1];
  return encoded === undefined ? undefined : /^[^:]*:(.*)$/s.exec(Buffer.from(encoded, "base64").toString("utf8"))?.[1];
}

function accountOf(world: World, token: string | undefined): StandInAccount {
  const account = token === undefined ? undefined : world.accounts.get(token);
  if (account === undefined || account.expired === true) throw new Refusal(401, "Bad credentials");
  return account;
}

/** What somebody may do in a repository with the token alone, whatever everybody may read. */
export function levelOf(caller: Caller, repository: Repository, permission: Permission): Level {
  if (caller === undefined || !isMeant(caller, repository)) return "none";
  return caller.permissions[permission] ?? "none";
}

function isMeant({ repositories }: StandInAccount, { fullName }: Repository): boolean {
  return repositories === undefined || repositories.some((name) => name.toLowerCase() === fullName.toLowerCase());
}

/** A repository that somebody may not see does not exist for them. */
export function isVisible(caller: Caller, repository: Repository): boolean {
  if (repository.options.private !== true) return true;
  const all: readonly Permission[] = ["contents", "pullRequests", "issues", "actions"];
  return all.some((permission) => levelOf(caller, repository, permission) !== "none");
}

/** Whether the caller's token may write there; an anonymous caller never may. */
export function mayWrite(caller: Caller, repository: Repository, permission: Permission = "contents"): boolean {
  return levelOf(caller, repository, permission) === "write";
}

/** @throws {Refusal} 401 for a write by nobody in particular, 403 naming the permission that is missing. */
export function demand(caller: Caller, repository: Repository, needs: Needs): void {
  const wanted = Object.entries(needs) as [Permission, "read" | "write"][];
  const isEnough = wanted.some(
    ([permission, level]) =>
      (level === "read" && repository.options.private !== true) ||
      RANK[levelOf(caller, repository, permission)] >= RANK[level],
  );
  if (isEnough || wanted.length === 0) return;
  if (caller === undefined) throw new Refusal(401, "Requires authentication");
  const accepted = wanted.map(([permission, level]) => `${PERMISSION_NAMES[permission]}=${level}`).join("; ");
  const by = caller.kind === "Bot" ? "integration" : "personal access token";
  throw new Refusal(403, `Resource not accessible by ${by}`, {
    headers: { "x-accepted-github-permissions": accepted },
  });
}
