import { mean, median } from "@forgebench/stats";
import { atMost, below, type Figure, type Figures, figure } from "../shared/figures.ts";
import { medianOf, pairRatios } from "../shared/in-turn.ts";
import type { FullCost } from "../shared/measured-process.ts";
import type { NightCost, NightCosts } from "./measure-night-cost.ts";

/** Of the reference's. */
const MAX_RATIOS = { compareCpu: 0.4, compareMemory: 0.35, verifyCpu: 0.35 };
/** Of CPU time over cells, as an exponent: 1 is linear. */
const MAX_GROWTH = 1;

/** What nights cost as figures: of each, how the cost grows, and beside a reference the ratios. */
export function nightCostFigures({ compared, verified }: NightCosts): Figures {
  const largest = compared.at(-1);
  return [
    ...compared.flatMap((costs) => costFigures(`compare ${costs.cellCount} cells`, costs)),
    ...growthFigures(compared),
    ...costFigures(`verify ${verified.cellCount} cells`, verified),
    ...(largest === undefined || largest.reference.length === 0 ? [] : ratioFigures(largest, verified)),
  ];
}

function costFigures(name: string, { own, reference }: NightCost): Figures {
  const figuresOf = (of: string, costs: readonly FullCost[]): Figures =>
    costs.length === 0
      ? []
      : [
          figure(`${name}${of}: CPU time`, medianOf(costs, cpuOf), "ms"),
          figure(
            "  wall time",
            medianOf(costs, ({ wallMs }) => wallMs),
            "ms",
          ),
          figure("  peak memory", Math.max(...costs.map(({ peakMb }) => peakMb)), "MB"),
        ];
  return [...figuresOf("", own), ...figuresOf(", reference", reference)];
}

const cpuOf = ({ cpuMs }: FullCost) => cpuMs;

function growthFigures(compared: readonly NightCost[]): Figures {
  const growth = (side: "own" | "reference") =>
    growthOf(compared.map((costs) => [costs.cellCount, medianOf(costs[side], cpuOf)]));
  const reference = growth("reference");
  return [
    below("growth of CPU time with cells, exponent", growth("own"), "", MAX_GROWTH),
    ...(Number.isNaN(reference) ? [] : [figure("  reference", reference)]),
  ];
}

function ratioFigures(compared: NightCost, verified: NightCost): Figures {
  const ratio = (name: string, costs: NightCost, key: "cpuMs" | "peakMb", limit?: number): Figure =>
    atMost(name, median(pairRatios(costs, (cost) => cost[key])), "", limit);
  const { compareCpu, compareMemory, verifyCpu } = MAX_RATIOS;
  return [
    ratio("compare, CPU time to the reference's", compared, "cpuMs", compareCpu),
    ratio("  peak memory", compared, "peakMb", compareMemory),
    ratio("verify, CPU time to the reference's", verified, "cpuMs", verifyCpu),
    ratio("  peak memory", verified, "peakMb"),
  ];
}

/** The slope of the logarithm of the one over that of the other, by least squares; 1 where both grow alike. */
function growthOf(points: readonly (readonly [size: number, cost: number])[]): number {
  const logs = points.map(([size, cost]) => [Math.log(size), Math.log(cost)] as const);
  const [centerX, centerY] = [mean(logs.map(([x]) => x)), mean(logs.map(([, y]) => y))];
  const sum = (of: (x: number, y: number) => number) =>
    logs.reduce((total, [x, y]) => total + of(x - centerX, y - centerY), 0);
  return sum((x, y) => x * y) / sum((x) => x * x);
}
