import { endMeasurement, makeMeasurement, type ScriptIo } from "@forgebench/io";
import { formatMeasurement } from "@forgebench/report";
import type { Figures } from "./figures.ts";

/** Shows the figures of a program as a table and writes them where asked. Resolves to the exit code: 2 when a goal was missed. */
export function endMeasuring(
  io: ScriptIo,
  program: string,
  figures: Figures,
  { outJson }: { readonly outJson: string | undefined },
): Promise<number> {
  const result = makeMeasurement(io, program, figures);
  return endMeasurement(io, result, { text: formatMeasurement(result), outJson });
}
