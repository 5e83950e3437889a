import { disturbances, type NoiseRecording } from "./noise.ts";
import {
  type DetectableQuality,
  type FalseNights,
  type IntervalQuality,
  type ReplayPlan,
  replayDetectable,
  replayIntervals,
  replayNullNights,
  replayPlanted,
  replaySlowdown,
  replayTenRuns,
  type VerdictShares,
} from "./replay.ts";

const REPLAYED_SLOWDOWNS_PCT = [0, 2, 3, 5, 10, 20] as const;
/** Intervals cost a hundred times as much as verdicts. */
const MAX_INTERVAL_SIMULATIONS = 500;

/** All that a recording tells of the verdicts. */
export interface ReplayResult {
  readonly recording: { readonly name: string; readonly sampleCount: number };
  readonly simulationCount: number;
  readonly slowdowns: readonly VerdictShares[];
  readonly falseNights: readonly (FalseNights & { readonly noise: string })[];
  readonly tenRuns: readonly { readonly slowdownPct: number; readonly ours: number; readonly seed: number }[];
  readonly intervals: IntervalQuality;
  readonly detectable: DetectableQuality;
  /** Shares of planted control cells that were missed. */
  readonly plantedMissed: readonly { readonly slowdownPct: number; readonly missed: number }[];
}

/** Replays one recording through everything. */
export function replayRecording(plan: ReplayPlan, nightCount: number): ReplayResult {
  const { recording, simulationCount }: { recording: NoiseRecording; simulationCount: number } = plan;
  const few = { ...plan, simulationCount: Math.min(simulationCount, MAX_INTERVAL_SIMULATIONS) };
  return {
    recording: { name: recording.name, sampleCount: recording.samples.length },
    simulationCount,
    slowdowns: REPLAYED_SLOWDOWNS_PCT.map((slowdownPct) => replaySlowdown(plan, slowdownPct)),
    falseNights: Object.entries(disturbances).map(([noise, disturbance]) => ({
      noise,
      ...replayNullNights(plan, nightCount, disturbance),
    })),
    tenRuns: [0, 10].map((slowdownPct) => ({ slowdownPct, ...replayTenRuns(plan, slowdownPct) })),
    intervals: replayIntervals(few),
    detectable: replayDetectable({ ...plan, simulationCount: Math.min(simulationCount, 1000) }),
    plantedMissed: [5, 10].map((slowdownPct) => ({ slowdownPct, missed: replayPlanted(plan, slowdownPct) })),
  };
}
