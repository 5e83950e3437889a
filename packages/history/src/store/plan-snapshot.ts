import { isUtf8 } from "node:buffer";
import { parseArtifact, type SiteSnapshot, serializeArtifact, siteSnapshot } from "@forgebench/artifacts";
import { ArtifactError, type ArtifactIssue } from "@forgebench/errors";
import type { StoredPart } from "./history-lines.ts";

/** The snapshots that a store keeps: more than the website shows, so that weeks without an approval lose no night. */
export const KEPT_SNAPSHOTS = 40;

/** A snapshot of thousands of cells has a few megabytes. */
export const MAX_SNAPSHOT_BYTES = 10_000_000;

/** The changes to a store so that it keeps a snapshot. */
export interface SnapshotPlan {
  /** `too old`: the store keeps as many newer ones as it may. */
  readonly status: "appended" | "replaced" | "unchanged" | "too old";
  /** Where the snapshot is kept. */
  readonly path: string;
  readonly parts: readonly StoredPart[];
  /** Paths of older snapshots that are removed. */
  readonly removed: readonly string[];
}

/** Whether a path in a store is that of a snapshot. */
export function isSnapshotPath(path: string): boolean {
  return /^snapshots\/\d+\.\d+\.json$/.test(path);
}

/** `snapshots/22036204221.1.json` */
function snapshotPath({ snapshotId }: SiteSnapshot): string {
  return `snapshots/${snapshotId}.json`;
}

/**
 * Plans to keep a snapshot beside the existing ones. Of two of the same run the one that was exported later counts, as on
 * the website; one that says the same but for when it was exported changes nothing.
 * @throws {ArtifactError} naming every kept snapshot that cannot be read, or that the given one has another run's id.
 */
export function planSnapshot(stored: readonly StoredPart[], given: SiteSnapshot, name: string): SnapshotPlan {
  checkId(given);
  const kept = readSnapshots(stored, name);
  const path = snapshotPath(given);
  const known = kept.find(({ snapshotId }) => snapshotId === given.snapshotId);
  const nothing = { path, parts: [], removed: [] };
  if (known !== undefined && !isNewsTo(known, given)) return { status: "unchanged", ...nothing };
  const others = kept.filter((snapshot) => snapshot !== known);
  const sorted = [given, ...others].toSorted(compareByAge);
  if (sorted.indexOf(given) >= KEPT_SNAPSHOTS) return { status: "too old", ...nothing };
  const bytes = Buffer.from(serializeArtifact(siteSnapshot, given, path));
  checkSize(bytes, path);
  const removed = sorted.slice(KEPT_SNAPSHOTS).map(snapshotPath);
  return { status: known === undefined ? "appended" : "replaced", path, parts: [{ path, bytes }], removed };
}

function checkId({ snapshotId, source: { runId, runAttempt } }: SiteSnapshot): void {
  if (snapshotId === `${runId}.${runAttempt}`) return;
  const message = `${JSON.stringify(snapshotId)} is not ${runId}.${runAttempt}, as source.runId and source.runAttempt say`;
  throw wrong("the snapshot", [{ path: "snapshotId", message }], "Cannot keep");
}

function checkSize(bytes: Uint8Array, path: string): void {
  if (bytes.length <= MAX_SNAPSHOT_BYTES) return;
  const message = `it has ${bytes.length} bytes; at most ${MAX_SNAPSHOT_BYTES} are allowed`;
  throw wrong(path, [{ path: "", message }], "Cannot keep");
}

function readSnapshots(stored: readonly StoredPart[], name: string): SiteSnapshot[] {
  const issues: ArtifactIssue[] = [];
  const snapshots = stored.flatMap(({ path, bytes }) => {
    try {
      const snapshot = parseArtifact(siteSnapshot, decode(bytes, path), path);
      if (snapshotPath(snapshot) === path) return [snapshot];
      issues.push({ path: `${path}, snapshotId`, message: `it belongs to another run: ${snapshot.snapshotId}` });
    } catch (error) {
      if (!(error instanceof ArtifactError)) throw error;
      for (const issue of error.issues) {
        issues.push({ path: issue.path === "" ? path : `${path}, ${issue.path}`, message: issue.message });
      }
    }
    return [];
  });
  if (issues.length === 0) return snapshots;
  throw wrong(name, issues, "Cannot read", "restore the file from git, or remove it; nothing was changed");
}

function decode(bytes: Uint8Array, path: string): string {
  if (isUtf8(bytes)) return Buffer.from(bytes).toString();
  throw wrong(path, [{ path: "", message: "not UTF-8 text" }], "Cannot read");
}

function wrong(path: string, issues: readonly ArtifactIssue[], action: string, remedy?: string): ArtifactError {
  const details = remedy === undefined ? {} : { details: [{ label: "try", text: remedy }] };
  return new ArtifactError({ path, kind: siteSnapshot.kind, action, issues, ...details });
}

function isNewsTo(known: SiteSnapshot, given: SiteSnapshot): boolean {
  const laterMs =
    Date.parse(given.generatedAt) - Date.parse(known.generatedAt) || exportedMs(given) - exportedMs(known);
  return laterMs > 0 && contentOf(known) !== contentOf(given);
}

/** All but when it was exported. */
function contentOf({ exportedAt: _, asOfDate: _day, ...content }: SiteSnapshot): string {
  return JSON.stringify(content);
}

function exportedMs({ exportedAt, generatedAt }: SiteSnapshot): number {
  return Date.parse(exportedAt ?? generatedAt);
}

/** Newest first, by when they were measured. */
function compareByAge(a: SiteSnapshot, b: SiteSnapshot): number {
  return (
    Date.parse(b.generatedAt) - Date.parse(a.generatedAt) ||
    b.source.runId - a.source.runId ||
    b.source.runAttempt - a.source.runAttempt
  );
}
