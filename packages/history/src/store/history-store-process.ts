import { setTimeout as sleep } from "node:timers/promises";
import { OperationError } from "@forgebench/errors";
import { type History, readHistory } from "./history-lines.ts";
import { type AppendPlan, type HistoryDraft, planAppend } from "./plan-append.ts";
import { type BranchPlace, BranchStore } from "./store-branch-process.ts";
import { readFolderParts, withFolder, writeFolderParts } from "./store-folder.ts";
import { type StorePlace, storeName, tokenOrigin } from "./store-place.ts";

/** What a store needs of the process that uses it. */
export interface StoreAccess {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** For a repository behind https; goes to no other program than git. */
  readonly token?: string | undefined;
}

/** How often a push is tried again when somebody else was faster. */
const PUSH_TRIES = 5;

/**
 * Reads a whole history and checks every line of it. A branch that is not there yet is an empty history, a folder that
 * is not there is an error.
 * @throws {ArtifactError} for what cannot be read (exit 65), {@link OperationError} for an unreachable repository (69).
 */
export async function readStore(place: StorePlace, access: StoreAccess): Promise<History> {
  const options = branchOptions(place, access);
  const parts =
    place.type === "folder"
      ? await readFolderParts(place.folder)
      : await BranchStore.with(place, options, (store) => store.fetchParts());
  return readHistory(parts, storeName(place));
}

/**
 * Appends one line. `draft` makes it from what is there, and is asked again when another writer was faster; it must give
 * the same answer for the same history.
 * @throws as {@link readStore}; {@link OperationError} when the store cannot be written (exit 73 or 69).
 */
export async function appendToStore(
  place: StorePlace,
  access: StoreAccess,
  draft: (history: History) => HistoryDraft | Promise<HistoryDraft>,
): Promise<AppendPlan> {
  const options = branchOptions(place, access);
  if (place.type === "branch") {
    return BranchStore.with(place, options, (store) => appendToBranch(store, place, access, draft));
  }
  return withFolder(place.folder, access.signal, async () => {
    const history = readHistory(await readFolderParts(place.folder), storeName(place));
    const plan = planAppend(history, await draft(history));
    access.signal.throwIfAborted();
    await writeFolderParts(place.folder, plan.parts);
    return plan;
  });
}

async function appendToBranch(
  store: BranchStore,
  place: BranchPlace,
  access: StoreAccess,
  draft: (history: History) => HistoryDraft | Promise<HistoryDraft>,
): Promise<AppendPlan> {
  for (let tries = 1; tries <= PUSH_TRIES; tries += 1) {
    const history = readHistory(await store.fetchParts(), storeName(place));
    const line = await draft(history);
    const plan = planAppend(history, line);
    if (plan.status === "unchanged" || (await store.push(plan.parts, messageOf(line), access.now()))) return plan;
    // Writers that met once shall not meet again.
    if (tries < PUSH_TRIES) await sleep(50 * tries * (1 + Math.random()), undefined, { signal: access.signal });
  }
  throw new OperationError(
    "service",
    `Cannot push to "${storeName(place)}": somebody else was faster ${PUSH_TRIES} times`,
    { details: [{ label: "try", text: "run again; nothing was recorded" }] },
  );
}

function messageOf({ type, value }: HistoryDraft): string {
  if (type === "acceptance") return `Accept ${value.runId ?? value.headSha}`;
  return `Record run ${value.runId}.${value.runAttempt}: ${value.outcome}`;
}

/** Also of a folder, so that a token is refused where it is of no use. */
function branchOptions(place: StorePlace, { env, signal, token }: StoreAccess) {
  return { env, signal, token: token === undefined ? undefined : { value: token, origin: tokenOrigin(place) } };
}
