import type { SiteSnapshot } from "@forgebench/artifacts";
import { OperationError } from "@forgebench/errors";
import { Again, type Credential, repeat } from "@forgebench/io";
import { type History, readHistory } from "./history-lines.ts";
import { type AppendPlan, type HistoryDraft, planAppend } from "./plan-append.ts";
import { planSnapshot, type SnapshotPlan } from "./plan-snapshot.ts";
import { type BranchPlace, BranchStore, type StoreChange } from "./store-branch-process.ts";
import {
  readFolderParts,
  readFolderSnapshots,
  removeFolderFiles,
  withFolder,
  writeFolderParts,
} from "./store-folder.ts";
import { type StorePlace, storeName } from "./store-place.ts";

/** The parts of the process that a store uses. */
export interface StoreAccess {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** For a repository behind https; goes to no other program than git. */
  readonly credential?: Credential | undefined;
}

/** How often a push is tried again when somebody else was faster. */
const PUSH_TRIES = 5;

/**
 * Reads a whole history and checks every line of it. A branch that is not there yet is an empty history, unless it
 * `mustExist`; a folder that is not there is an error.
 * @throws {ArtifactError} for what cannot be read (exit 65), {@link OperationError} for an unreachable repository (69).
 */
export async function readStore(
  place: StorePlace,
  access: StoreAccess,
  { mustExist = false }: { readonly mustExist?: boolean } = {},
): Promise<History> {
  const parts =
    place.type === "folder"
      ? await readFolderParts(place.folder)
      : await BranchStore.with(place, access, (store) => store.fetchParts({ mustExist }));
  return readHistory(parts, storeName(place));
}

/**
 * Appends one line. `draft` makes it from the existing lines, and is called again if another writer was faster; it must give
 * the same answer for the same history.
 * @throws as {@link readStore}; {@link OperationError} when the store cannot be written (exit 73 or 69).
 */
export async function appendToStore(
  place: StorePlace,
  access: StoreAccess,
  draft: (history: History) => HistoryDraft | Promise<HistoryDraft>,
): Promise<AppendPlan> {
  if (place.type === "branch") {
    return BranchStore.with(place, access, (store) => appendToBranch(store, place, access, draft));
  }
  return withFolder(place.folder, access.signal, async () => {
    const history = readHistory(await readFolderParts(place.folder), storeName(place));
    const plan = planAppend(history, await draft(history));
    access.signal.throwIfAborted();
    await writeFolderParts(place.folder, plan.parts);
    return plan;
  });
}

/**
 * Keeps a snapshot in the store until the website has it; the oldest ones beyond the limit are removed.
 * @throws as {@link appendToStore}; {@link ArtifactError} when a snapshot that is kept cannot be read (exit 65).
 */
export async function keepSnapshot(place: StorePlace, access: StoreAccess, given: SiteSnapshot): Promise<SnapshotPlan> {
  const planFor = (stored: Parameters<typeof planSnapshot>[0]) => planSnapshot(stored, given, storeName(place));
  if (place.type === "branch") {
    const message = `Keep snapshot ${given.snapshotId}`;
    return BranchStore.with(place, access, (store) =>
      pushChange(store, place, access, async () => ({ plan: planFor(await store.fetchSnapshots()), message })),
    );
  }
  return withFolder(place.folder, access.signal, async () => {
    const plan = planFor(await readFolderSnapshots(place.folder));
    access.signal.throwIfAborted();
    await writeFolderParts(place.folder, plan.parts);
    await removeFolderFiles(place.folder, plan.removed);
    return plan;
  });
}

async function appendToBranch(
  store: BranchStore,
  place: BranchPlace,
  access: StoreAccess,
  draft: (history: History) => HistoryDraft | Promise<HistoryDraft>,
): Promise<AppendPlan> {
  return pushChange(store, place, access, async () => {
    const history = readHistory(await store.fetchParts(), storeName(place));
    const line = await draft(history);
    return { plan: planAppend(history, line), message: messageOf(line) };
  });
}

/** Fetches, plans and pushes, again from the start where somebody else was faster. */
async function pushChange<Plan extends StoreChange>(
  store: BranchStore,
  place: BranchPlace,
  access: StoreAccess,
  fetchAndPlan: () => Promise<{ readonly plan: Plan; readonly message: string }>,
): Promise<Plan> {
  return repeat<Plan>(access.signal, async (tries) => {
    const { plan, message } = await fetchAndPlan();
    if (plan.parts.length === 0 || (await store.push(plan, message, access.now()))) return plan;
    // A random wait, so that the same writers do not conflict again.
    if (tries < PUSH_TRIES) return new Again(50 * tries * (1 + Math.random()));
    throw new OperationError(
      "service",
      `Cannot push to "${storeName(place)}": other writers were faster ${PUSH_TRIES} times`,
      { details: [{ label: "try", text: "run again; nothing was recorded" }] },
    );
  });
}

function messageOf({ type, value }: HistoryDraft): string {
  if (type === "acceptance") return `Accept ${value.runId ?? value.headSha}`;
  return `Record run ${value.runId}.${value.runAttempt}: ${value.outcome}`;
}
