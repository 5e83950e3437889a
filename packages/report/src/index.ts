export { formatComparisonMarkdown } from "./comparison-markdown.ts";
export { comparisonHeadline, formatComparisonTerminal } from "./comparison-terminal.ts";
export { escapeMarkdown, escapeTerminal, markdownCode } from "./escape.ts";
export { formatMeasurement } from "./measurement-table.ts";
export { planSiteSnapshot, type SiteSnapshotRequest } from "./site-snapshot.ts";
export { findPrivateTexts, findSnapshotProblems, type SnapshotProblem } from "./site-snapshot-problems.ts";
export { formatSummariesMarkdown, formatSummariesTerminal } from "./summary-report.ts";
export type { ReportedSummaries } from "./summary-rows.ts";
