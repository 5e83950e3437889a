import { atLeast, atMost, type Figure, figure, judged } from "../shared/figures.ts";
import type { VerdictShares } from "./replay.ts";
import type { ReplayResult } from "./replay-recording.ts";

/** What was asked of one size of slowdown: at least this share, in at most so many blocks on average. */
interface Goal {
  readonly atLeastPct?: number;
  readonly maxBlocks?: number;
}

/** What was asked for the recordings that the method was designed on; others only inform. */
const REFERENCE_GOALS: Readonly<Record<string, { same: Goal; five: Goal; ten: Goal }>> = {
  "quiet-startup": {
    same: { atLeastPct: 99, maxBlocks: 12 },
    five: { atLeastPct: 98, maxBlocks: 23 },
    ten: { atLeastPct: 99.5, maxBlocks: 20 },
  },
  "quiet-cold-single": {
    same: { atLeastPct: 99, maxBlocks: 16 },
    five: { atLeastPct: 96, maxBlocks: 32 },
    ten: { atLeastPct: 99.5, maxBlocks: 22 },
  },
  "loaded-startup": {
    same: { atLeastPct: 95, maxBlocks: 25 },
    five: { atLeastPct: 75 },
    ten: { atLeastPct: 99, maxBlocks: 25 },
  },
};

const NO_GOALS = { same: {}, five: {}, ten: {} } satisfies { same: Goal; five: Goal; ten: Goal };

/** The result of a recording as figures, each beside what was asked. */
export function powerFigures(result: ReplayResult): Figure[] {
  const { name } = result.recording;
  const named = (figures: readonly Figure[]) =>
    figures.map((figure) => ({ ...figure, name: `${name}: ${figure.name}` }));
  return named([
    ...result.slowdowns.flatMap((shares) => slowdownFigures(shares, name)),
    ...tenRunsFigures(result),
    ...falseNightFigures(result),
    ...intervalFigures(result),
    ...result.plantedMissed.map(({ slowdownPct, missed }) =>
      atMost(`planted +${slowdownPct} % missed by the control`, 100 * missed, "%", plantedGoal(name)),
    ),
  ]);
}

/** Only of the recordings that goals were set for: on a machine too noisy for a verdict, missing it is the right answer. */
function plantedGoal(name: string): number | undefined {
  if (REFERENCE_GOALS[name] === undefined) return undefined;
  return name.startsWith("loaded") ? 2 : 0.5;
}

function slowdownFigures(shares: VerdictShares, name: string): Figure[] {
  const { slowdownPct, rivals } = shares;
  const goals = REFERENCE_GOALS[name] ?? NO_GOALS;
  const goal: Goal = { 0: goals.same, 5: goals.five, 10: goals.ten }[slowdownPct] ?? {};
  const isNull = slowdownPct === 0;
  const planted = isNull ? "nothing changed" : `+${slowdownPct} %`;
  const answer = isNull ? ("same" as const) : ("regressed" as const);
  const others = [
    ["regressed", shares.regressed],
    ["alert", shares.alert],
    ["same", shares.same],
    ["improved", shares.improved],
    ["undecided", shares.undecided],
  ] as const;
  return [
    atLeast(`${planted}: ${answer}`, 100 * shares[answer], "%", goal.atLeastPct),
    atMost(`${planted}: blocks until decided, mean`, shares.meanBlocks, "blocks", goal.maxBlocks),
    ...others
      .filter(([verdict]) => verdict !== answer)
      .map(([verdict, share]) => figure(`${planted}: ${verdict}`, 100 * share, "%")),
    figure(`${planted}: slower by thresholds, 10 + 10 runs`, 100 * rivals.seed.slower, "%"),
    figure(`${planted}: slower by a repeated t-test`, 100 * rivals.repeatedT.slower, "%"),
    figure(`${planted}: runs of the repeated t-test, mean`, rivals.repeatedT.meanRuns, "runs"),
    figure(`${planted}: slower by a rank test, 10 + 10 runs`, 100 * rivals.mannWhitney.slower, "%"),
  ];
}

function tenRunsFigures({ tenRuns, recording }: ReplayResult): Figure[] {
  return tenRuns.flatMap(({ slowdownPct, ours, seed }) => {
    const name = `one cell, 10 + 10 runs, ${slowdownPct === 0 ? "nothing changed" : `+${slowdownPct} %`}`;
    const [oursPct, seedPct] = [100 * ours, 100 * seed];
    return [
      slowdownPct === 0
        ? judged(
            `${name}: regressed`,
            oursPct,
            "%",
            `≤ a tenth of ${seedPct.toFixed(1)}, or ≤ 1`,
            oursPct <= Math.max(seedPct / 10, 1),
          )
        : figureOrGoal(recording.name === "loaded-startup", `${name}: regressed`, oursPct, seedPct),
      figure(`${name}: slower by thresholds`, seedPct, "%"),
    ];
  });
}

function figureOrGoal(isGoal: boolean, name: string, oursPct: number, seedPct: number): Figure {
  if (!isGoal) return figure(name, oursPct, "%");
  return judged(name, oursPct, "%", `> ${seedPct.toFixed(1)}`, oursPct > seedPct);
}

function falseNightFigures({ falseNights }: ReplayResult): Figure[] {
  return falseNights.flatMap(({ noise, nightCount, regressedNights, improvedNights, worstMomentNights }) => {
    const pct = (count: number) => (100 * count) / nightCount;
    return [
      atMost(`false nights, ${noise}: a cell regressed`, pct(regressedNights), "%", 1),
      atMost(`false nights, ${noise}: stopped at the worst moment`, pct(worstMomentNights), "%", 1),
      figure(`false nights, ${noise}: a cell improved`, pct(improvedNights), "%"),
    ];
  });
}

function intervalFigures({ intervals, detectable }: ReplayResult): Figure[] {
  const { printedPct, replayedPct } = detectable;
  const offPct = 100 * (printedPct / replayedPct - 1);
  return [
    atLeast("confidence sequences that held the truth throughout", 100 * intervals.sequenceCoverage, "%", 95),
    figure("width of the interval at 20 blocks, mean", intervals.widthPctAt20, "points"),
    figure("width of the interval at the last block, mean", intervals.widthPctAtCap, "points"),
    ...Object.entries(intervals.fixedCoverage).map(([count, share]) =>
      judged(
        `fixed-n intervals of ${count} blocks that held the truth`,
        100 * share,
        "%",
        "93.5 to 96.5",
        Math.abs(share - 0.95) <= 0.015,
      ),
    ),
    figure("detectable change as printed, mean", printedPct, "%"),
    figure("slowdown found in 95 % of the replays", replayedPct, "%"),
    judged("printed above replayed", offPct, "%", "± 20", Math.abs(offPct) <= 20),
  ];
}
