import type { Comparison } from "@forgebench/artifacts";
import type { Markup } from "./markup.ts";
import type { ListSection, Section } from "./report-document.ts";
import { failureLines, type ReportedSummaries } from "./summary-rows.ts";

/** Who accepts the regression, and why; the verdict does not change. Empty if nobody does. */
export function acceptanceSentence({ acceptance }: Comparison, markup: Markup): string {
  if (acceptance === undefined) return "";
  const { by, reason } = acceptance;
  return `${markup.strong("Accepted")} by ${markup.prose(by)}: ${markup.prose(reason)}`;
}

/** The failed runs of the summaries. */
export function failureList(title: string, summaries: ReportedSummaries, markup: Markup): ListSection {
  const items = failureLines(summaries).map((line) => ({ text: markup.prose(line) }));
  return { kind: "list", title, items, maxChars: 4000 };
}

/** When, and of which files, a comparison was made. */
export function inputSection({ inputs = [], generatedAt }: Comparison, markup: Markup): Section {
  const named = inputs.map(
    ({ role, path, sha256 }) => `${role ?? "input"} ${markup.name(path)} (sha256 ${markup.name(sha256.slice(0, 12))})`,
  );
  const text = `${[`Compared at ${markup.prose(generatedAt)}`, ...named].join("; ")}.`;
  return { kind: "text", text, only: "page" };
}
