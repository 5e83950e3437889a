/**
 * Purpose: measures how often something is found where nothing can be: compares a build with itself, night after night, by evidence
 *   and, separately, all runs of head then all of base by fixed thresholds.
 * Reads: the project's sources, or the CLI, suite and tier that the flags name.
 * Writes: OUT-DIR/nights.ndjson, a line a finished night, and OUT-DIR/nights with their runs; with --out-json a
 *   measurement, with --out-noise a noise recording for each cell.
 * Network: none.
 * Secrets: none; the subject gets PATH, HOME, TMPDIR, LANG, TZ and a marker, nothing else.
 * Rerun: safe; existing nights are continued with --resume; without it they are refused.
 * Example: npm run bench:aa -- --nights 1 --min-blocks 2 --max-blocks 3 --resume --out-dir .tmp/bench/aa-small
 */
import path from "node:path";
import { measurement, noiseFile } from "@forgebench/artifacts";
import { UsageError } from "@forgebench/errors";
import {
  EXIT,
  type FlagValues,
  integerFlag,
  launch,
  listFlag,
  makeMeasurement,
  optionalInteger,
  optionalPath,
  pathFlag,
  printOutputs,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  switchFlag,
  writeArtifact,
} from "@forgebench/io";
import {
  AA_DATASET,
  analyzeNullNights,
  type MeasuredNights,
  measureNights,
  noiseOfNights,
  nullNightFigures,
  showInterval,
} from "@forgebench/lab";
import { formatMeasurement } from "@forgebench/report";

const flags = {
  nights: integerFlag({ min: 1, max: 100_000, unit: "nights", fallback: 200, description: "nights in all" }),
  "cli-path": optionalPath({
    placeholder: "FILE",
    description: "the CLI to compare with itself; default: the reference subject, built if it is missing",
  }),
  "tier-manifest": optionalPath({
    placeholder: "FILE",
    description: `the tier that it runs on; default: ${AA_DATASET.images} generated images`,
  }),
  suite: pathFlag({ placeholder: "FILE", fallback: "suites/imageforge.yaml", description: "how the CLI is run" }),
  profiles: listFlag({ fallback: ["P1"], description: "profiles of the suite" }),
  scenarios: listFlag({ fallback: ["single-small"], description: "scenarios of the suite" }),
  "min-blocks": integerFlag({
    min: 1,
    max: 10_000,
    unit: "blocks",
    fallback: 13,
    description: "the fewest blocks of a cell",
  }),
  "max-blocks": integerFlag({
    min: 1,
    max: 10_000,
    unit: "blocks",
    fallback: 30,
    description: "the most blocks of a cell",
  }),
  "run-count": integerFlag({
    min: 2,
    max: 10_000,
    unit: "runs",
    fallback: 10,
    description: "for the judgement by thresholds: runs of each arm, one cold, the rest warm",
  }),
  controls: switchFlag({ description: "also run the control cells in each night" }),
  "no-waiting": switchFlag({ description: "measure even while other programs use all processors, instead of waiting" }),
  "out-dir": pathFlag({ fallback: ".tmp/bench/aa", description: "the folder of the nights" }),
  resume: switchFlag({ description: "continue the existing nights" }),
  "budget-minutes": optionalInteger({
    min: 0,
    max: 100_000,
    unit: "minutes",
    description: "end after the night in which the time is up; 0: after one night",
  }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
  "out-noise": optionalPath({ placeholder: "DIR", description: "the runs of each cell as noise for bench:power" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:aa --",
  purpose: "Compares a build with itself, night after night: how often is something found, and how large is the bias?",
  flags,
  outputs: {
    NIGHTS_NDJSON: "a line for each finished night",
    MEASUREMENT_JSON: "the file of --out-json",
    NOISE_DIR: "the folder of --out-noise",
  },
  notes: [
    "A night is measured as by bench:run and judged as by bench:compare, by evidence. Then come all runs of head, and after\nthem all runs of base; these are judged by fixed thresholds. Order and slots are drawn anew each night.",
    "Parentheses hold 95 % intervals; those of means need 10 nights. A change is head against base in per cent.\nExit 2 when more than 2 % of the nights are red, 3 when runs failed.",
  ],
  examples: [
    "npm run bench:aa -- --out-json aa.json",
    "npm run bench:aa -- --nights 400 --resume --budget-minutes 60",
    "npm run bench:aa -- --cli-path cli.js --tier-manifest tier/tier-manifest.json --suite suite.yaml --profiles a --scenarios b",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => measureAa(values, io));
}

async function measureAa(values: Flags, io: ScriptIo): Promise<number> {
  if (values.minBlocks > values.maxBlocks) {
    throw new UsageError(`--min-blocks: ${values.minBlocks} is more than the ${values.maxBlocks} of --max-blocks`);
  }
  const measured = await measureNights(values, io);
  const { length } = measured.nights;
  if (length < values.nights) {
    io.stderr.write(`note: the time is up after ${length} of ${values.nights} nights; --resume continues\n`);
  }
  return report(measured, values, io);
}

async function report({ nights, log }: MeasuredNights, { outJson, outNoise }: Flags, io: ScriptIo): Promise<number> {
  const result = analyzeNullNights(nights);
  const figures = nullNightFigures(result);
  const made = makeMeasurement(io, "bench:aa", figures, { result });
  io.stdout.write(formatMeasurement({ ...made, figures: figures.map(showInterval) }));
  if (outJson !== undefined) await writeArtifact(measurement, outJson, made);
  if (outNoise !== undefined) {
    for (const [name, noise] of noiseOfNights(nights)) await writeArtifact(noiseFile, path.join(outNoise, name), noise);
  }
  await printOutputs(io, {
    NIGHTS_NDJSON: log,
    ...(outJson === undefined ? {} : { MEASUREMENT_JSON: outJson }),
    ...(outNoise === undefined ? {} : { NOISE_DIR: outNoise }),
  });
  if (result.failedNights > 0) return EXIT.unjudged;
  return figures.some(({ met }) => met === false) ? EXIT.gate : EXIT.ok;
}

await launch(import.meta.url, main);
