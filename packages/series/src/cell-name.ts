/** The names of cells and series: no other place composes or splits such a name. */

/** The parts of a cell, for any source: a benchmark, its parameters, and the phase if there are several. */
export interface CellIdentity {
  readonly benchmark: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly phase?: string | undefined;
}

/** `BENCHMARK[/PARAMS][/PHASE]`; parameters as `key=value`, in the order in which they were given. */
export function cellName({ benchmark, params = {}, phase }: CellIdentity): string {
  const named = Object.entries(params).map(([key, value]) => `${key}=${value}`);
  return [benchmark, ...named, ...(phase === undefined ? [] : [phase])].join("/");
}

/** `CELL/METRIC`. */
export function seriesName(cell: string, metric: string): string {
  return `${cell}/${metric}`;
}

/** The cell and the metric of a series name: the last part is the metric. */
export function readSeriesName(name: string): { readonly cell: string; readonly metric: string } {
  const end = name.lastIndexOf("/");
  return { cell: name.slice(0, Math.max(0, end)), metric: name.slice(end + 1) };
}

/** The unit that a pipeline measures: one profile on one scenario. */
interface PairIdentity {
  readonly profileId: string;
  readonly scenario: string;
}

/** A cell of a pipeline. */
export interface PipelineCell extends PairIdentity {
  readonly phase: string;
}

/** `PROFILE/SCENARIO`: the benchmark of a pipeline. */
export function pairName({ profileId, scenario }: PairIdentity): string {
  return `${profileId}/${scenario}`;
}

/** `PROFILE/SCENARIO/PHASE`. */
export function pipelineCellName({ profileId, scenario, phase }: PipelineCell): string {
  return `${profileId}/${scenario}/${phase}`;
}

/** A pipeline's cell by its name; parts that are not there are empty. */
export function readPipelineCell(name: string): PipelineCell {
  const [profileId = "", scenario = "", phase = ""] = name.split("/");
  return { profileId, scenario, phase };
}

const CONTROL = "control";

/** `control/null` and so on; each shard but the first has controls of its own: `control/null@2`. */
export function controlName(control: string, shard = 1): string {
  return shard > 1 ? `${CONTROL}/${control}@${shard}` : `${CONTROL}/${control}`;
}

/** The control that a cell is, its shard left out; undefined for a cell that is none. */
export function readControlName(name: string): string | undefined {
  const [first, control, ...more] = name.split("/");
  return first === CONTROL && control !== undefined && more.length === 0 ? control.split("@")[0] : undefined;
}

/** The cell that a run counts for: a control has a name of its own, whatever it runs on. */
export function cellOfRun(run: PipelineCell & { readonly control?: string | undefined }): string {
  return run.control === undefined ? pipelineCellName(run) : controlName(run.control);
}
