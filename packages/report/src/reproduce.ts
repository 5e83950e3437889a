import type { ComparedCell } from "@forgebench/artifacts";
import { pipelineCellName } from "@forgebench/series";
import type { Markup } from "./markup.ts";
import type { ReportedSummaries } from "./summary-rows.ts";

/** What a report may name besides its artifacts. */
export interface ReportExtras {
  /** The file name of the evidence bundle. */
  readonly evidenceBundle?: string | undefined;
}

/** Names that a shell takes as they are, that are no flag, and that a line has room for. */
const PLAIN = /^\w[\w.-]{0,59}$/;

/** What `bench:run` measures when it is not told. */
const DEFAULT_SUITE = "imageforge";

/** How to measure the first of these cells again, and where the evidence lies; no line when there is neither. */
export function reproduceLines(
  cells: readonly ComparedCell[],
  { head, base }: ReportedSummaries,
  extras: ReportExtras,
  markup: Markup,
): string[] {
  const suite = (head ?? base)?.suite?.name ?? DEFAULT_SUITE;
  const isOther = suite !== DEFAULT_SUITE;
  const own = isOther ? `, the file of the suite ${markup.name(suite)}` : "";
  const cell = cells.find(({ profileId, scenario }) => PLAIN.test(profileId) && PLAIN.test(scenario));
  const command =
    cell === undefined
      ? []
      : [
          `Reproduce: ${markup.code(runCommand(cell, isOther))}, with the two CLIs${own}, the tier and a workspace of your own.`,
        ];
  const { evidenceBundle } = extras;
  const evidence = evidenceBundle === undefined ? [] : [`Evidence: ${markup.name(evidenceBundle)}.`];
  const lines = [...command, ...evidence];
  return lines.length === 0 ? [] : [lines.join(" ")];
}

function runCommand({ profileId, scenario, phase }: ComparedCell, hasOtherSuite: boolean): string {
  const suite = hasOtherSuite ? " --suite SUITE" : "";
  return `pnpm run bench:run --${suite} --cell ${pipelineCellName({ profileId, scenario, phase })} --cli-path HEAD --base-cli-path BASE --tier-manifest TIER --workspace DIR`;
}
