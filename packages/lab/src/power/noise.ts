import { median, type SeededRandom } from "@forgebench/stats";

/** Times of one command that was run again and again with nothing changed. */
export interface NoiseRecording {
  readonly name: string;
  /** Milliseconds, in the order in which they were measured. */
  readonly samples: readonly number[];
}

/** Blocks as a night would have measured them: one run of each arm, in random order, from random slots. */
export interface ReplayedBlocks {
  readonly base: readonly number[];
  readonly head: readonly number[];
}

interface ReplayOptions {
  readonly blockCount: number;
  /** Added to every run of head. */
  readonly slowdownPct: number;
  readonly disturbance?: Disturbance | undefined;
}

/** A run before it is known which arm it is of. */
interface Run {
  readonly index: number;
  readonly slot: "A" | "B";
  readonly timeMs: number;
}

/** What happens to runs whichever arm they are of; `runs` are those of a night in their order. */
export type Disturbance = (runs: readonly Run[], random: SeededRandom) => number[];

/**
 * Adjacent samples become blocks, from a random start and around the end, so that drift and bursts stay as they were.
 * Coins decide which of a block is head and which slot it had.
 */
export function replayBlocks(
  { samples }: NoiseRecording,
  random: SeededRandom,
  { blockCount, slowdownPct, disturbance = undisturbed }: ReplayOptions,
): ReplayedBlocks {
  const start = random.integer(0, samples.length - 1);
  const coins = Array.from({ length: blockCount }, () => ({
    headFirst: random.chance(0.5),
    firstSlot: random.chance(0.5) ? ("A" as const) : ("B" as const),
  }));
  const runs = coins.flatMap(({ firstSlot }, block) =>
    [0, 1].map((position) => ({
      index: 2 * block + position,
      slot: position === 0 ? firstSlot : firstSlot === "A" ? ("B" as const) : ("A" as const),
      timeMs: samples[(start + 2 * block + position) % samples.length] ?? Number.NaN,
    })),
  );
  const times = disturbance(runs, random);
  const timeOf = (block: number, wantsFirst: boolean) => times[2 * block + (wantsFirst ? 0 : 1)] ?? Number.NaN;
  const factor = 1 + slowdownPct / 100;
  return {
    base: coins.map(({ headFirst }, block) => timeOf(block, !headFirst)),
    head: coins.map(({ headFirst }, block) => timeOf(block, headFirst) * factor),
  };
}

/** The log-ratios of replayed blocks. */
export function differencesOf({ base, head }: ReplayedBlocks): number[] {
  return head.map((value, index) => Math.log(value / (base[index] ?? Number.NaN)));
}

const undisturbed: Disturbance = (runs) => runs.map(({ timeMs }) => timeMs);

/** Noise that is uglier than what was recorded, by name. None of it knows the arms. */
export const disturbances: Readonly<Record<string, Disturbance>> = {
  "as recorded": undisturbed,
  "slot bias": (runs) => runs.map(({ timeMs, slot }) => timeMs * (slot === "B" ? 1.08 : 1)),
  "carry-over": (runs) => {
    const usual = median(runs.map(({ timeMs }) => timeMs));
    return runs.map(({ timeMs }, index) => timeMs + 0.5 * Math.max(0, (runs[index - 1]?.timeMs ?? usual) - usual));
  },
  bursts: (runs, random) => {
    let isBusy = false;
    return runs.map(({ timeMs }) => {
      isBusy = random.chance(isBusy ? 0.85 : 0.05);
      return timeMs * (isBusy ? 1 + random.uniform() : 1);
    });
  },
  "slow drift": (runs) => runs.map(({ timeMs, index }) => timeMs * (1 + (0.4 * index) / runs.length)),
  skew: (runs, random) => runs.map(({ timeMs }) => timeMs * (1 - 0.1 * Math.log(1 - random.uniform()))),
  "two modes": (runs, random) => runs.map(({ timeMs }) => timeMs * (random.chance(0.3) ? 1.2 : 1)),
  "step change": (runs, random) => {
    const step = random.integer(0, runs.length);
    return runs.map(({ timeMs, index }) => timeMs * (index < step ? 1 : 1.25));
  },
  "heavy tails": (runs, random) =>
    runs.map(({ timeMs }) => timeMs * (1 + 0.02 * Math.abs(Math.tan(Math.PI * (random.uniform() - 0.5))))),
};
