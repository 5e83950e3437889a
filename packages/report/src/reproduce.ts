import type { ComparedCell } from "@forgebench/artifacts";
import { pipelineCellName } from "@forgebench/series";
import type { Markup } from "./markup.ts";
import type { ComparisonReport } from "./report-document.ts";
import type { ReportedSummaries } from "./summary-rows.ts";

/** Names that need no quotes in a shell, that are no flag, and that fit into a line. */
const PLAIN = /^\w[\w.-]{0,59}$/;

/** The default suite of `bench:run`. */
const DEFAULT_SUITE = "imageforge";

/** How to measure the first of these cells again, and where the evidence is; empty if there is neither. */
export function reproduceText(
  cells: readonly ComparedCell[],
  { comparison, summaries: { head, base }, evidenceBundle }: ComparisonReport,
  markup: Markup,
): string {
  const summary = head ?? base;
  const needs = needsOf(summary, markup);
  // Without a summary the needs of a suite with its own inputs are not known.
  const isUnknown = summary === undefined && comparison.dataset?.source === "suite";
  const cell = cells.find(({ profileId, scenario }) => PLAIN.test(profileId) && PLAIN.test(scenario));
  const sentences: string[] = [];
  if (cell !== undefined && !isUnknown) {
    const what = needs.map(({ words }) => words).join(", ");
    sentences.push(`Reproduce: ${markup.code(runCommand(cell, needs))}, with ${what} and a workspace of your own.`);
  }
  if (evidenceBundle !== undefined) sentences.push(`Evidence: ${markup.name(evidenceBundle)}.`);
  return sentences.join(" ");
}

/** Something that has to be given to measure again: its flags, before or after the cell, and its name. */
interface Need {
  readonly flags: string;
  readonly isFirst?: boolean;
  readonly words: string;
}

/** A suite without images needs no tier. A suite whose command has no CLI, so that none was copied, needs no CLI. */
function needsOf(summary: ReportedSummaries["head"], markup: Markup): Need[] {
  const suite = summary?.suite?.name ?? DEFAULT_SUITE;
  const hasTier = summary?.dataset?.source !== "suite";
  const hasCli = hasTier || summary?.slots !== undefined;
  const ownSuite = { flags: "--suite SUITE", isFirst: true, words: `the file of the suite ${markup.name(suite)}` };
  return [
    ...(hasCli ? [{ flags: "--cli-path HEAD --base-cli-path BASE", words: "the two CLIs" }] : []),
    ...(suite === DEFAULT_SUITE ? [] : [ownSuite]),
    ...(hasTier ? [{ flags: "--tier-manifest TIER", words: "the tier" }] : []),
  ];
}

function runCommand({ profileId, scenario, phase }: ComparedCell, needs: readonly Need[]): string {
  const flagsOf = (isFirst: boolean) =>
    needs.filter((need) => (need.isFirst ?? false) === isFirst).map(({ flags }) => flags);
  const cell = `--cell ${pipelineCellName({ profileId, scenario, phase })}`;
  return ["pnpm run bench:run --", ...flagsOf(true), cell, ...flagsOf(false), "--workspace DIR"].join(" ");
}
