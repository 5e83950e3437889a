import {
  type Arm,
  findMetric,
  type Metric,
  PRIMARY_METRIC,
  type Sample,
  type Series,
  type SeriesPair,
  seriesName,
} from "@forgebench/series";
import { SeededRandom } from "@forgebench/stats";
import type { CellSeries } from "./cells/blocks-needed.ts";
import type { NightContext } from "./night/judge-night.ts";

/** A run as tests make it up; figures that are left out are not known. */
export interface MadeUpRun {
  readonly arm?: Arm | undefined;
  readonly block?: number;
  readonly position?: number | undefined;
  readonly slot?: string | undefined;
  readonly startedAtMs: number;
  readonly valid?: boolean;
  readonly timedOut?: boolean;
  readonly wallMs: number;
  readonly cpuMs?: number;
  readonly peakMemoryBytes?: number;
  readonly outputBytes?: number;
  readonly loadAverage1m?: number;
  readonly stolenMs?: number;
}

/** What the two runs of a block took. */
export interface MadeUpBlock {
  readonly baseMs: number;
  readonly headMs: number;
  /** Replaces fields of either run. */
  readonly base?: Partial<MadeUpRun>;
  readonly head?: Partial<MadeUpRun>;
}

const STARTED_AT_MS = Date.parse("2026-02-15T00:00:00.000Z");

/** The runs of a cell: a block each, order and slots by a fair coin. */
export function buildRuns(name: string, blocks: readonly MadeUpBlock[]): MadeUpRun[] {
  const coin = new SeededRandom(`order/${name}`);
  return blocks.flatMap((block, index) => {
    const [first, second] = coin.chance(0.5) ? (["head", "base"] as const) : (["base", "head"] as const);
    const isSwapped = coin.chance(0.5);
    return [first, second].map((arm, position) => ({
      arm,
      block: index,
      position,
      slot: (arm === "head") === isSwapped ? "A" : "B",
      valid: true,
      startedAtMs: STARTED_AT_MS + (2 * index + position) * 1000,
      wallMs: arm === "head" ? block.headMs : block.baseMs,
      cpuMs: 80,
      peakMemoryBytes: 50_000_000,
      outputBytes: 400,
      ...(arm === "head" ? block.head : block.base),
    }));
  });
}

/** Blocks whose head is `changePct` slower, with noise of the given size on each run. */
export function noisyBlocks(label: string, count: number, changePct = 0, noise = 0.01): MadeUpBlock[] {
  const random = new SeededRandom(label);
  return Array.from({ length: count }, () => ({
    baseMs: 100 * Math.exp(noise * random.normal()),
    headMs: 100 * (1 + changePct / 100) * Math.exp(noise * random.normal()),
  }));
}

const readers: Readonly<Record<string, (run: MadeUpRun) => number | undefined>> = {
  wall: ({ wallMs }) => wallMs,
  cpu: ({ cpuMs }) => cpuMs,
  peak_memory: ({ peakMemoryBytes }) => peakMemoryBytes,
  output_bytes: ({ outputBytes }) => outputBytes,
  throughput: ({ wallMs }) => 1000 / wallMs,
};

/** The two series of runs that were made in this order. */
export function pairOf(runs: readonly MadeUpRun[], metric: Metric, changes: Partial<Series> = {}): SeriesPair {
  const seriesOf = (arm: Arm): Series | undefined => {
    const samples = runs.flatMap((run, index) => (run.arm === arm ? [sampleOf(run, index, runs, metric)] : []));
    if (samples.length === 0) return undefined;
    return { benchmark: "P1/one", params: {}, phase: "warm", metric, design: "blocked", samples, ...changes };
  };
  return { base: seriesOf("base"), head: seriesOf("head") };
}

function sampleOf(run: MadeUpRun, index: number, runs: readonly MadeUpRun[], metric: Metric): Sample {
  const { block, position, slot, startedAtMs, valid, timedOut, wallMs, stolenMs, loadAverage1m } = run;
  return {
    value: readers[metric.id]?.(run) ?? null,
    status: timedOut === true ? "timed-out" : valid === true ? "valid" : "failed",
    block,
    position,
    slot,
    startedAtMs,
    run: {
      number: index + 1,
      durationMs: wallMs,
      after: runs[index - 1]?.arm,
      stolenMs: stolenMs ?? null,
      loadAverage1m: loadAverage1m ?? null,
    },
  };
}

/** A cell whose series are those of the runs. */
export function cellOf(name: string, runs: readonly MadeUpRun[]): CellSeries {
  return { name, pairOf: (metric) => pairOf(runs, metric) };
}

/** The context of a night whose family is the primary metric of these cells; `changes` replaces whole fields. */
export function buildContext(cells: readonly string[], changes: Partial<NightContext> = {}): NightContext {
  return {
    machine: {
      id: "a".repeat(64),
      platform: "linux",
      arch: "x64",
      cpuModel: "cpu",
      cpuCount: 2,
      memoryGiB: 8,
      virtualization: "none",
      cgroupCpuLimit: "",
      cgroupMemoryLimit: "",
      runnerImage: "",
      nodeMajor: 22,
    },
    shard: { index: 1, count: 1 },
    sampling: { mode: "evidence", minBlocks: 10, maxBlocks: 30 },
    family: { primary: cells.map((cell) => seriesName(cell, PRIMARY_METRIC)), secondary: [] },
    controls: { cell: "P1/one/warm", plantedBy: "node-preload" },
    ...changes,
  };
}

/** A known metric. */
export function metricOf(id: string): Metric {
  const metric = findMetric(id);
  if (metric === undefined) throw new Error(`no metric ${id}`);
  return metric;
}
