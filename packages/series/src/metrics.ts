import type { RawRun } from "@forgebench/artifacts";

/** What there is to know about a metric; nothing guesses it. */
export interface Metric {
  readonly id: string;
  readonly unit: "ms" | "bytes" | "images/s";
  readonly better: "lower" | "higher";
  /**
   * `noisy`: judged by evidence; `exact`: any change counts while each arm is constant; `derived`: follows from another
   * metric and is never judged.
   */
  readonly noise: "noisy" | "exact" | "derived";
  /** The value of a run in the unit; null when it is not known. */
  readonly valueOf: (run: RawRun) => number | null;
}

export const metrics: readonly Metric[] = [
  { id: "wall", unit: "ms", better: "lower", noise: "noisy", valueOf: ({ wallMs }) => wallMs },
  {
    id: "reported_duration",
    unit: "ms",
    better: "lower",
    noise: "noisy",
    valueOf: ({ reportDurationMs }) => reportDurationMs,
  },
  { id: "cpu", unit: "ms", better: "lower", noise: "noisy", valueOf: cpuMsOf },
  {
    id: "peak_memory",
    unit: "bytes",
    better: "lower",
    noise: "noisy",
    valueOf: ({ peakMemoryBytes }) => peakMemoryBytes ?? null,
  },
  {
    id: "output_bytes",
    unit: "bytes",
    better: "lower",
    noise: "exact",
    valueOf: ({ outputBytes }) => outputBytes ?? null,
  },
  {
    id: "throughput",
    unit: "images/s",
    better: "higher",
    noise: "derived",
    valueOf: ({ total, wallMs }) => (total === null || wallMs <= 0 ? null : (total * 1000) / wallMs),
  },
];

/** The metric of an id; undefined for an unknown one. */
export function findMetric(id: string): Metric | undefined {
  return metrics.find((metric) => metric.id === id);
}

function cpuMsOf({ userCpuMs, systemCpuMs }: RawRun): number | null {
  return typeof userCpuMs === "number" && typeof systemCpuMs === "number" ? userCpuMs + systemCpuMs : null;
}
