export type { BaseAnswer, BaseQuestion } from "./base/base-question.ts";
export {
  type BuiltCommit,
  buildCommit,
  type CommitBuildRequest,
  DEFAULT_BUILD_COMMAND,
  findCommit,
  tryBuildCommit,
} from "./base/built-commit-process.ts";
export { buildChosenBase, choosesBase } from "./base/chosen-base-process.ts";
export { CommitBuilds } from "./base/commit-builds-process.ts";
export { Repository } from "./base/repository-process.ts";
export { resolveBase } from "./base/resolve-base.ts";
export { commitsBetween, findInCheckout } from "./base/worktree-process.ts";
export { acceptanceOf, type NightFacts, recordOfEvidence, recordOfFailure } from "./nights/night-lines.ts";
export { type History, type HistoryEntry, MAX_PART_BYTES } from "./store/history-lines.ts";
export { appendToStore, keepSnapshot, readStore, type StoreAccess } from "./store/history-store-process.ts";
export type { AppendPlan, HistoryDraft } from "./store/plan-append.ts";
export { KEPT_SNAPSHOTS, type SnapshotPlan } from "./store/plan-snapshot.ts";
export { parseStorePlace, type StorePlace, storeCredential, storeName } from "./store/store-place.ts";
