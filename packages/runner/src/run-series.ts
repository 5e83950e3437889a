import type { RawRun, RunContext } from "@forgebench/artifacts";
import {
  type Arm,
  type CellIdentity,
  cellOfRun,
  controlName,
  type Design,
  type Fact,
  type Metric,
  pairName,
  type RunFacts,
  readPipelineCell,
  type Sample,
  type Series,
  type SeriesPair,
} from "@forgebench/series";

/** A measured cell; its series are made when they are asked for, since a night may have hundred thousands of samples. */
export interface MeasuredCell extends CellIdentity {
  /** `PROFILE/SCENARIO/PHASE`, of a control `control/null` and so on. */
  readonly name: string;
  readonly pairOf: (metric: Metric) => SeriesPair;
}

/** The values that are the same for all runs of a measurement. */
type SeriesContext = Pick<RunContext, "design"> & Partial<Pick<RunContext, "dataset" | "suite" | "machine">>;

/** The part of a run that is kept. */
interface KeptRun extends Omit<Sample, "value" | "run" | "task">, Values {
  readonly arm: Arm;
  readonly facts: RunFacts;
}

type Values = Pick<RawRun, "wallMs" | "reportDurationMs" | "peakMemoryBytes" | "outputBytes" | "total" | "metrics"> & {
  readonly cpuMs: number | null;
};

/** The value of each known metric in a run; null when it is not known. */
const readers: Readonly<Record<string, (run: Values) => number | null | undefined>> = {
  wall: ({ wallMs }) => wallMs,
  reported_duration: ({ reportDurationMs }) => reportDurationMs,
  cpu: ({ cpuMs }) => cpuMs,
  peak_memory: ({ peakMemoryBytes }) => peakMemoryBytes,
  output_bytes: ({ outputBytes }) => outputBytes,
  throughput: ({ total, wallMs }) => (total === null || wallMs <= 0 ? null : (total * 1000) / wallMs),
};

/** The first value of a run that is as asked, with its metric. */
export function findValue(
  run: RawRun,
  isAsked: (value: number) => boolean,
): { readonly metric: string; readonly value: number } | undefined {
  const values = valuesOf(run);
  for (const [metric, read] of readerEntries) {
    const value = read(values);
    if (typeof value === "number" && isAsked(value)) return { metric, value };
  }
  return undefined;
}

const readerEntries = Object.entries(readers);

function valuesOf(run: RawRun): Values {
  const { wallMs, reportDurationMs, peakMemoryBytes, outputBytes, total, userCpuMs, systemCpuMs, metrics } = run;
  const cpuMs = typeof userCpuMs === "number" && typeof systemCpuMs === "number" ? userCpuMs + systemCpuMs : null;
  return { wallMs, reportDurationMs, peakMemoryBytes, outputBytes, total, cpuMs, metrics };
}

/** Raw runs become series here and nowhere else. Runs are added in the order of the log. */
export class RunSeries {
  readonly #context: SeriesContext;
  readonly #cells = new Map<string, KeptRun[]>();
  readonly #identities = new Map<string, CellIdentity>();
  #count = 0;
  #last: RawRun | undefined;

  constructor(context: SeriesContext) {
    this.#context = context;
  }

  /** A run without an arm is in neither series: the judgement refuses it by its line. */
  add(run: RawRun): void {
    // The shards of a merged measurement follow one another in the log, not in time.
    const after = this.#last?.shard?.index === run.shard?.index ? this.#last?.arm : undefined;
    this.#last = run;
    this.#count += 1;
    if (run.arm === undefined) return;
    const name = nameOf(run);
    const kept = keep(run, run.arm, { number: this.#count, after });
    const own = this.#cells.get(name);
    if (own !== undefined) own.push(kept);
    else {
      this.#cells.set(name, [kept]);
      this.#identities.set(name, { benchmark: pairName(run), params: {}, phase: run.phase });
    }
  }

  /** The measured cells by name, in the order of their first runs. */
  get cells(): Map<string, MeasuredCell> {
    return new Map(
      [...this.#cells].map(([name, runs]) => {
        const identity = this.#identities.get(name) ?? pipelineIdentity(name);
        const pairOf = (metric: Metric) => pairOfRuns(runs, { identity, metric, context: this.#context });
        return [name, { ...identity, name, pairOf }] as const;
      }),
    );
  }
}

/** The series of all cells of a log. */
export function seriesOfRuns(runs: Iterable<RawRun>, context: SeriesContext): Map<string, MeasuredCell> {
  const series = new RunSeries(context);
  for (const run of runs) series.add(run);
  return series.cells;
}

/** The parts of a pipeline's cell, by its name. */
export function pipelineIdentity(cell: string): CellIdentity {
  const { phase, ...pair } = readPipelineCell(cell);
  return { benchmark: pairName(pair), params: {}, phase };
}

/** Controls of other shards are other cells. */
function nameOf(run: RawRun): string {
  return run.control === undefined ? cellOfRun(run) : controlName(run.control, run.shard?.index);
}

function keep(run: RawRun, arm: Arm, { number, after }: Pick<RunFacts, "number" | "after">): KeptRun {
  return {
    arm,
    block: run.block,
    position: run.position,
    slot: run.slot,
    startedAtMs: Date.parse(run.timestamp),
    status: run.timedOut === true ? "timed-out" : run.valid === true ? "valid" : "failed",
    ...valuesOf(run),
    facts: {
      number,
      after,
      durationMs: run.wallMs,
      stolenMs: run.stealMs ?? null,
      loadAverage1m: run.loadAverage1m ?? null,
      plantedMs: run.plantedMs ?? null,
    },
  };
}

interface SeriesHeader {
  readonly identity: CellIdentity;
  readonly metric: Metric;
  readonly context: SeriesContext;
}

function pairOfRuns(runs: readonly KeptRun[], { identity, metric, context }: SeriesHeader): SeriesPair {
  const read = readers[metric.id] ?? (({ metrics }: Values) => metrics?.[metric.id]);
  const design: Design = context.design;
  const facts = factsOfContext(context);
  const seriesOf = (arm: Arm): Series | undefined => {
    const samples = runs.flatMap((run) => (run.arm === arm ? [sampleOf(run, read(run) ?? null)] : []));
    if (samples.length === 0) return undefined;
    return {
      benchmark: identity.benchmark,
      params: identity.params ?? {},
      phase: identity.phase,
      metric,
      design,
      samples,
      facts,
    };
  };
  return { base: seriesOf("base"), head: seriesOf("head") };
}

function sampleOf({ status, block, position, slot, startedAtMs, facts }: KeptRun, value: number | null): Sample {
  return { value, status, block, position, slot, startedAtMs, run: facts };
}

/** The facts that all series of a measurement have in common. */
function factsOfContext({ dataset, suite, machine }: SeriesContext): Fact[] {
  return [
    ...(dataset === undefined ? [] : [{ what: "dataset", id: dataset.sha256 }]),
    ...(suite === undefined ? [] : [{ what: "suite", id: suite.sha256, name: suite.name }]),
    ...(machine === undefined ? [] : [{ what: "hardware class", id: machine.id }]),
  ];
}

/** A rule for the series of a cell as one for all runs of it. */
export function onRuns(
  needed: (cell: MeasuredCell) => number,
  context: SeriesContext,
): (runs: readonly RawRun[]) => number {
  return (runs) => {
    const [cell] = seriesOfRuns(runs, context).values();
    return cell === undefined ? Number.POSITIVE_INFINITY : needed(cell);
  };
}
