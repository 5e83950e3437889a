import type { GovernanceCheck, GovernanceReview, GovernanceStatus } from "@forgebench/artifacts";
import { escapeMarkdown } from "@forgebench/errors";
import { markdownLink, markdownTable } from "../markdown.ts";
import { describeRate } from "./night-rates.ts";

/** The texts of a period's one issue. */
interface GovernanceText {
  readonly title: string;
  /** The issue's text, which explains the review and is written once. */
  readonly issue: string;
  /** The one comment, which every review of the period replaces. */
  readonly comment: string;
}

const WORDS = { pass: "✓ pass", fail: "✗ fail", unknown: "~ unknown" } as const satisfies Record<
  GovernanceStatus,
  string
>;

/** The invisible mark by which the issue of a period, and the comment in it, are found again. */
export function governanceMarker(period: string, part: "issue" | "comment"): string {
  return `<!-- forgebench:governance-${part} ${period} -->`;
}

/** The review as Markdown; all that it quotes is text from outside. */
export function describeGovernance(review: GovernanceReview): GovernanceText {
  const { period, passed, summary, checks, rates } = review;
  const comment = [
    `**${passed ? "Passed" : "Open"}.** ${escapeMarkdown(summary, 1000)}`,
    subject(review),
    markdownTable(["check", "status", "found"], checks.map(checkRow)),
    ...remedies(checks),
    `Nights of ${period}: false alarms ${describeRate(rates.falseAlarms)}, missed slowdowns ${describeRate(rates.misses)} (of ${rates.misses.total} nights that checked themselves, 95 % intervals).`,
    `Reviewed at ${escapeMarkdown(review.generatedAt)}.\n\n${governanceMarker(period, "comment")}`,
  ].join("\n\n");
  const issue = [
    `The review of the published benchmark figures for ${period}. The comment below is updated; the issue is closed when every check passes.`,
    governanceMarker(period, "issue"),
  ].join("\n\n");
  return { title: `Benchmark governance ${period}`, issue: `${issue}\n`, comment: `${comment}\n` };
}

function subject({ snapshot, pullRequestUrl }: GovernanceReview): string {
  if (snapshot === null) return "No latest snapshot could be read.";
  const { snapshotId, generatedAt, tier, datasetVersion, runner } = snapshot;
  const measured = [tier, `dataset ${datasetVersion}`, runner, generatedAt].map((text) => escapeMarkdown(text, 60));
  const by = pullRequestUrl === null ? "" : `, published by ${markdownLink(pullRequestUrl, pullRequestUrl)}`;
  return `Latest: ${escapeMarkdown(snapshotId, 40)} (${measured.join(", ")})${by}.`;
}

function checkRow({ title, status, blocking, detail }: GovernanceCheck): string[] {
  return [escapeMarkdown(title), `${WORDS[status]}${blocking ? "" : " (not blocking)"}`, escapeMarkdown(detail, 500)];
}

function remedies(checks: readonly GovernanceCheck[]): string[] {
  const lines = checks.filter(({ status }) => status !== "pass");
  if (lines.length === 0) return [];
  return [
    ["To do:", "", ...lines.map(({ title, remedy }) => `- ${escapeMarkdown(title)}: ${escapeMarkdown(remedy)}`)].join(
      "\n",
    ),
  ];
}
