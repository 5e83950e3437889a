import type { SiteHistory, SiteSnapshot } from "@forgebench/artifacts";
import { UsageError } from "@forgebench/errors";
import { canonicalText, compareByAge, mergeSnapshots } from "./merge-snapshots.ts";

/** The two data files of a website, as they are on a branch; a file that is not there is absent. */
export interface SiteFiles {
  readonly latest?: SiteSnapshot;
  readonly history?: SiteHistory;
}

/** The offered snapshots, and the data that the website and its open pull request hold already. */
export interface SiteUpdateRequest {
  readonly snapshots: readonly SiteSnapshot[];
  /** On the site's default branch: the published data. */
  readonly published: SiteFiles;
  /** On the automation branch: the data that wait for a review. */
  readonly pending?: SiteFiles;
  /** How many snapshots the history keeps, at least 1. */
  readonly retention: number;
  /** Why a snapshot must not be shown as the latest; empty if it may be. */
  readonly objections: (snapshot: SiteSnapshot) => readonly string[];
}

/** A snapshot and the reasons against it; `reasons` may be empty. */
export interface JudgedSnapshot {
  readonly snapshot: SiteSnapshot;
  readonly reasons: readonly string[];
}

/** The new contents of the website's files, and the differences from the old ones, for the text of the pull request. */
export interface SiteUpdate {
  /** Absent if no snapshot may be shown and none was. */
  readonly latest?: SiteSnapshot;
  /** The latest that was published so far. */
  readonly previousLatest?: SiteSnapshot;
  readonly history: SiteHistory;
  /** In the history and not in the published one, newest first, and why they are not to be shown as the latest. */
  readonly added: readonly JudgedSnapshot[];
  /** In the history and published, with other content. */
  readonly replaced: readonly SiteSnapshot[];
  /** Published ones that are older than the history goes back. */
  readonly dropped: readonly SiteSnapshot[];
  /** Of the given snapshots, those that are not the latest, and why. */
  readonly notLatest: readonly JudgedSnapshot[];
  /** No difference from the published data. */
  readonly isPublished: boolean;
  /** No difference from the data that wait for a review. */
  readonly isPending: boolean;
}

/**
 * The new data files of the site: the history is the union of published, waiting and new snapshots; the latest
 * is the newest snapshot that may be shown, never an older one than is published. The same snapshots give the same files in
 * whatever order, and in however many syncs, they come.
 * @throws {UsageError} when nothing would be kept.
 */
export function planSiteUpdate(request: SiteUpdateRequest): SiteUpdate {
  const { snapshots, published, pending = {}, retention, objections } = request;
  checkRetention(retention);
  const all = mergeSnapshots([snapshots, ...[published, pending].map(snapshotsOf)]);
  const items = all.slice(0, retention);
  const latest = chooseLatest(all, published.latest, objections);
  const files = { ...(latest === undefined ? {} : { latest }), history: makeHistory(items, request) };
  return {
    ...files,
    ...(published.latest === undefined ? {} : { previousLatest: published.latest }),
    ...differences(items, published, objections),
    notLatest: snapshots.flatMap((snapshot) => {
      if (snapshot.snapshotId === latest?.snapshotId) return [];
      return [{ snapshot, reasons: reasonsAgainst(snapshot, latest, objections) }];
    }),
    isPublished: sameFiles(files, published),
    isPending: sameFiles(files, pending),
  };
}

function checkRetention(retention: number): void {
  if (Number.isSafeInteger(retention) && retention >= 1) return;
  throw new UsageError(`Cannot keep ${retention} snapshots in the site's history; keep a whole number, at least 1`);
}

function snapshotsOf({ latest, history }: SiteFiles): SiteSnapshot[] {
  return mergeSnapshots([history?.items ?? [], latest === undefined ? [] : [latest]]);
}

/** Fields that we do not know are kept; where both branches have one, the published one is the site's own. */
function makeHistory(items: SiteSnapshot[], { published, pending, retention }: SiteUpdateRequest): SiteHistory {
  const known = published.history;
  const isSame = known?.retention === retention && canonicalText(known.items) === canonicalText(items);
  return {
    schemaVersion: "1.0",
    ...pending?.history,
    ...known,
    // Of the newest snapshot, not of the sync: the same snapshots give the same file, and nothing new changes nothing.
    generatedAt: (isSame ? known : items[0])?.generatedAt ?? new Date(0).toISOString(),
    retention,
    items,
  };
}

function chooseLatest(
  all: readonly SiteSnapshot[],
  published: SiteSnapshot | undefined,
  objections: SiteUpdateRequest["objections"],
): SiteSnapshot | undefined {
  const shown = all.find((snapshot) => objections(snapshot).length === 0);
  if (published === undefined || shown === undefined) return shown ?? published;
  // The published one may be one that we would not show; it stays until a newer one comes. One that we showed and that
  // was since exported again as not to be shown has been taken back: it gives way to an older one.
  const stays = objections(published).length > 0 && compareByAge(published, shown) < 0;
  return stays ? published : shown;
}

function differences(
  items: readonly SiteSnapshot[],
  published: SiteFiles,
  objections: SiteUpdateRequest["objections"],
): Pick<SiteUpdate, "added" | "replaced" | "dropped"> {
  const publishedItems = published.history?.items ?? [];
  const before = new Map(publishedItems.map((snapshot) => [snapshot.snapshotId, snapshot]));
  const keptIds = new Set(items.map(({ snapshotId }) => snapshotId));
  const isAdded = ({ snapshotId }: SiteSnapshot) => !before.has(snapshotId);
  return {
    added: items.filter(isAdded).map((snapshot) => ({ snapshot, reasons: objections(snapshot) })),
    replaced: items.filter((item) => !isAdded(item) && !sameContent(item, before.get(item.snapshotId))),
    dropped: publishedItems.filter(({ snapshotId }) => !keptIds.has(snapshotId)),
  };
}

function reasonsAgainst(
  snapshot: SiteSnapshot,
  latest: SiteSnapshot | undefined,
  objections: SiteUpdateRequest["objections"],
): readonly string[] {
  const reasons = objections(snapshot);
  if (reasons.length > 0 || latest === undefined) return reasons;
  return [`is older than ${latest.snapshotId} of ${latest.asOfDate}`];
}

function sameFiles(a: SiteFiles, b: SiteFiles): boolean {
  return sameContent(a.latest, b.latest) && sameContent(a.history, b.history);
}

function sameContent(a: unknown, b: unknown): boolean {
  return a === b || (a !== undefined && b !== undefined && canonicalText(a) === canonicalText(b));
}
