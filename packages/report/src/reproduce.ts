import type { ComparedCell } from "@forgebench/artifacts";
import type { Markup } from "./markup.ts";

/** What a report may name besides its artifacts. */
export interface ReportExtras {
  /** The file name of the evidence bundle. */
  readonly evidenceBundle?: string | undefined;
}

/** Names that a shell takes as they are, that are no flag, and that a line has room for. */
const PLAIN = /^\w[\w.-]{0,59}$/;

/** How to measure the first of these cells again, and where the evidence lies; no line when there is neither. */
export function reproduceLines(cells: readonly ComparedCell[], extras: ReportExtras, markup: Markup): string[] {
  const cell = cells.find(({ profileId, scenario }) => PLAIN.test(profileId) && PLAIN.test(scenario));
  const command =
    cell === undefined
      ? []
      : [`Reproduce: ${markup.code(runCommand(cell))}, with the two CLIs, the tier and a workspace of your own.`];
  const { evidenceBundle } = extras;
  const evidence = evidenceBundle === undefined ? [] : [`Evidence: ${markup.name(evidenceBundle)}.`];
  const lines = [...command, ...evidence];
  return lines.length === 0 ? [] : [lines.join(" ")];
}

function runCommand({ profileId, scenario, phase }: ComparedCell): string {
  return `pnpm run bench:run -- --cell ${profileId}/${scenario}/${phase} --cli-path HEAD --base-cli-path BASE --tier-manifest TIER --workspace DIR`;
}
