import type { Comparison, ControlsResult } from "@forgebench/artifacts";
import { formatChange, formatCount, formatInterval, formatShare } from "./format-figures.ts";
import type { Markup } from "./markup.ts";
import { undecidedCause } from "./undecided-causes.ts";

type Control = ControlsResult["controls"][number];

/** How the night checked itself, in one sentence. */
export function controlsSentence(controls: Comparison["controls"], markup: Markup): string {
  if (controls === undefined) return "The night did not check itself (no controls are recorded).";
  const reason = withoutDot(markup.prose(controls.reason));
  const sentences = {
    passed: passedSentence(controls, reason),
    red: `Null check red: ${reason}.`,
    missed: `${isPlantedMissed(controls) ? "Planted slowdown missed" : "Self-check failed"}: ${reason}.`,
    absent: `The night did not check itself (${reason}).`,
  } as const satisfies Record<ControlsResult["status"], string>;
  return sentences[controls.status];
}

/** `missed` also covers controls that have no runs, or that planted another slowdown than they should. */
export function isPlantedMissed({ controls }: ControlsResult): boolean {
  return controls.some(({ plantedPct, passed, cell }) => plantedPct !== 0 && !passed && cell.verdict !== "regressed");
}

function withoutDot(text: string): string {
  return text.replace(/\.$/, "");
}

function passedSentence({ controls }: ControlsResult, reason: string): string {
  const hasNull = controls.some(({ plantedPct }) => plantedPct === 0);
  // Each shard has controls of its own.
  const planted = new Set(controls.flatMap(({ plantedPct, passed }) => (plantedPct !== 0 && passed ? plantedPct : [])));
  // The null alone shows whether an arm is favoured, not whether a slowdown would be found: the reason says why.
  if (hasNull && planted.size === 0) return capitalised(`${reason}.`);
  const inOrder = [...planted].sort((a, b) => a - b);
  const found = inOrder.slice(0, 4).map((plantedPct) => `+${Number(plantedPct.toPrecision(3))} %`);
  const said = [
    ...(hasNull ? ["null check quiet"] : []),
    ...(found.length === 0 ? [] : [`planted ${found.join(" and ")} found`]),
  ].join(", ");
  return said === "" ? "The controls passed." : capitalised(`${said}.`);
}

function capitalised(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** A line for each control: the planted slowdown, the achieved one, and the one that was found. */
export function controlLines(controls: Comparison["controls"], markup: Markup): string[] {
  const inOrder = (controls?.controls ?? []).toSorted((a, b) => a.plantedPct - b.plantedPct);
  return inOrder.map((control) => `${markup.name(control.id)}: ${controlText(control)}`);
}

function controlText({ plantedPct, achievedPct, passed, cell }: Control): string {
  const { changePct, interval, blockCount, verdict } = cell;
  const bias = interval === null ? "" : ` ${formatInterval(interval.lowPct, interval.highPct)}`;
  const found = `${formatChange(changePct)}${bias} in ${formatCount(blockCount, "block")}`;
  if (plantedPct === 0) return `base against its own copy, bias ${found}: ${quietText(passed, verdict)}`;
  const achieved = achievedPct === null ? "" : `, ${formatChange(achievedPct)} achieved`;
  return `${formatChange(plantedPct)} planted${achieved}: ${foundText(passed, verdict)} ${found}`;
}

function quietText(passed: boolean, verdict: Control["cell"]["verdict"]): string {
  if (passed) return "quiet";
  return verdict === "same" || verdict === "undecided" ? "quiet, but does not count" : `not quiet, ${verdict}`;
}

function foundText(passed: boolean, verdict: Control["cell"]["verdict"]): string {
  if (passed) return "found as";
  return verdict === "regressed" ? "found, but does not count, as" : `not found, ${verdict} at`;
}

/** What to do if the self-check failed: the remedy of a control, else that of the limit that ended the missed one. */
export function controlsRemedy(comparison: Comparison, { status, controls }: ControlsResult, markup: Markup): string {
  const unjudged = controls.find(({ passed, cell }) => !passed && cell.verdict === "incomparable");
  if (unjudged?.cell.remedy !== undefined) return markup.prose(unjudged.cell.remedy);
  if (status === "red") return "check load, clock and file system of the machine; do not use any verdict of this night";
  const open = controls.find(({ passed, cell }) => !passed && cell.verdict === "undecided");
  return open === undefined ? "measure again, on a quieter machine" : undecidedCause(open.cell, comparison).remedy;
}

/** How the error was shared, what the intervals hold for, and by which version of the rules. */
export function errorLine({ evidence, cells = [] }: Comparison, markup: Markup): string {
  if (evidence === undefined) return "How the error was shared is not recorded.";
  const { alpha, shares, family, intervalAlpha, method } = evidence;
  const anyTime = cells.every(({ interval }) => interval === null || interval.kind === "sequence");
  const secondary =
    family.secondaryCount === 0 ? "" : `, ${family.secondaryCount} secondary ${formatShare(shares.secondary)}`;
  const primary = `${formatCount(family.primaryCount, "primary verdict")} ${family.primaryCount === 1 ? "has" : "share"}`;
  return [
    `If nothing changed, at most ${formatShare(alpha)} of nights call a cell regressed or improved:`,
    `${primary} ${formatShare(shares.primary)}${secondary}, the null check ${formatShare(shares.null)};`,
    `planted ones have ${formatShare(shares.planted)} of their own.`,
    `Intervals hold with ${formatShare(1 - intervalAlpha)} for each verdict${anyTime ? ", whenever it was stopped" : ""}.`,
    `Method ${markup.prose(method)}.`,
  ].join(" ");
}
