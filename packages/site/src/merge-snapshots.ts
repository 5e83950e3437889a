import type { SiteSnapshot } from "@forgebench/artifacts";

/** Newest first; for the same moment the later run, then the later attempt. The order of two does not depend on the others. */
export function compareByAge(a: SiteSnapshot, b: SiteSnapshot): number {
  return (
    Date.parse(b.generatedAt) - Date.parse(a.generatedAt) ||
    b.source.runId - a.source.runId ||
    b.source.runAttempt - a.source.runAttempt ||
    compareText(b.snapshotId, a.snapshotId)
  );
}

/**
 * The union of snapshots, newest first, each `snapshotId` once. Of two that have the same id, the one that was made later
 * counts; so the result does not depend on the order of the input or on repetitions.
 */
export function mergeSnapshots(lists: Iterable<readonly SiteSnapshot[]>): SiteSnapshot[] {
  const byId = new Map<string, SiteSnapshot>();
  for (const snapshot of [...lists].flat()) {
    const known = byId.get(snapshot.snapshotId);
    byId.set(snapshot.snapshotId, known === undefined ? snapshot : preferred(known, snapshot));
  }
  return [...byId.values()].toSorted(compareByAge);
}

/**
 * The later one, or that was exported later; of the same moment the one that says more, so that fields which the site added are kept when the snapshot
 * comes again; else any fixed choice. A total order, and whole snapshots: figures of two exports are never mixed.
 */
function preferred(a: SiteSnapshot, b: SiteSnapshot): SiteSnapshot {
  const laterMs = Date.parse(a.generatedAt) - Date.parse(b.generatedAt) || exportedMs(a) - exportedMs(b);
  if (laterMs !== 0) return laterMs > 0 ? a : b;
  const [textA, textB] = [canonicalText(a), canonicalText(b)];
  return (textA.length - textB.length || compareText(textA, textB)) >= 0 ? a : b;
}

function exportedMs({ exportedAt, generatedAt }: SiteSnapshot): number {
  return Date.parse(exportedAt ?? generatedAt);
}

/** A document as text that does not depend on the order of its keys. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => compareText(a, b)))
      : part,
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
