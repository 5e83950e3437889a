import * as z from "zod";
import type { ArtifactKind } from "./artifact-kind.ts";

/** A dotted path into the subject's JSON report, for example `summary.total`. */
const reportPath = z.string().regex(/^[\w-]+(\.[\w-]+)*$/, "not a dotted path such as summary.total");

const profile = z.looseObject({
  id: z.string().regex(/^[A-Za-z0-9][\w.-]*$/, "not an id such as P1"),
  description: z.string().default(""),
  /** Arguments of this profile, put where `subject.argv` says `{profile}`. */
  arguments: z.array(z.string()),
  /** For image suites, published beside the figures. */
  formats: z.string().optional(),
  quality: z.int().optional(),
  blur: z.boolean().optional(),
  widths: z.string().nullable().optional(),
});

const scenario = z.looseObject({
  name: z.string().regex(/^[A-Za-z0-9][\w.-]*$/, "not a name such as batch-all"),
  /** Which images of the tier are the input. */
  files: z.enum(["small", "median", "large", "all"]),
  phases: z
    .array(z.enum(["cold", "warm"]))
    .min(1)
    .default(["cold", "warm"]),
  /** Whether its verdict counts for the outcome. */
  gating: z.boolean().default(true),
  /** Another tier than the run's, for cells that would be too dear: refused until it is measured on that tier. */
  tier: z.never("is not supported yet: every scenario uses the tier of the run; leave it out").optional(),
});

const schema = z.looseObject({
  name: z.string().min(1),
  description: z.string().default(""),
  subject: z.looseObject({
    /**
     * The command; `{cli}`, `{input}`, `{outDir}`, `{manifest}` are replaced inside an argument, an argument that is
     * exactly `{profile}` becomes the profile's arguments.
     */
    argv: z.array(z.string()).min(1),
    /** How to read the JSON report that the subject prints. */
    report: z.looseObject({
      total: reportPath,
      processed: reportPath,
      cached: reportPath,
      failed: reportPath,
      durationMs: reportPath.optional(),
      originalBytes: reportPath.optional(),
      processedBytes: reportPath.optional(),
      errors: reportPath.optional(),
    }),
  }),
  /** What a cold run must not find, below the arm's folder; `{outDir}` and `{manifest}` are replaced. */
  cachePaths: z.array(z.string()).default([]),
  profiles: z.array(profile).min(1),
  scenarios: z.array(scenario).min(1),
  metrics: z.array(z.string()).default(["wall"]),
  margins: z
    .looseObject({
      /** Equivalence margin δ, in per cent. */
      equivalencePct: z.number().positive().default(5),
      minEffectPct: z.number().min(0).default(2),
    })
    .prefault({}),
  /** Exact metrics whose change is an alert; the rest are reported as `changed` and accepted. */
  gateChanged: z.array(z.string()).default([]),
  /** For subjects that are not Node programs: the command of a control arm; `{factor}` is 0, 0.05 or 0.1, `{command}` the subject's own. */
  plantCommand: z.array(z.string()).optional(),
  /** `none`: measurements do not check themselves, and say so, as with `--no-controls`. */
  controls: z.literal("none").optional(),
  /** What makes a run valid; relations between report fields, checked for each run of the phase. */
  validity: z
    .looseObject({
      cold: z.array(z.string()).default(["processed = total", "cached = 0"]),
      warm: z.array(z.string()).default(["cached = total", "processed = 0"]),
    })
    .prefault({}),
  /** The pair that a snapshot shows first. */
  headline: z.looseObject({ profileId: z.string(), scenario: z.string() }).optional(),
});

export type Suite = z.infer<typeof schema>;
/** By what a slowdown can be planted into the subject: a module that Node loads, or a command; undefined when by nothing. */
export function plantedByOf({ subject, plantCommand }: Pick<Suite, "subject" | "plantCommand">) {
  if (subject.argv[0]?.split("/").at(-1) === "node") return "node-preload";
  return plantCommand === undefined ? undefined : "plant-command";
}

export type SuiteProfile = z.infer<typeof profile>;
export type SuiteScenario = z.infer<typeof scenario>;

export const suite: ArtifactKind<Suite> = {
  kind: "suite",
  slug: "suite",
  fileName: "suites/NAME.yaml",
  summary: "What is run: the subject's command line and report, its profiles and scenarios, and what a valid run is.",
  encoding: "yaml",
  schema: schema as z.ZodType<Suite>,
};
