import { cpus } from "node:os";
import { type Measurement, measurement } from "@forgebench/artifacts";
import { writeArtifact } from "./artifact-files.ts";
import { EXIT } from "./exit-codes.ts";
import { printOutputs } from "./outputs.ts";
import type { ScriptIo } from "./script-io.ts";

/** The figures of a program that measures this project, with the machine that they were measured on. */
export function makeMeasurement(
  io: Pick<ScriptIo, "now">,
  program: string,
  figures: Measurement["figures"],
  more: Readonly<Record<string, unknown>> = {},
): Measurement {
  return {
    kind: "measurement",
    version: "1.0",
    generatedAt: io.now().toISOString(),
    program,
    machine: {
      cpuModel: cpus()[0]?.model.trim() || "unknown",
      cpuCount: cpus().length,
      nodeVersion: process.versions.node,
    },
    figures,
    ...more,
  };
}

/**
 * Ends a program that measures: shows the figures, writes them where that was asked for. Resolves to its exit code, 2 when
 * a goal was missed.
 */
export async function endMeasurement(
  io: ScriptIo,
  result: Measurement,
  { text, outJson }: { readonly text: string; readonly outJson: string | undefined },
): Promise<number> {
  io.stdout.write(text);
  if (outJson !== undefined) {
    await writeArtifact(measurement, outJson, result);
    await printOutputs(io, { MEASUREMENT_JSON: outJson });
  }
  return result.figures.some(({ met }) => met === false) ? EXIT.gate : EXIT.ok;
}
