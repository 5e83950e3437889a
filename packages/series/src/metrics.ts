/** What kind of quantity a metric is. */
type MetricKind = "time" | "size" | "count" | "rate" | "proportion";

/** The words for a change if head has more of a metric, and if it has less; `{}` is the size. */
interface MetricWords {
  readonly more: string;
  readonly less: string;
}

/** All facts about a metric; nothing guesses them. */
export interface Metric {
  readonly id: string;
  /** Empty for a metric without one. */
  readonly unit: string;
  readonly better: "lower" | "higher";
  readonly kind: MetricKind;
  /** `ratio`: a change is per cent of base; `difference`: it is in the unit itself, of a proportion in percentage points. */
  readonly effect: "ratio" | "difference";
  /**
   * `noisy`: judged by evidence; `exact`: any change counts while each arm is constant; `derived`: follows from another
   * metric and is never judged.
   */
  readonly noise: "noisy" | "exact" | "derived";
  /** False for a metric that is never 0 in a real run: 0 then means that it was not measured. */
  readonly allowsZero: boolean;
  /** Who read it: our own clock around the run, the meter of the process, the subject itself, or its output files. */
  readonly readBy: "clock" | "meter" | "subject" | "files";
  readonly words: MetricWords;
}

/** The metric that decides when a cell is finished, and whose verdict gates. */
export const PRIMARY_METRIC = "wall";

/** From the subject's own clock: missing for a suite whose report has no duration. */
export const REPORTED_DURATION = "reported_duration";

/** The metrics that every measurement knows; a suite may declare more. */
export const metrics: readonly Metric[] = [
  {
    id: PRIMARY_METRIC,
    unit: "ms",
    better: "lower",
    kind: "time",
    effect: "ratio",
    noise: "noisy",
    allowsZero: false,
    readBy: "clock",
    words: { more: "is {} slower", less: "is {} faster" },
  },
  {
    id: REPORTED_DURATION,
    unit: "ms",
    better: "lower",
    kind: "time",
    effect: "ratio",
    noise: "noisy",
    allowsZero: false,
    readBy: "subject",
    words: { more: "is {} slower by its own clock", less: "is {} faster by its own clock" },
  },
  {
    id: "cpu",
    unit: "ms",
    better: "lower",
    kind: "time",
    effect: "ratio",
    noise: "noisy",
    allowsZero: false,
    readBy: "meter",
    words: { more: "takes {} more CPU time", less: "takes {} less CPU time" },
  },
  {
    id: "peak_memory",
    unit: "bytes",
    better: "lower",
    kind: "size",
    effect: "ratio",
    noise: "noisy",
    allowsZero: false,
    readBy: "meter",
    words: { more: "needs {} more memory", less: "needs {} less memory" },
  },
  {
    id: "output_bytes",
    unit: "bytes",
    better: "lower",
    kind: "size",
    effect: "ratio",
    noise: "exact",
    allowsZero: true,
    readBy: "files",
    words: { more: "writes {} more bytes", less: "writes {} fewer bytes" },
  },
  {
    id: "throughput",
    unit: "images/s",
    better: "higher",
    kind: "rate",
    effect: "ratio",
    noise: "derived",
    allowsZero: true,
    readBy: "clock",
    words: { more: "has {} more throughput", less: "has {} less throughput" },
  },
];

const OTHER_WORDS: MetricWords = { more: "is {} higher", less: "is {} lower" };

/** A metric that a suite declares; fields that are left out get the values of most metrics of its kind. */
export function declareMetric(
  declared: Pick<Metric, "id" | "better" | "kind"> & Partial<Omit<Metric, "id" | "better" | "kind">>,
): Metric {
  const isProportion = declared.kind === "proportion";
  return {
    unit: "",
    noise: "noisy",
    readBy: "subject",
    words: OTHER_WORDS,
    effect: isProportion ? "difference" : "ratio",
    allowsZero: declared.kind !== "time",
    ...declared,
  };
}

/** The metric of an id, of those given and those that every measurement knows; undefined for an unknown one. */
export function findMetric(id: string, declared: readonly Metric[] = []): Metric | undefined {
  return metrics.find((metric) => metric.id === id) ?? declared.find((metric) => metric.id === id);
}

/** How a metric is spoken of. */
export function wordsOf(id: string): MetricWords {
  return findMetric(id)?.words ?? OTHER_WORDS;
}
