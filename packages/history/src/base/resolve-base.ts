import type { NightEvent } from "@forgebench/artifacts";
import { OperationError, printableLine, UsageError } from "@forgebench/errors";
import type { HistoryEntry } from "../store/history-lines.ts";
import { type BaseCandidate, baseCandidates } from "./base-candidates.ts";
import type { Repository } from "./repository-process.ts";

/** What is to be compared, as the event says. */
export interface BaseQuestion {
  readonly event: NightEvent;
  readonly cadence: "night" | "release";
  /** A revision of the repository. */
  readonly head: string;
  readonly dispatchBase?: string | undefined;
  readonly pullRequestBase?: string | undefined;
  /** Oldest first; undefined when no history was named. */
  readonly entries?: readonly HistoryEntry[] | undefined;
}

export interface BaseAnswer {
  readonly sha: string;
  /** One line. */
  readonly reason: string;
  /** What a person should know about nights that were passed over. */
  readonly notes: readonly string[];
}

type Repo = Pick<Repository, "folder" | "commitOf" | "isAncestor" | "mergeBase" | "tagsOn" | "isShallow">;

/**
 * Which commit the head is compared with. A night never compares with itself while there is an older night to compare
 * with; only green or accepted scheduled nights move the base.
 * @throws {UsageError} when a flag is missing, {@link OperationError} when the repository does not hold what is needed.
 */
export async function resolveBase(question: BaseQuestion, repo: Repo): Promise<BaseAnswer> {
  const { event, dispatchBase, pullRequestBase } = question;
  const head = await neededCommit(repo, question.head, "head");
  if (event === "pull_request") return pullRequest(repo, head, pullRequestBase);
  if (dispatchBase !== undefined) {
    const sha = await neededCommit(repo, dispatchBase, "dispatch-base");
    return { sha, reason: "the base that was asked for", notes: itselfNote(sha, head) };
  }
  return question.cadence === "release" ? lastRelease(repo, head) : lastNight(repo, head, question);
}

async function pullRequest(repo: Repo, head: string, base: string | undefined): Promise<BaseAnswer> {
  if (base === undefined) throw new UsageError("missing --pull-request-base, which --event pull_request needs");
  const tip = await neededCommit(repo, base, "pull-request-base");
  const sha = await repo.mergeBase(tip, head);
  if (sha !== undefined) {
    return { sha, reason: `where the pull request left its base ${short(tip)}`, notes: itselfNote(sha, head) };
  }
  await refuseShallow(repo, `${short(head)} and ${short(tip)} have no common commit`);
  throw unjudged(
    `"${short(head)}" and the pull request's base "${short(tip)}" have no common commit`,
    "rebase the pull request",
  );
}

/** Versions compare by number: v1.10.0 is later than v1.9.0. */
const RELEASE = /^v\d+\.\d+\.\d+$/;
const byVersion = new Intl.Collator("en", { numeric: true });

interface Release {
  readonly tag: string;
  readonly sha: string;
}

/** The last on the history of head, head itself left out. */
async function findRelease(repo: Repo, head: string): Promise<Release | undefined> {
  const tags = (await repo.tagsOn(head)).filter((tag) => RELEASE.test(tag));
  for (const tag of tags.toSorted(byVersion.compare).reverse()) {
    const sha = await repo.commitOf(`refs/tags/${tag}`);
    if (sha !== undefined && sha !== head) return { tag, sha };
  }
  return undefined;
}

async function lastRelease(repo: Repo, head: string): Promise<BaseAnswer> {
  const found = await findRelease(repo, head);
  if (found !== undefined) return { sha: found.sha, reason: `the last release, ${found.tag}`, notes: [] };
  await refuseShallow(repo, `no release before ${short(head)} was found`);
  throw unjudged(
    `no tag vX.Y.Z is on the history of "${short(head)}" before it`,
    "fetch the tags (git fetch --tags), or compare nights until there is a release",
  );
}

