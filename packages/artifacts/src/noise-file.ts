import * as z from "zod";
import type { ArtifactKind } from "./artifact-kind.ts";

const schema = z.looseObject({
  unit: z.literal("ms"),
  /** What was run, and on what kind of machine. */
  what: z.string(),
  /** The durations in the order in which they were measured. */
  samples: z.array(z.number().positive()),
});

/** The durations, in ms, of one command that was run many times with nothing changed. */
export type NoiseFile = z.infer<typeof schema>;

/** Written by `record-noise`, `measure-aa` or a person who has times of another tool; read by `measure-power`. */
export const noiseFile: ArtifactKind<NoiseFile> = {
  kind: "noise recording",
  slug: "noise",
  fileName: "fixtures/noise/NAME.json",
  summary:
    "The durations of one command that was run again and again with nothing changed: what verdicts are tried on.",
  encoding: "json",
  schema,
};
