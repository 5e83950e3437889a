import { formatPercent, NO_FIGURE } from "./format-figures.ts";
import { type Goals, goalOf, nameOf, planted, share, table } from "./power-goals.ts";
import type { PowerRecording } from "./power-recording.ts";

/** One line of the last table: how it is called there, its figure in the measurement, and its value. */
interface QualityRow {
  readonly label: string;
  readonly figure: string;
  readonly show: (recording: PowerRecording) => string | undefined;
  /** The goal in words, for figures whose goal is a number of one recording. */
  readonly asked?: string;
}

const QUALITY: readonly QualityRow[] = [
  {
    label: "intervals that held the truth at every block",
    figure: "confidence sequences that held the truth throughout",
    show: ({ intervals }) => share(intervals.sequenceCoverage),
  },
  {
    label: "their width after 20 blocks, points",
    figure: "width of the interval at 20 blocks, mean",
    show: ({ intervals }) => intervals.widthPctAt20.toFixed(1),
  },
  {
    label: "their width at the last block, points",
    figure: "width of the interval at the last block, mean",
    show: ({ intervals }) => intervals.widthPctAtCap.toFixed(1),
  },
  ...[9, 20, 40].map((count) => ({
    label: `intervals of ${count} blocks, fixed before, that held it`,
    figure: `fixed-n intervals of ${count} blocks that held the truth`,
    show: ({ intervals }: PowerRecording) => shareOrNone(intervals.fixedCoverage[count]),
  })),
  {
    label: "smallest detectable slowdown as printed, mean",
    figure: "detectable change as printed, mean",
    show: ({ detectable }) => formatPercent(detectable.printedPct),
  },
  {
    label: "slowdown that 95 % of the replays find",
    figure: "slowdown found in 95 % of the replays",
    show: ({ detectable }) => formatPercent(detectable.replayedPct),
  },
  {
    label: "printed above found",
    figure: "printed above replayed",
    show: ({ detectable }) => formatPercent(100 * (detectable.printedPct / detectable.replayedPct - 1)),
  },
  ...[5, 10].map((slowdownPct) => ({
    label: `planted +${slowdownPct} % missed by the control`,
    figure: `planted +${slowdownPct} % missed by the control`,
    show: ({ plantedMissed }: PowerRecording) =>
      shareOrNone(plantedMissed.find((one) => one.slowdownPct === slowdownPct)?.missed),
  })),
  ...[0, 10].map((slowdownPct) => ({
    label: `one cell, 10 + 10 runs, ${planted(slowdownPct)}: regressed (thresholds)`,
    figure: `one cell, 10 + 10 runs, ${planted(slowdownPct)}: regressed`,
    show: ({ tenRuns }: PowerRecording) => tenRunsText(tenRuns.find((one) => one.slowdownPct === slowdownPct)),
    asked: slowdownPct === 0 ? "≤ a tenth of the thresholds', or ≤ 1 %" : "more than the thresholds",
  })),
];

function shareOrNone(value: number | undefined): string | undefined {
  return value === undefined ? undefined : share(value);
}

function tenRunsText(one: PowerRecording["tenRuns"][number] | undefined): string | undefined {
  return one === undefined ? undefined : `${share(one.ours)} (${share(one.seed)})`;
}

/** How good intervals, detectable changes and controls are, a column for each recording. */
export function qualityTable(recordings: readonly PowerRecording[], asked: Goals): string[] {
  const rows = QUALITY.map(({ label, figure, show, asked: inWords }) => {
    const goal = goalOf(recordings, figure, asked);
    return [
      label,
      ...recordings.map((recording) => {
        const value = show(recording);
        return value === undefined ? NO_FIGURE : value + asked.signOf(`${recording.recording.name}: ${figure}`);
      }),
      goal === NO_FIGURE ? NO_FIGURE : (inWords ?? goal),
    ];
  });
  return [
    "Intervals with +5 % planted, smallest detectable slowdowns, and misses of the controls:",
    "",
    ...table(["figure", ...recordings.map(nameOf), "asked"], rows),
  ];
}
