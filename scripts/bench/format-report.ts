/**
 * Purpose: turns a comparison, or the summaries of one or two arms, into a report for people.
 * Reads: what run-benchmark and compare-benchmark wrote.
 * Writes: the file that --out names; without it the report goes to stdout.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the file is replaced.
 * Example: npm run bench:report -- --compare .tmp/bench/compare/compare.json --format terminal
 */
import { UsageError } from "@forgebench/errors";
import {
  choiceFlag,
  EXIT,
  type FlagValues,
  launch,
  optionalInteger,
  optionalPath,
  printOutputs,
  refuseSharedPaths,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  switchFlag,
  writeFileAtomic,
} from "@forgebench/io";
import { reportStep } from "@forgebench/steps";

const flags = {
  "head-summary": optionalPath({ placeholder: "FILE", description: "the summary of the head arm" }),
  "base-summary": optionalPath({ placeholder: "FILE", description: "the summary of the base arm" }),
  compare: optionalPath({
    placeholder: "FILE",
    description: "the comparison of the two: the report then gives a verdict",
  }),
  format: choiceFlag({ choices: ["md", "terminal", "json"], fallback: "md", description: "the form of the report" }),
  columns: optionalInteger({
    min: 20,
    max: 400,
    unit: "columns",
    description: "how wide a terminal report may be; default: the terminal, else the variable COLUMNS, else 80",
  }),
  "all-cells": switchFlag({
    description: "lists every cell in a terminal report; without it, some are only counted",
  }),
  out: optionalPath({ placeholder: "FILE", description: "where the report goes; without it, to stdout" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:report --",
  purpose: "Turns a comparison, or the summaries of one or two arms, into a report for people.",
  flags,
  outputs: { REPORT: "the report, when --out is given" },
  notes: [
    "At least one of --compare, --head-summary and --base-summary is needed.",
    "On a terminal, the signs and verdicts of a terminal report are coloured; the words say the same. NO_COLOR=1 turns colours\noff, and FORCE_COLOR=1 turns them on for a pipe or in CI; a file of --out has none.",
  ],
  examples: [
    "pnpm run bench:report -- --compare compare.json --head-summary head.json --base-summary base.json --out report.md",
    "pnpm run bench:report -- --head-summary .tmp/bench/local-run/summary.json --format terminal",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => report(values, io));
}

async function report(values: Flags, io: ScriptIo): Promise<number> {
  const inputs = { compare: values.compare, "head-summary": values.headSummary, "base-summary": values.baseSummary };
  if (Object.values(inputs).every((file) => file === undefined)) {
    throw new UsageError("there is nothing to report", [
      { label: "expected", text: "at least one of --compare, --head-summary and --base-summary" },
    ]);
  }
  refuseSharedPaths(inputs, { out: values.out });
  const colors = values.out === undefined && io.stdout.hasColors;
  const layout = { columns: values.columns ?? columnsOf(values, io), colors, allCells: values.allCells };
  const { compare, headSummary, baseSummary, format } = values;
  const text = await reportStep({ compare, headSummary, baseSummary, format, layout });
  if (values.out === undefined) {
    io.stdout.write(text);
    return EXIT.ok;
  }
  await writeFileAtomic(values.out, text);
  await printOutputs(io, { REPORT: values.out });
  return EXIT.ok;
}

/** A file has no width of its own. */
function columnsOf({ out }: Flags, { stdout }: ScriptIo): number | undefined {
  return out === undefined ? stdout.columns : undefined;
}

await launch(import.meta.url, main);