async function lastNight(repo: Repo, head: string, { event, entries }: BaseQuestion): Promise<BaseAnswer> {
  if (entries === undefined && event === "schedule") {
    throw new UsageError("missing --history, which --event schedule needs");
  }
  const notes: string[] = [];
  let ofHead: BaseCandidate | undefined;
  for (const candidate of baseCandidates(entries ?? [])) {
    const { headSha } = candidate.night;
    if (headSha === head) ofHead ??= candidate;
    else if (await isBefore(repo, headSha, head, notes)) {
      return { sha: headSha, reason: nightReason(candidate, ofHead), notes: distinct(notes) };
    }
  }
  const release = entries === undefined ? undefined : await findRelease(repo, head);
  const why = whyNoNight(entries, ofHead);
  if (release !== undefined) {
    return { sha: release.sha, reason: `the last release, ${release.tag}: ${why}`, notes: distinct(notes) };
  }
  const sha = await repo.commitOf(`${head}^1`);
  if (sha !== undefined) return { sha, reason: `the first parent of head: ${why}`, notes: distinct(notes) };
  await refuseShallow(repo, `the parent of ${short(head)} is missing`);
  throw unjudged(`"${short(head)}" is the first commit`, "measure it without a base");
}

async function isBefore(repo: Repo, sha: string, head: string, notes: string[]): Promise<boolean> {
  const isThere = (await repo.commitOf(sha)) !== undefined;
  if (isThere && (await repo.isAncestor(sha, head))) return true;
  const problem = isThere ? `is not on the history of ${short(head)}` : "is not in the repository";
  await refuseShallow(repo, `the night's commit ${short(sha)} ${problem}`);
  notes.push(
    `the night of ${short(sha)} is passed over: the commit ${problem}, since the branch was rewritten or head is older`,
  );
  return false;
}

function nightReason({ night, acceptance }: BaseCandidate, ofHead: BaseCandidate | undefined): string {
  const which = `${night.runId} of ${night.recordedAt.slice(0, 10)}`;
  const how =
    acceptance === undefined
      ? `green night, ${which}`
      : `night that a person accepted, ${which} (${night.outcome}, accepted by ${printableLine(acceptance.by, 60)})`;
  if (ofHead === undefined) return `the last ${how}`;
  return `the last ${how}, at another commit: head itself is that of the ${ofHead.acceptance === undefined ? "green" : "accepted"} night ${ofHead.night.runId}`;
}

function whyNoNight(entries: readonly HistoryEntry[] | undefined, ofHead: BaseCandidate | undefined): string {
  if (entries === undefined) return "no history was named";
  if (ofHead !== undefined) return `head is that of the night ${ofHead.night.runId}, and no older one is accepted`;
  return "no accepted night yet";
}

async function neededCommit(repo: Repo, revision: string, flag: string): Promise<string> {
  const sha = await repo.commitOf(revision);
  if (sha !== undefined) return sha;
  await refuseShallow(repo, `--${flag}: "${revision}" is missing`);
  throw new OperationError("data", `--${flag}: "${revision}" is no commit of the repository "${repo.folder}"`, {
    details: [{ label: "try", text: "fetch it first, or give another one" }],
  });
}

/** In a shallow clone what is missing may only not have been fetched. @throws {OperationError} then (exit 65). */
async function refuseShallow(repo: Repo, problem: string): Promise<void> {
  if (!(await repo.isShallow())) return;
  throw new OperationError(
    "data",
    `Cannot choose the base: ${problem}, but the repository "${repo.folder}" is a shallow clone`,
    {
      details: [{ label: "try", text: "git fetch --unshallow --tags, or fetch-depth: 0 in the checkout step" }],
    },
  );
}

function unjudged(problem: string, remedy: string): OperationError {
  return new OperationError("unjudged", `There is nothing to compare with: ${problem}`, {
    details: [{ label: "try", text: remedy }],
  });
}

function itselfNote(sha: string, head: string): string[] {
  return sha === head ? [`${short(head)} is compared with itself, which can show nothing but noise`] : [];
}

function short(sha: string): string {
  return sha.slice(0, 12);
}

function distinct(notes: readonly string[]): string[] {
  return [...new Set(notes)];
}
