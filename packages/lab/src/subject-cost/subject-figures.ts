import { median, nearestRankPercentile } from "@forgebench/stats";
import { atMost, type Figures, figure } from "../shared/figures.ts";
import { type InTurn, medianOf, pairRatios } from "../shared/in-turn.ts";
import type { ProcessCost } from "../shared/measured-process.ts";

/** The subject beside its reference: both times, the ratio with its goal and its middle half, and the ratio of CPU time. */
export function subjectFigures(
  timed: InTurn<ProcessCost, ProcessCost>,
  shown: {
    readonly subject: string;
    readonly reference: string;
    readonly maxRatio: number;
    readonly isCpuShown: boolean;
  },
): Figures {
  const wallOf = ({ wallMs }: ProcessCost) => wallMs;
  const ratios = pairRatios(timed, wallOf);
  const cpuRatio = median(pairRatios(timed, ({ cpuMs }) => cpuMs ?? Number.NaN));
  return [
    figure(shown.subject, medianOf(timed.own, wallOf), "ms"),
    figure(shown.reference, medianOf(timed.reference, wallOf), "ms"),
    atMost("  ratio", median(ratios), "", shown.maxRatio),
    figure("  its lower quartile", nearestRankPercentile(ratios, 25)),
    figure("  its upper quartile", nearestRankPercentile(ratios, 75)),
    ...(shown.isCpuShown && Number.isFinite(cpuRatio) ? [figure("  ratio of CPU time", cpuRatio)] : []),
  ];
}
