import type { SiteHistory, SiteSnapshot } from "@forgebench/artifacts";
import { canonicalText, compareByAge, mergeSnapshots } from "./merge-snapshots.ts";

/** The two data files of a website, as they are on a branch; a file that is not there is absent. */
export interface SiteFiles {
  readonly latest?: SiteSnapshot;
  readonly history?: SiteHistory;
}

export interface SiteUpdateRequest {
  readonly snapshots: readonly SiteSnapshot[];
  /** On the site's default branch: what is published. */
  readonly published: SiteFiles;
  /** On the automation branch: what waits for a review. */
  readonly pending?: SiteFiles;
  /** How many snapshots the history keeps. */
  readonly retention: number;
  /** Why a snapshot is not to be shown as the latest; empty when it may be. */
  readonly objections: (snapshot: SiteSnapshot) => readonly string[];
}

export interface SiteUpdate {
  /** Absent where no snapshot may be shown and none was. */
  readonly latest?: SiteSnapshot;
  readonly history: SiteHistory;
  /** In the history and not in the published one, newest first. */
  readonly added: readonly SiteSnapshot[];
  /** Published ones that are older than the history goes back. */
  readonly dropped: readonly SiteSnapshot[];
  /** Of the given snapshots, those that are not the latest, and why. */
  readonly notLatest: readonly { readonly snapshot: SiteSnapshot; readonly reasons: readonly string[] }[];
  /** Nothing differs from what is published. */
  readonly isPublished: boolean;
  /** Nothing differs from what waits for a review. */
  readonly isPending: boolean;
}

/**
 * What the site's data files become: the history is the union of what is published, what waits and what is new; the latest
 * is the newest snapshot that may be shown, never an older one than is published. The same snapshots give the same files in
 * whatever order they come.
 */
export function planSiteUpdate(request: SiteUpdateRequest): SiteUpdate {
  const { snapshots, published, pending = {}, retention, objections } = request;
  const all = mergeSnapshots([snapshots, ...[published, pending].map(snapshotsOf)]);
  const items = all.slice(0, retention);
  const latest = chooseLatest(all, published.latest, objections);
  const newest = items[0];
  const history: SiteHistory = {
    ...(pending.history ?? published.history),
    schemaVersion: "1.0",
    // Of the newest snapshot, not of the sync: the same snapshots give the same file.
    generatedAt: newest?.generatedAt ?? published.history?.generatedAt ?? new Date(0).toISOString(),
    retention,
    items,
  };
  const files: SiteFiles = { ...(latest === undefined ? {} : { latest }), history };
  const publishedIds = new Set(snapshotsOf(published).map(({ snapshotId }) => snapshotId));
  const keptIds = new Set(items.map(({ snapshotId }) => snapshotId));
  return {
    ...files,
    history,
    added: items.filter(({ snapshotId }) => !publishedIds.has(snapshotId)),
    dropped: snapshotsOf(published).filter(({ snapshotId }) => !keptIds.has(snapshotId)),
    notLatest: snapshots.flatMap((snapshot) => {
      if (snapshot.snapshotId === latest?.snapshotId) return [];
      return [{ snapshot, reasons: reasonsAgainst(snapshot, latest, objections) }];
    }),
    isPublished: sameFiles(files, published),
    isPending: sameFiles(files, pending),
  };
}

function snapshotsOf({ latest, history }: SiteFiles): SiteSnapshot[] {
  return mergeSnapshots([history?.items ?? [], latest === undefined ? [] : [latest]]);
}

function chooseLatest(
  all: readonly SiteSnapshot[],
  published: SiteSnapshot | undefined,
  objections: SiteUpdateRequest["objections"],
): SiteSnapshot | undefined {
  const [shown] = all.filter((snapshot) => objections(snapshot).length === 0);
  if (published === undefined || shown === undefined) return shown ?? published;
  // What is published may be one that we would not show; it stays until a newer one comes.
  const current = all.find(({ snapshotId }) => snapshotId === published.snapshotId) ?? published;
  return compareByAge(shown, current) <= 0 ? shown : current;
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
  return canonicalText([a.latest, a.history]) === canonicalText([b.latest, b.history]);
}
