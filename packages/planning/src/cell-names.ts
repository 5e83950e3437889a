import { type PipelineCell, readPipelineCell } from "@forgebench/series";

/** What a run finds: `cold`, `warm`, or a phase that the suite declares. */
export type Phase = string;

/** What is measured, as the runner has it. */
export interface CellName extends PipelineCell {
  readonly phase: Phase;
}

/** The cell of a name, or none for a control and for what names no cell. */
export function cellNamed(name: string): CellName[] {
  const { profileId, scenario, phase } = readPipelineCell(name);
  const isCell = name.split("/").length === 3 && profileId !== "" && scenario !== "" && phase !== "";
  return isCell ? [{ profileId, scenario, phase }] : [];
}
