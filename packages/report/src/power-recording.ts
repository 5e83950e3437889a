/** The other rules, by their names in a recording. */
export const RIVALS = {
  seed: "thresholds, 10 + 10 runs",
  repeatedT: "repeated t-test",
  mannWhitney: "rank test, 10 + 10 runs",
} as const;
/** One of the other rules. */
export type Rival = keyof typeof RIVALS;
/** In the order in which tables show them. */
export const RIVAL_NAMES: readonly Rival[] = ["seed", "repeatedT", "mannWhitney"];

/** The results of one recording, as in `recordings[]` of the file of `bench:power`; shares are from 0 to 1. */
export interface PowerRecording {
  readonly recording: { readonly name: string; readonly sampleCount: number };
  readonly simulationCount: number;
  readonly slowdowns: readonly PowerSlowdown[];
  readonly falseNights: readonly PowerFalseNights[];
  /** One cell alone with ten runs of each arm. */
  readonly tenRuns: readonly { readonly slowdownPct: number; readonly ours: number; readonly seed: number }[];
  readonly intervals: {
    readonly sequenceCoverage: number;
    readonly widthPctAt20: number;
    readonly widthPctAtCap: number;
    /** By the number of blocks. */
    readonly fixedCoverage: Readonly<Record<number, number>>;
  };
  readonly detectable: { readonly printedPct: number; readonly replayedPct: number };
  readonly plantedMissed: readonly { readonly slowdownPct: number; readonly missed: number }[];
}

/** How often each verdict was given for a slowdown of one size. */
export interface PowerSlowdown {
  readonly slowdownPct: number;
  readonly regressed: number;
  readonly same: number;
  readonly undecided: number;
  readonly meanBlocks: number;
  readonly rivals: Readonly<Record<Rival, { readonly slower: number }>>;
}

/** Nights of a whole matrix with nothing changed, under one kind of noise. */
export interface PowerFalseNights {
  readonly noise: string;
  readonly nightCount: number;
  readonly regressedNights: number;
  readonly improvedNights: number;
  readonly worstMomentNights: number;
}
