import type { Comparison } from "@forgebench/artifacts";
import { formatComparisonMarkdown } from "./comparison-report.ts";
import { alertRows, comparisonRows } from "./comparison-rows.ts";
import { markdownCode } from "./escape.ts";
import { groupCells } from "./evidence-cells.ts";
import { formatChange } from "./format-figures.ts";
import { runIdAfter, splitAnswer } from "./pull-request-comment.ts";
import type { ReportedSummaries } from "./summary-rows.ts";

/** The data of the issue of a line besides the comparison. */
export interface AlertFacts {
  /** The name of the series of nights, such as `nightly`: a plain word. */
  readonly line: string;
  /** The numbers of later runs are larger. */
  readonly runId: number;
  readonly runUrl: string;
  /** Full hashes of the compared commits, if they are known. */
  readonly baseCommit?: string | undefined;
  readonly headCommit?: string | undefined;
  /** The result of a bisection: the commit, or the oldest and the newest of several that it could not tell apart. */
  readonly culprit?: Culprit | Suspects | undefined;
}

interface Culprit {
  readonly commit: string;
  readonly confidence: number;
}

interface Suspects {
  readonly oldest: string;
  readonly newest: string;
  readonly confidence: number;
}

/** The new title and text of an issue, and the comment of this night. */
export interface AlertTexts {
  readonly title: string;
  readonly body: string;
  readonly comment: string;
}

/** The beginning of the issue of a line, and of the comment of one night on it. */
export function alertMarkers({ line, runId }: Pick<AlertFacts, "line" | "runId">) {
  return { issue: alertMarker(line), night: `${nightMarker(line)}${runId} -->` };
}

/** The run that the text of a line's issue, or the comment of one of its nights, is about. */
export function runIdOfAlert(line: string, text: string): number | undefined {
  const mark = [alertMarker(line), nightMarker(line)].find((known) => text.startsWith(known));
  return mark === undefined ? undefined : runIdAfter(text, mark);
}

function alertMarker(line: string): string {
  return `<!-- forgebench:alert line=${line} run=`;
}

function nightMarker(line: string): string {
  return `<!-- forgebench:night line=${line} run=`;
}

/** A red night: its report as the text of the issue, its answer as a comment on one that is open already. */
export function formatRegression(comparison: Comparison, summaries: ReportedSummaries, facts: AlertFacts): AlertTexts {
  const { issue, night } = alertMarkers(facts);
  const [answer, rest] = splitAnswer(formatComparisonMarkdown(comparison, summaries));
  const where = [...commitLines(facts), `Night: [run ${facts.runId}](${facts.runUrl}), with its artifacts.`].join("\n");
  const stays = `This issue is updated by every red night of the line ${markdownCode(facts.line)}, and closed by the next green one.`;
  return {
    title: titleOf(comparison, facts.line),
    body: `${issue}${facts.runId} -->\n\n${answer}\n\n${where}\n${stays}\n\n${rest}`,
    comment: `${night}\n\n${answer}\n\n${where}\n`,
  };
}

/** The comment that closes the issue. */
export function formatGreenNight(comparison: Comparison, summaries: ReportedSummaries, facts: AlertFacts): string {
  const { night } = alertMarkers(facts);
  const [answer] = splitAnswer(formatComparisonMarkdown(comparison, summaries));
  const where = [...commitLines(facts), `Closed by a green night: [run ${facts.runId}](${facts.runUrl}).`].join("\n");
  return `${night}\n\n${answer}\n\n${where}\n`;
}

function commitLines({ baseCommit, headCommit, culprit }: AlertFacts): string[] {
  const range =
    baseCommit === undefined || headCommit === undefined
      ? []
      : [
          `Commits: after ${short(baseCommit)} up to ${short(headCommit)} (${markdownCode(`git log --first-parent ${baseCommit.slice(0, 12)}..${headCommit.slice(0, 12)}`)}).`,
        ];
  return [...range, ...(culprit === undefined ? [] : [culpritLine(culprit)])];
}

function culpritLine(found: Culprit | Suspects): string {
  const sure = `caused it, with ${(found.confidence * 100).toFixed(1)} % confidence`;
  if ("commit" in found) return `Bisected: ${short(found.commit)} ${sure}.`;
  const { oldest, newest } = found;
  const list = markdownCode(`git log --first-parent ${oldest.slice(0, 12)}^..${newest.slice(0, 12)}`);
  const why = "The time was over, or commits between them could not be built or run.";
  return `Bisected: one of the commits from ${short(oldest)} up to ${short(newest)}, both included, ${sure} (${list}). ${why}`;
}

function short(commit: string): string {
  return markdownCode(commit.slice(0, 12));
}

/** A title is no Markdown: only names that need no escape are used in it. */
const PLAIN = /^[\w.-]+(\/[\w.-]+){1,4}$/;

function titleOf(comparison: Comparison, line: string): string {
  const [first, ...others] = alertsOf(comparison);
  if (first === undefined) return `Benchmark regression (${line})`;
  const name = PLAIN.test(first.name) && first.name.length <= 80 ? first.name : "a cell";
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return `Benchmark regression (${line}): ${name} ${formatChange(first.changePct)}${more}`;
}

function alertsOf(comparison: Comparison): { readonly name: string; readonly changePct: number | null }[] {
  if (comparison.policy === "evidence") {
    return groupCells(comparison).alerts.map(({ id, changePct }) => ({ name: id, changePct }));
  }
  return alertRows(comparisonRows(comparison)).map(({ cell, changePct }) => ({ name: cell, changePct }));
}
