import type { Figure } from "../shared/figures.ts";
import type { Bias, Estimate, NightShare, NullCell, NullNightsResult } from "./null-nights.ts";

/** A figure with the ends of its 95 % interval, null where there is too little to tell. */
type IntervalFigure = Figure & { readonly low?: number | null; readonly high?: number | null };

/** At most four red nights in two hundred. */
const MAX_RED_PCT = 2;

/** Nights without any change as figures, the one that was asked for first. */
export function nullNightFigures(result: NullNightsResult): IntervalFigure[] {
  const { nightCount, redNights, controls, failedNights, durationMinutes } = result;
  const asked = { goal: `≤ ${MAX_RED_PCT}`, met: redNights.sharePct <= MAX_RED_PCT };
  return [
    { name: "nights, nothing changed", value: nightCount, unit: "nights" },
    { ...shareFigure("red nights: a cell regressed", redNights), ...asked },
    shareFigure("  with an alert", result.alertNights),
    shareFigure("nights with a cell improved", result.improvedNights),
    shareFigure("nights with a gating cell undecided", result.undecidedNights),
    shareFigure("red nights of all head, then all base, by thresholds", result.sequentialRedNights),
    ...(controls.nightCount === 0
      ? []
      : [
          nightsFigure("nights with controls", controls.nightCount),
          nightsFigure("  the null showed a difference", controls.red),
          nightsFigure("  a planted slowdown was missed", controls.missed),
        ]),
    ...(failedNights === 0 ? [] : [nightsFigure("nights with failed runs", failedNights)]),
    ...result.cells.flatMap(cellFigures),
    { name: "time", value: durationMinutes, unit: "min" },
    { name: "  a night, mean", value: (60 * durationMinutes) / nightCount, unit: "s" },
  ];
}

function nightsFigure(name: string, count: number): Figure {
  return { name, value: count, unit: "nights" };
}

function shareFigure(name: string, { count, sharePct, lowPct, highPct }: NightShare): IntervalFigure {
  return { name, value: sharePct, unit: "%", low: lowPct, high: highPct, count };
}

function cellFigures(cell: NullCell): IntervalFigure[] {
  const verdicts = Object.entries(cell.verdicts).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    { name: `${cell.id}: blocks, mean`, value: cell.meanBlocks, unit: "blocks" },
    ...verdicts.map(([verdict, count]) => nightsFigure(`  ${verdict}`, count)),
    ...biasFigures("  head against base", cell.headAgainstBase),
    ...biasFigures("  all head, then all base", cell.sequential),
    ...biasFigures("  slot A against B", cell.slotAAgainstB),
    ...biasFigures("  first against second", cell.firstAgainstSecond),
    ...biasFigures("  head against base, after a run of head", cell.afterHead),
    ...biasFigures("  head against base, after a run of base", cell.afterBase),
  ];
}

/** What was never measured is left out. */
function biasFigures(name: string, { count, mean, median }: Bias): IntervalFigure[] {
  const figureOf = (statistic: string, { valuePct, lowPct, highPct }: Estimate) => {
    return { name: `${name}, ${statistic}`, value: valuePct, unit: "%", low: lowPct, high: highPct };
  };
  return count === 0 ? [] : [figureOf("mean", mean), figureOf("median", median)];
}

/** A figure with its interval behind the unit: a table knows values alone. */
export function showInterval(figure: IntervalFigure): IntervalFigure {
  const { unit, low = null, high = null } = figure;
  if (low === null || high === null) return figure;
  const shown = (end: number) => (Math.abs(end) >= 10 ? end.toFixed(0) : end.toPrecision(2));
  return { ...figure, unit: `${unit} (${shown(low)} to ${shown(high)})` };
}
