import * as z from "zod";
import { type ArtifactKind, fields } from "./artifact-kind.ts";

const schema = z.looseObject({
  kind: z.string().optional(),
  version: z.string(),
  generatedAt: fields.timestamp,
  /** The program, for example `bench:overhead`. */
  program: z.string(),
  machine: z.looseObject({ cpuModel: z.string(), cpuCount: z.int(), nodeVersion: z.string() }),
  /** What was measured, in the order in which a person should read it. */
  figures: z.array(
    z.looseObject({
      name: z.string(),
      value: z.number(),
      unit: z.string(),
      /** What was asked for, in words, for example `≤ 1.6`; absent where the figure only informs. */
      goal: z.string().optional(),
      met: z.boolean().optional(),
    }),
  ),
});

/** Figures that a program of this project found about the project, each beside its goal. */
export type Measurement = z.infer<typeof schema>;

/** Written by the programs of `lab` where `--out-json` says; read by people. */
export const measurement: ArtifactKind<Measurement> = {
  kind: "measurement",
  slug: "measurement",
  fileName: "FILE given by --out-json",
  summary: "Figures of this project about itself, made by the bench:self and bench:overhead programs.",
  encoding: "json",
  version: { field: "version", current: "1.0" },
  schema,
};
