import { cpus } from "node:os";
import type { Measurement } from "@forgebench/artifacts";
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
