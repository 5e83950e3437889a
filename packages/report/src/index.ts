export {
  comparisonHeadline,
  formatComparisonMarkdown,
  formatComparisonTerminal,
  type TerminalOptions,
} from "./comparison-report.ts";
export { escapeTerminal, markdownCode } from "./escape.ts";
export { formatMeasurement } from "./measurement-table.ts";
export { drawPowerChart, type PowerChart, type PowerPanel, type PowerPoint, type PowerSeries } from "./power-chart.ts";
export { formatPowerMarkdown } from "./power-markdown.ts";
export type { PowerRecording } from "./power-recording.ts";
export {
  COMMENT_MARKER,
  type CommentFacts,
  formatPullRequestComment,
  formatUnmeasuredComment,
  runIdOfComment,
} from "./pull-request-comment.ts";
export { type PullRequestPage, renderPullRequestPage } from "./pull-request-page.ts";
export { type RegressedCells, regressedCells } from "./regressed-cells.ts";
export {
  type AlertFacts,
  type AlertTexts,
  alertMarkers,
  formatGreenNight,
  formatRegression,
  runIdOfAlert,
} from "./regression-issue.ts";
export { type ReleaseTextRequest, renderReleaseText } from "./release-text.ts";
export type { ReportExtras } from "./report-document.ts";
export type { SitePreviewFacts, SitePreviewRequest } from "./site-preview/nights.ts";
export { renderSitePreview } from "./site-preview/site-preview.ts";
export { planSiteSnapshot, type SiteSnapshotRequest } from "./site-snapshot.ts";
export { findPrivateTexts, findSnapshotProblems, type SnapshotProblem } from "./site-snapshot-problems.ts";
export { formatSummariesMarkdown, formatSummariesTerminal } from "./summary-report.ts";
export type { ReportedSummaries } from "./summary-rows.ts";
export { type UnjudgedReason, unjudgedReasons } from "./unjudged-reasons.ts";
