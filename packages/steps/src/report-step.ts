import { type Comparison, comparison, summary } from "@forgebench/artifacts";
import { assertMadeFrom, assertOutcomeFollows, type Side } from "@forgebench/evidence";
import { readArtifact } from "@forgebench/io";
import {
  comparisonHeadline,
  formatComparisonMarkdown,
  formatComparisonTerminal,
  formatSummariesMarkdown,
  formatSummariesTerminal,
  type ReportedSummaries,
  type TerminalOptions,
} from "@forgebench/report";

/** How a report is written: as Markdown, as plain text for a terminal, or as JSON for programs. */
export type ReportFormat = "md" | "terminal" | "json";

/** The reported files, at least one, and the form of the report. */
export interface ReportRequest {
  readonly compare?: string | undefined;
  readonly headSummary?: string | undefined;
  readonly baseSummary?: string | undefined;
  readonly format: ReportFormat;
  readonly layout: TerminalOptions;
}

/**
 * A report as text.
 * @throws {ArtifactError} for an input that is wrong, or summaries that are not those of the comparison.
 */
export async function reportStep(request: ReportRequest): Promise<string> {
  return FORMATS[request.format](await readReported(request), request.layout);
}

/** The data of a report: at least one of them. */
interface Reported {
  readonly made?: Comparison | undefined;
  readonly summaries: ReportedSummaries;
}

async function readReported({ compare, headSummary, baseSummary }: ReportRequest): Promise<Reported> {
  const made = compare === undefined ? undefined : (await readArtifact(comparison, compare)).value;
  if (made !== undefined) assertOutcomeFollows(made, compare ?? "");
  const readSide = async (side: Side, file: string | undefined) => {
    if (file === undefined) return undefined;
    const { value, sha256 } = await readArtifact(summary, file);
    if (made !== undefined) assertMadeFrom(made, compare ?? "", side, { summary: value, sha256 });
    return value;
  };
  return { made, summaries: { head: await readSide("head", headSummary), base: await readSide("base", baseSummary) } };
}

const FORMATS = {
  md: ({ made, summaries }: Reported) =>
    made === undefined ? formatSummariesMarkdown(summaries) : formatComparisonMarkdown(made, summaries),
  terminal: ({ made, summaries }: Reported, layout: TerminalOptions) =>
    made === undefined ? formatSummariesTerminal(summaries, layout) : formatComparisonTerminal(made, summaries, layout),
  json: ({ made, summaries }: Reported) => {
    const verdict = made === undefined ? {} : { headline: comparisonHeadline(made, summaries), outcome: made.outcome };
    return `${JSON.stringify({ ...verdict, comparison: made, ...summaries }, null, 2)}\n`;
  },
} as const satisfies Record<ReportFormat, (reported: Reported, layout: TerminalOptions) => string>;
