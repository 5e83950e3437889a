import type { NightCadence, NightEvent } from "@forgebench/artifacts";
import { OperationError } from "@forgebench/errors";
import type { HistoryEntry } from "../store/history-lines.ts";
import type { Repository } from "./repository-process.ts";

/** The event and its commits, for which a base is chosen. */
export interface BaseQuestion {
  readonly event: NightEvent;
  readonly cadence: NightCadence;
  /** A revision of the repository. */
  readonly head: string;
  readonly dispatchBase?: string | undefined;
  readonly pullRequestBase?: string | undefined;
  /** The history, oldest first, read only where the answer depends on it; undefined when none was named. */
  readonly readEntries?: (() => Promise<readonly HistoryEntry[]>) | undefined;
}

/** The commit that head is compared with, and why it and no other. */
export interface BaseAnswer {
  readonly sha: string;
  /** `release` only where head is compared with one because that was asked for. */
  readonly cadence: NightCadence;
  /** One line. */
  readonly reason: string;
  /** Notes for a person about skipped nights. */
  readonly notes: readonly string[];
}

/** The questions to a repository when a base is chosen; a test gives its own answers. */
export type Repo = Pick<Repository, "folder" | "commitOf" | "isAncestor" | "mergeBase" | "tagsOn" | "isShallow">;

/**
 * Whether the commit of a night is on the history of head; one that is not is noted.
 * @throws {OperationError} when the clone is too shallow to tell (exit 65).
 */
export async function isBefore(repo: Repo, sha: string, head: string, notes: string[]): Promise<boolean> {
  const isThere = (await repo.commitOf(sha)) !== undefined;
  if (isThere && (await repo.isAncestor(sha, head))) return true;
  const problem = isThere ? `is not on the history of ${short(head)}` : "is not in the repository";
  await refuseShallow(repo, `the night's commit ${short(sha)} ${problem}`);
  notes.push(
    `the night of ${short(sha)} is skipped: the commit ${problem}, because the branch was rewritten or head is older`,
  );
  return false;
}

/** A shallow clone may lack a commit only because it was not fetched. @throws {OperationError} then (exit 65). */
export async function refuseShallow(repo: Repo, problem: string): Promise<void> {
  if (!(await repo.isShallow())) return;
  throw new OperationError(
    "data",
    `Cannot choose the base: ${problem}, but the repository "${repo.folder}" is a shallow clone`,
    {
      details: [{ label: "try", text: "git fetch --unshallow --tags, or fetch-depth: 0 in the checkout step" }],
    },
  );
}

/** The error when no base can be named: exit code 3, with a remedy. */
export function unjudged(problem: string, remedy: string): OperationError {
  return new OperationError("unjudged", `There is nothing to compare with: ${problem}`, {
    details: [{ label: "try", text: remedy }],
  });
}

/** The first 12 digits of a hash, as reasons and notes show it. */
export function short(sha: string): string {
  return sha.slice(0, 12);
}

/** Each note once, at its first place: several nights may be skipped for the same reason. */
export function distinct(notes: readonly string[]): string[] {
  return [...new Set(notes)];
}
