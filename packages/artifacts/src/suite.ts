import type { ArtifactIssue } from "@forgebench/errors";
import * as z from "zod";
import { type ArtifactKind, fields as shared } from "./artifact-kind.ts";
import { findMisspelledKeys } from "./field-issues.ts";

/** A dotted path into the subject's JSON report, for example `summary.total`. */
const reportPath = z.string().regex(/^[\w-]+(\.[\w-]+)*$/, "not a dotted path such as summary.total");

/** A word of a command; a number becomes its text, as `parseSuite` finds it in the file. */
const word = z
  .union([z.string(), z.number()], {
    error: ({ input }) => `expected a text or a number, found ${JSON.stringify(input)}; put it in quotes`,
  })
  .transform(String);
const words = z.array(word);

/** Files, folders and globs, from the folder of the suite file. */
const inputs = z.array(z.string().min(1, "names nothing; leave it out")).min(1);

const profile = z.looseObject({
  id: z.string().regex(/^[A-Za-z0-9][\w.-]*$/, "not an id such as P1"),
  description: z.string().default(""),
  /** Arguments of this profile, put where `subject.argv` says `{profile}`. */
  arguments: words.default([]),
  /** For image suites, published beside the figures. */
  formats: z.string().optional(),
  quality: z.int().optional(),
  blur: z.boolean().optional(),
  widths: z.string().nullable().optional(),
});

const scenario = z.looseObject({
  name: z.string().regex(/^[A-Za-z0-9][\w.-]*$/, "not a name such as batch-all"),
  /** Which images of the tier are the input; or `inputs`, or those of the suite, or there is no input. */
  files: z.enum(["small", "median", "large", "all"]).optional(),
  /** The input, instead of the one of the suite. */
  inputs: inputs.optional(),
  phases: z.array(shared.phase).min(1).default(["cold", "warm"]),
  /** Whether its verdict counts for the outcome. */
  gating: z.boolean().default(true),
  /** Another tier than the run's, for cells that would be too dear: refused until it is measured on that tier. */
  tier: z.never("is not supported yet: every scenario uses the tier of the run; leave it out").optional(),
});

const arm = z.looseObject({ arguments: words });

/** What a phase readies before each of its runs. */
const phase = z.looseObject({
  /** Whether the subject is run once, untimed, before the first run of an arm; so it is when left out. */
  fill: z.boolean().optional(),
  /** What no run finds, below the folder of the run; `{outDir}` and `{manifest}` are replaced. */
  removes: z.array(z.string()).optional(),
  /** A command that is run before each run, untimed, with the places of `subject.argv`. */
  prepare: words.min(1).optional(),
});

/** A metric of the suite's own, and where its value stands in what the subject prints. */
const ownMetric = z.looseObject({
  id: z.string().regex(/^[A-Za-z][\w.-]*$/, "not a name such as ops_per_second"),
  unit: z
    .string()
    .regex(/^[^\p{Cc}\p{Cf}]{0,20}$/u, "not a unit of at most 20 characters")
    .default(""),
  better: z.enum(["lower", "higher"]),
  kind: z.enum(["time", "size", "count", "rate", "proportion"]),
  /** `exact`: the values of an arm are equal in all its runs, and every difference between the arms is reported. */
  noise: z.enum(["noisy", "exact"]).default("noisy"),
  from: z.union(
    [
      /** A dotted path into the last line of stdout that is a JSON object and has it. */
      z.strictObject({ json: reportPath }),
      /** The first group of the last match. */
      z.strictObject({ regex: z.string().min(1), stream: z.enum(["stdout", "stderr"]).default("stdout") }),
    ],
    { error: "expected { json: PATH } or { regex: EXPRESSION, stream: stdout or stderr }" },
  ),
});

