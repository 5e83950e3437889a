import {
  choiceFlag,
  type FlagValues,
  integerFlag,
  listFlag,
  optionalInteger,
  optionalNumber,
  optionalPath,
  pathFlag,
  type ScriptSpec,
  switchFlag,
} from "@forgebench/io";

const flags = {
  "cli-path": optionalPath({ placeholder: "FILE", description: "the CLI to measure; default: the reference subject" }),
  "base-cli-path": optionalPath({
    placeholder: "FILE",
    description: "the CLI to compare it with; default: the same file, so that nothing should be found",
  }),
  suite: pathFlag({ placeholder: "FILE", fallback: "suites/imageforge.yaml", description: "how the CLI is run" }),
  "sources-dir": optionalPath({
    placeholder: "DIR",
    description: "a folder of your own pictures, mixed into the dataset",
  }),
  count: integerFlag({ min: 1, max: 100_000, unit: "images", fallback: 6, description: "synthetic images to make" }),
  tier: integerFlag({ min: 1, max: 100_000, unit: "images", fallback: 3, description: "images of the tier to run on" }),
  profiles: listFlag({ fallback: [], shown: "the first of the suite", description: "profiles of the suite" }),
  scenarios: listFlag({
    fallback: [],
    shown: "the first and the last, all with --profiles or --cell",
    description: "scenarios of the suite",
  }),
  cell: listFlag({
    fallback: [],
    shown: "all",
    placeholder: "ID",
    description: "only this cell, PROFILE/SCENARIO/PHASE; several with commas",
  }),
  "max-blocks": integerFlag({
    min: 13,
    max: 1000,
    unit: "blocks",
    fallback: 40,
    description: "the most blocks of a cell, each a run of both arms; a cell ends when it is decided",
  }),
  "time-budget-minutes": optionalNumber({
    min: 0.1,
    max: 100_000,
    unit: "minutes",
    description:
      "minutes for measuring; then open cells stay undecided; default: so many that all ends within 3 minutes",
  }),
  "run-count": optionalInteger({
    min: 2,
    max: 1000,
    unit: "runs",
    description:
      "instead: the fixed protocol, with this many runs of each profile, scenario and arm, judged by thresholds",
  }),
  seed: integerFlag({
    min: 0,
    max: 4_294_967_295,
    unit: "a seed",
    fallback: 20260215,
    description: "the seed of the dataset",
  }),
  mode: choiceFlag({
    choices: ["advisory", "strict"],
    fallback: "advisory",
    description: "advisory: exit 0 for every verdict; strict: 2 for a regression, 3 if something could not be judged",
  }),
  resume: switchFlag({ description: "continue a measurement that was interrupted, with the same flags" }),
  workspace: pathFlag({ fallback: ".tmp/bench/quickstart", description: "where the steps put their files" }),
};

/**
 * The flags of `npm run bench`, apart from its script, so that the launcher answers `--help` and wrong flags before
 * anything is installed.
 */
export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench --",
  purpose:
    "Runs the whole benchmark: makes a dataset, measures two arms of a CLI, compares, reports, exports a snapshot.",
  flags,
  notes: [
    "Without flags the reference subject is compared with itself: a check of the measurement, since nothing should be found.\nAnother CLI needs a suite file that says how to call it: suites/imageforge.yaml is the example, docs/artifacts/suite.md\nthe reference. A suite without a {cli} or images is measured by npm run bench:run -- --suite FILE --workspace DIR.",
    "Larger: --count 600 --tier 200 --profiles P1,P2,P3 --time-budget-minutes 600 takes hours, as a night does. Each step is\na script of its own: scripts/README.md lists them, docs/runbook.md shows them in use.",
  ],
  examples: [
    "npm run bench",
    "npm run bench -- --cli-path ../new/cli.js --base-cli-path ../old/cli.js",
    "npm run bench -- --cell P1/batch-all/warm --time-budget-minutes 1",
    "npm run bench -- --sources-dir ~/Pictures/holiday",
  ],
};

/** The parsed flags of `npm run bench`; undefined if a flag without a fallback was left out. */
export type QuickstartFlags = FlagValues<typeof flags>;
