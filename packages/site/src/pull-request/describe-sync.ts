import { isLocalRun, type SiteSnapshot } from "@forgebench/artifacts";
import { counted, escapeMarkdown, printableLine } from "@forgebench/errors";
import { boundedLines, markdownLink, markdownTable } from "../markdown.ts";
import { canonicalText } from "../merge-snapshots.ts";
import type { JudgedSnapshot, SiteUpdate } from "../plan-site-update.ts";
import { headlineTable } from "./headline-table.ts";

/** By this invisible mark a sync finds its own pull request again. */
export const SITE_SYNC_MARKER = "<!-- forgebench:site-sync -->";

/** Around an update: all of it is text from outside. */
export interface SyncContext {
  /** The run that carries out the sync; absent where nobody named it. */
  readonly runUrl?: string;
  readonly siteBranch: string;
  /** The two files that change. */
  readonly files: readonly string[];
  /** Addresses of earlier pull requests from the branch that were closed without being merged. */
  readonly closedByHand: readonly string[];
  /** The formatter settings of the website that were not followed. */
  readonly notes: readonly string[];
}

interface PullRequestText {
  /** Plain text of at most 100 characters. */
  readonly title: string;
  /** Markdown of less than 60,000 characters. */
  readonly body: string;
}

const MAX_TABLE_LENGTH = 30_000;
const MAX_LIST_LENGTH = 4_000;
const MAX_REASON_LENGTH = 200;

/** The text of the pull request for an update: the change of the latest, the figures, the nights, and a list to check. */
export function describeSync(update: SiteUpdate, context: SyncContext): PullRequestText {
  const { latest, previousLatest } = update;
  const sections = [
    `**${verdictOf(update)}**`,
    ...(latest === undefined || isSame(latest, previousLatest) ? [] : [headlineTable(previousLatest, latest)]),
    nightsSection(update),
    changesSection(update),
    listSection(
      "Closed without being merged before this one; their snapshots are included here:",
      context.closedByHand,
    ),
    listSection("Notes about the website's formatter settings:", context.notes),
    checklist(update, context),
    footer(context),
  ];
  return { title: titleOf(update), body: `${sections.filter((text) => text !== "").join("\n\n")}\n` };
}

function verdictOf({ latest, previousLatest, added, notLatest }: SiteUpdate): string {
  const reason = whyNotNewer([...added, ...notLatest]);
  if (latest === undefined) return `Nothing is shown as the latest: ${reason}`;
  const name = `${escapeMarkdown(latest.snapshotId, 40)} (${describeSnapshot(latest)})`;
  if (isSame(latest, previousLatest)) return `Latest stays ${name}: ${reason}`;
  if (latest.snapshotId === previousLatest?.snapshotId) return `Latest is replaced by another export of ${name}`;
  if (previousLatest === undefined || isNewer(latest, previousLatest)) return `Latest becomes ${name}`;
  return `Latest goes back to ${name}: ${escapeMarkdown(previousLatest.snapshotId, 40)} was taken back`;
}

/** For a run on a person's own machine the table is enough. */
function whyNotNewer(judged: readonly JudgedSnapshot[]): string {
  const found = judged.find(({ reasons }) => reasons.length > 0);
  if (found === undefined) return "nothing newer may be shown";
  if (isLocalRun(found.snapshot)) return "the newest run is not from a workflow";
  return `${escapeMarkdown(found.snapshot.snapshotId, 40)}: ${reasonsText(found.reasons)}`;
}

/** Exported again, a snapshot may have other figures under the same id. */
function isSame(a: SiteSnapshot, b: SiteSnapshot | undefined): boolean {
  return a.snapshotId === b?.snapshotId && canonicalText(a) === canonicalText(b);
}

function isNewer(a: SiteSnapshot, b: SiteSnapshot): boolean {
  return Date.parse(a.generatedAt) >= Date.parse(b.generatedAt);
}

function describeSnapshot(snapshot: SiteSnapshot): string {
  const { source, asOfDate } = snapshot;
  return [escapeMarkdown(source.tier, 40), escapeMarkdown(asOfDate, 40), outcomeOf(snapshot)].join(", ");
}

/** Older snapshots say only how many alerts there were. */
function outcomeOf({ outcome, summary: { alertCount }, acceptance }: SiteSnapshot): string {
  const found = outcome ?? (alertCount === 0 ? "no alerts" : counted(alertCount, "alert"));
  if (acceptance === undefined) return found;
  const { by, reason } = acceptance;
  const why = reason === undefined ? "" : `: ${escapeMarkdown(reason, MAX_REASON_LENGTH)}`;
  return `${found}, accepted by ${escapeMarkdown(by, 60)}${why}`;
}

