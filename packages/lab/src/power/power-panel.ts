import type { PowerPanel } from "@forgebench/report";
import type { ReplayResult } from "./replay-recording.ts";

/** The power curves of a recording, ours beside those of the other rules. */
export function powerPanel({ recording, slowdowns }: ReplayResult, simulationCount: number): PowerPanel {
  const pointsOf = (rate: (one: ReplayResult["slowdowns"][number]) => number) =>
    slowdowns.map((one) => ({ effectPct: one.slowdownPct, rate: rate(one), ...whisker(rate(one), simulationCount) }));
  return {
    title: recording.name,
    xLabel: "planted slowdown, %",
    series: [
      { name: "evidence", points: pointsOf(({ regressed }) => regressed) },
      { name: "thresholds, 10 + 10 runs", points: pointsOf(({ rivals }) => rivals.seed.slower) },
      { name: "repeated t-test", points: pointsOf(({ rivals }) => rivals.repeatedT.slower) },
      { name: "rank test, 10 + 10 runs", points: pointsOf(({ rivals }) => rivals.mannWhitney.slower) },
    ],
  };
}

/** The 95 % interval of a share (Wilson 1927). */
function whisker(rate: number, count: number): { low: number; high: number } {
  const z2 = 1.96 ** 2;
  const center = (rate + z2 / (2 * count)) / (1 + z2 / count);
  const half = (1.96 / (1 + z2 / count)) * Math.sqrt((rate * (1 - rate)) / count + z2 / (4 * count ** 2));
  return { low: Math.max(0, center - half), high: Math.min(1, center + half) };
}
