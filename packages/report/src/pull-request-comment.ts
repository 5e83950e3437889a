import type { Comparison } from "@forgebench/artifacts";
import { formatComparisonMarkdown } from "./comparison-report.ts";
import { markdownCode } from "./escape.ts";
import type { ReportedSummaries } from "./summary-rows.ts";

/** The data of a comment on a pull request besides the comparison. */
export interface CommentFacts {
  /** The run that measured; the numbers of later ones are larger. */
  readonly runId: number;
  readonly runUrl: string;
  /** The tip of the pull request's branch that was measured. */
  readonly headCommit: string;
}

/** The beginning of every such comment. */
export const COMMENT_MARKER = "<!-- forgebench:comment run=";

/** GitHub refuses comments above 65,536 characters. */
const MAX_CHARS = 60_000;

const ADVISORY =
  "**Advisory:** code of a pull request can change its own measurement, so these figures are not trusted and block nothing.";

/** A comparison as the comment on a pull request: the verdict, how far to trust it, then the rest of the report. */
export function formatPullRequestComment(
  comparison: Comparison,
  summaries: ReportedSummaries,
  { runId, runUrl, headCommit }: CommentFacts,
): string {
  // Nobody can accept a regression of a pull request: an acceptance in the artifact was forged by its code.
  const { acceptance: _, ...told } = comparison;
  const [answer, rest] = splitAnswer(formatComparisonMarkdown(told, summaries));
  const origin = `Commit ${markdownCode(headCommit.slice(0, 12))}, [run ${runId}](${runUrl}).`;
  const first = `${COMMENT_MARKER}${runId} -->\n\n${answer}\n\n${ADVISORY} ${origin}\n`;
  const whole = `${first}\n${rest}`;
  return whole.length < MAX_CHARS
    ? whole
    : `${first}\nThe report is too long for a comment; it is in the artifact of the run.\n`;
}

/** Replaces the figures of an earlier commit, which could be mistaken for those of this one. */
export function formatUnmeasuredComment({ runId, runUrl, headCommit }: CommentFacts): string {
  const answer = `> **Not measured.** The run of commit ${markdownCode(headCommit.slice(0, 12))} left no comparison.`;
  return `${COMMENT_MARKER}${runId} -->\n\n${answer}\n\n[Run ${runId}](${runUrl}) has the reason.\n`;
}

/** The run that a comment is about; undefined if it is not such a comment. */
export function runIdOfComment(body: string): number | undefined {
  return body.startsWith(COMMENT_MARKER) ? runIdAfter(body, COMMENT_MARKER) : undefined;
}

/** The number after a mark, up to its end. */
export function runIdAfter(body: string, marker: string): number | undefined {
  const digits = /^\d{1,15}(?= -->)/.exec(body.slice(marker.length))?.[0];
  return digits === undefined ? undefined : Number(digits);
}

/** The answer of a report, its first section, and what follows. */
export function splitAnswer(report: string): readonly [answer: string, rest: string] {
  const end = report.indexOf("\n\n");
  return end < 0 ? [report.trimEnd(), ""] : [report.slice(0, end), report.slice(end + 2)];
}
