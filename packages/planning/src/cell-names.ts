import { type PipelineCell, readPipelineCell } from "@forgebench/series";

/** The state that a run starts from: `cold`, `warm`, or a phase that the suite declares. */
export type Phase = string;

/** What is measured, as the runner has it. */
export interface CellName extends PipelineCell {
  readonly phase: Phase;
}

/** The cell of a name; undefined for a control and for a name of no cell. */
export function cellNamed(name: string): CellName[] {
  const { profileId, scenario, phase } = readPipelineCell(name);
  const isCell = name.split("/").length === 3 && profileId !== "" && scenario !== "" && phase !== "";
  return isCell ? [{ profileId, scenario, phase }] : [];
}