const fields = z.looseObject({
  name: z.string().min(1),
  description: z.string().default(""),
  subject: z.looseObject({
    /**
     * The command; `{cli}`, `{input}`, `{inputFile}`, `{outDir}`, `{manifest}`, `{suiteDir}` are replaced inside an
     * argument, an argument that is exactly `{profile}` or `{arm}` becomes the arguments of the profile or the arm.
     */
    argv: words.min(1),
    /** How to read the JSON report that the subject prints; without it a run is valid by its exit code. */
    report: z
      .looseObject({
        total: reportPath,
        processed: reportPath,
        cached: reportPath,
        failed: reportPath,
        durationMs: reportPath.optional(),
        originalBytes: reportPath.optional(),
        processedBytes: reportPath.optional(),
        errors: reportPath.optional(),
      })
      .optional(),
  }),
  /** By what the two arms of a command differ, put where `subject.argv` says `{arm}`. */
  arms: z.looseObject({ head: arm, base: arm }).optional(),
  /** The input of every scenario that names none of its own. */
  inputs: inputs.optional(),
  /** What a cold run must not find, below the arm's folder; `{outDir}` and `{manifest}` are replaced. */
  cachePaths: z.array(z.string()).default([]),
  /** Phases beside `cold` and `warm`, by their names, and what those two ready in addition. */
  phases: z.record(shared.phase, phase).default({}),
  profiles: z
    .array(profile)
    .min(1)
    .prefault([{ id: "default" }]),
  scenarios: z.array(scenario).min(1),
  metrics: z
    .array(
      z.union([z.string(), ownMetric], {
        error: "expected the name of a metric, or one with id, better, kind and from",
      }),
    )
    .default(["wall"]),
  margins: z
    .looseObject({
      /** Equivalence margin δ, in per cent. */
      equivalencePct: z.number().positive().default(5),
      minEffectPct: z.number().min(0).default(2),
    })
    .prefault({}),
  /** Exact metrics whose change is an alert; the rest are reported as `changed` and accepted. */
  gateChanged: z.array(z.string()).default([]),
  /** The command of a control arm, instead of our own helper; `{factor}` is 0, 0.05 or 0.1, `{command}` the subject's own. */
  plantCommand: words.optional(),
  /** `none`: measurements do not check themselves, and say so, as with `--no-controls`. */
  controls: z.literal("none").optional(),
  /** What makes a run valid; relations between report fields, checked for each run of the phase. */
  validity: z
    .object({ cold: z.array(z.string()).optional(), warm: z.array(z.string()).optional() })
    .catchall(z.array(z.string()))
    .prefault({}),
  /** The pair that a snapshot shows first. */
  headline: z.looseObject({ profileId: z.string(), scenario: z.string() }).optional(),
});

/** What a run must satisfy where the suite says nothing else: an image CLI with a cache. */
const RULES = { cold: ["processed = total", "cached = 0"], warm: ["cached = total", "processed = 0"] };
const NO_RULES: typeof RULES = { cold: [], warm: [] };

type Fields = z.infer<typeof fields>;

/** Fills in the rules of a run; without a report there is nothing that a rule could be about. */
function withRules<Own extends Fields>(suite: Own, issues: z.RefinementCtx) {
  const hasReport = suite.subject.report !== undefined;
  for (const [phase, rules = []] of Object.entries(suite.validity)) {
    if (hasReport || rules.length === 0) continue;
    const message =
      "a rule is about the report of the subject: add subject.report; without it the exit code alone decides";
    issues.addIssue({ code: "custom", path: ["validity", phase], message });
  }
  const { cold, warm } = hasReport ? RULES : NO_RULES;
  const { validity } = suite;
  return { ...suite, validity: { ...validity, cold: validity.cold ?? cold, warm: validity.warm ?? warm } };
}

/** All metrics by name, and apart from them those that the suite declares. */
function withMetrics(suite: Fields) {
  return {
    ...suite,
    metrics: suite.metrics.map((metric) => (typeof metric === "string" ? metric : metric.id)),
    ownMetrics: suite.metrics.filter((metric) => typeof metric !== "string"),
  };
}

const schema = fields.transform((suite, issues) => ({
  ...withMetrics(suite),
  validity: withRules(suite, issues).validity,
}));

/** A suite with its defaults filled in: `metrics` are all names, `ownMetrics` the declarations among them. */
export type Suite = z.infer<typeof schema>;

/**
 * Fields that nobody knows are kept, for others to read; but one that is nearly the name of a field would change without a
 * word what is measured.
 */
export function findMisspelledFields({ ownMetrics, ...suite }: Suite): ArtifactIssue[] {
  const metrics = suite.metrics.map((name) => ownMetrics.find(({ id }) => id === name) ?? name);
  return findMisspelledKeys(fields, { ...suite, metrics });
}

/**
 * By what a slowdown is planted into the subject: a module that Node loads, the suite's own command, or a helper of ours
 * that runs any command and burns a share of its time.
 */
export function plantedByOf({ subject, plantCommand }: Pick<Suite, "subject" | "plantCommand">) {
  if (subject.argv[0]?.split("/").at(-1) === "node") return "node-preload";
  return plantCommand === undefined ? "plant-helper" : "plant-command";
}

/** A metric that the suite declares: its unit, its better direction, and where in the subject's output it is found. */
export type OwnMetric = z.infer<typeof ownMetric>;

/** A set of the subject's arguments with an id. */
export type SuiteProfile = z.infer<typeof profile>;

/** Which inputs a run gets, and the phases in which it is measured. */
export type SuiteScenario = z.infer<typeof scenario>;

/**
 * Written by a person; read by `plan-night`, `run-benchmark` and whatever starts runs, and packed into the evidence.
 */
export const suite: ArtifactKind<Suite> = {
  kind: "suite",
  slug: "suite",
  fileName: "suites/NAME.yaml",
  summary: "What is run: the subject's command line and report, its profiles and scenarios, and what a valid run is.",
  encoding: "yaml",
  schema: schema as z.ZodType<Suite>,
};