function reasonsText(reasons: readonly string[]): string {
  return escapeMarkdown(reasons.join("; "));
}

function nightsSection({ added }: SiteUpdate): string {
  if (added.length === 0) return "No night is added.";
  const rows = added.map(nightRow);
  const table = markdownTable(["night", "as of", "tier", "outcome", "canonical"], rows).split("\n");
  const lines = boundedLines(table, MAX_TABLE_LENGTH, (count) => `\nand ${count} more.`);
  return `${counted(added.length, "night")} added:\n\n${lines.join("\n")}`;
}

function nightRow({ snapshot, reasons }: JudgedSnapshot): string[] {
  const { snapshotId, source, asOfDate } = snapshot;
  return [
    isLocalRun(snapshot) ? escapeMarkdown(snapshotId, 40) : markdownLink(snapshotId, source.runUrl),
    escapeMarkdown(asOfDate, 40),
    escapeMarkdown(source.tier, 40),
    outcomeOf(snapshot),
    reasons.length === 0 ? "yes" : `no: ${reasonsText(reasons)}`,
  ];
}

function changesSection({ replaced, dropped, history }: SiteUpdate): string {
  const idsOf = (snapshots: readonly SiteSnapshot[]) => {
    const ids = snapshots.map(({ snapshotId }) => escapeMarkdown(snapshotId, 40));
    return ids.length <= 20 ? ids.join(", ") : `${ids.slice(0, 20).join(", ")} and ${ids.length - 20} more`;
  };
  const kept = `The history keeps ${counted(history.retention, "snapshot")}`;
  return [
    ...(replaced.length === 0 ? [] : [`Replaced by a later export of the same run: ${idsOf(replaced)}.`]),
    dropped.length === 0 ? `${kept} and removes none.` : `${kept} and removes ${idsOf(dropped)}.`,
  ].join("\n");
}

function listSection(title: string, texts: readonly string[]): string {
  if (texts.length === 0) return "";
  const lines = texts.map((text) => `- ${markdownLink(text, text)}`);
  return [title, "", ...boundedLines(lines, MAX_LIST_LENGTH, (count) => `- and ${count} more`)].join("\n");
}

function checklist({ latest }: SiteUpdate, { files }: SyncContext): string {
  return [
    "To check before merging:",
    "",
    `- [ ] The only changed files are ${files.map((file) => escapeMarkdown(file, 100)).join(" and ")}`,
    ...(latest === undefined ? [] : checksOfLatest(latest)),
    "- [ ] The links above and those of the preview answer",
    "- [ ] The approval is for the last commit: when the bot pushes again, approve again",
  ].join("\n");
}

function checksOfLatest({ source, controls }: SiteSnapshot): string[] {
  const { tier, datasetVersion, runner, nodeVersion } = source;
  const measured = [tier, `dataset ${datasetVersion}`, runner, `Node ${nodeVersion}`];
  return [
    `- [ ] Tier, dataset version, runner and profiles of the latest are as the standard says: ${measured.map((text) => escapeMarkdown(text, 40)).join(", ")}`,
    `- [ ] Its run ended as stated above${wordsOnControls(controls)}`,
  ];
}

function wordsOnControls(controls: SiteSnapshot["controls"]): string {
  if (controls === undefined) return "; its snapshot has no controls";
  if (controls.status !== "passed") return `; the state of its controls: ${controls.status}`;
  const planted = controls.planted?.length === 0 ? "no slowdown was planted" : "planted slowdowns found";
  return `, and its controls passed: null check quiet, ${planted}`;
}

function footer({ runUrl, siteBranch }: SyncContext): string {
  const by =
    runUrl === undefined
      ? "Made by hand, or by a run that is not named,"
      : `Made by ${markdownLink("this run", runUrl)}`;
  return `${by} on branch ${escapeMarkdown(siteBranch, 100)}. It is never merged automatically.\n\n${SITE_SYNC_MARKER}`;
}

function titleOf({ latest, previousLatest, added }: SiteUpdate): string {
  const nights = `${counted(added.length, "night")} added`;
  const state =
    latest === undefined
      ? `${nights}, none shown as the latest`
      : isSame(latest, previousLatest)
        ? `${nights}, latest stays`
        : `latest ${latest.snapshotId} (${latest.source.tier}, ${latest.asOfDate}), ${nights}`;
  // Letters, digits and plain punctuation: nothing of it is markup anywhere.
  return printableLine(`Benchmarks: ${state}`.replace(/[^\p{L}\p{N} .,:()/+-]+/gu, " "), 100);
}
