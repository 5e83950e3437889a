/**
 * Purpose: measures how small slowdowns can be to be found: replays recorded noise, with slowdowns planted, through the deciding code,
 *   beside the threshold rule, a repeated t-test and a rank test.
 * Reads: recordings of one command run again and again with nothing changed.
 * Writes: with --out-json a measurement, with --out-md its tables, with --out-svg the power curves.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the same seed gives the same figures.
 * Example: npm run bench:power -- --noise fixtures/noise/imageforge-warm.json
 */
import path from "node:path";
import { type Measurement, measurement } from "@forgebench/artifacts";
import {
  EXIT,
  type FlagValues,
  integerFlag,
  launch,
  listFlag,
  makeMeasurement,
  optionalPath,
  printOutputs,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  startProgress,
  textFlag,
  writeArtifact,
  writeFileAtomic,
} from "@forgebench/io";
import { powerFigures, powerPanel, type ReplayResult, readRecordings, replayRecording } from "@forgebench/lab";
import { drawPowerChart, formatMeasurement, formatPowerMarkdown } from "@forgebench/report";

const flags = {
  noise: listFlag({
    fallback: [],
    shown: "fixtures/noise/*.json",
    placeholder: "FILE",
    description: "recordings; several with commas",
  }),
  simulations: integerFlag({
    min: 100,
    max: 1_000_000,
    unit: "cells",
    fallback: 2000,
    description: "cells simulated for each size of slowdown",
  }),
  nights: integerFlag({
    min: 100,
    max: 1_000_000,
    unit: "nights",
    fallback: 2000,
    description: "nights of 24 cells simulated for each kind of noise",
  }),
  "max-blocks": integerFlag({
    min: 13,
    max: 10_000,
    unit: "blocks",
    fallback: 60,
    description: "the most blocks of a cell",
  }),
  seed: textFlag({
    pattern: /^[\w.-]{1,64}$/,
    expected: "1 to 64 letters, digits, dots, dashes",
    fallback: "power",
    description: "of the simulation",
  }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
  "out-md": optionalPath({ placeholder: "FILE", description: "the figures as tables in Markdown" }),
  "out-svg": optionalPath({ placeholder: "FILE", description: "the power curves as a picture" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:power --",
  purpose: "Replays recorded noise with slowdowns planted, and counts how many are found, missed and falsely found.",
  flags,
  outputs: {
    MEASUREMENT_JSON: "the file of --out-json",
    POWER_MD: "the file of --out-md",
    POWER_SVG: "the file of --out-svg",
  },
  notes: [
    "A block is two neighbouring runs of the recording, from a random start; a coin says which is head. The code that decides\nis that of bench:run and bench:compare. Exit 2 when a goal is missed.",
  ],
  examples: [
    "npm run bench:power",
    "npm run bench:power -- --noise a.json,b.json --out-json power.json --out-svg power.svg",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => measurePower(values, io));
}

async function measurePower(values: Flags, io: ScriptIo): Promise<number> {
  const recordings = await readRecordings(values.noise.map((file) => path.resolve(io.cwd, file)));
  const progress = startProgress(io, "replay", recordings.length);
  const results: ReplayResult[] = [];
  for (const recording of recordings) {
    progress.update(results.length, recording.name);
    const { simulations: simulationCount, nights: nightCount, maxBlocks, seed } = values;
    results.push(replayRecording({ recording, simulationCount, maxBlocks, seed }, nightCount));
    // Lets an interruption in between two recordings.
    await new Promise((resolve) => setImmediate(resolve));
    io.signal.throwIfAborted();
  }
  progress.stop();
  const figures = results.flatMap((result) => powerFigures(result));
  const made = makeMeasurement(io, "bench:power", figures, { recordings: results });
  io.stdout.write(formatMeasurement(made));
  await writeOutputs(values, made, results, io);
  return figures.some(({ met }) => met === false) ? EXIT.gate : EXIT.ok;
}

async function writeOutputs(
  values: Flags,
  made: Measurement,
  results: readonly ReplayResult[],
  io: ScriptIo,
): Promise<void> {
  if (values.outJson !== undefined) await writeArtifact(measurement, values.outJson, made);
  if (values.outMd !== undefined) await writeFileAtomic(values.outMd, formatPowerMarkdown(results, made.figures));
  if (values.outSvg !== undefined) {
    const panels = results.map((result) => powerPanel(result, values.simulations));
    await writeFileAtomic(
      values.outSvg,
      drawPowerChart({ title: "How often a planted slowdown is called slower", panels }),
    );
  }
  await printOutputs(io, {
    ...(values.outJson === undefined ? {} : { MEASUREMENT_JSON: values.outJson }),
    ...(values.outMd === undefined ? {} : { POWER_MD: values.outMd }),
    ...(values.outSvg === undefined ? {} : { POWER_SVG: values.outSvg }),
  });
}

await launch(import.meta.url, main);
