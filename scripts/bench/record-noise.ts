/**
 * Purpose: runs one command again and again with nothing changed and keeps the durations: noise for bench:power.
 * Reads: nothing.
 * Writes: the recording that --out names.
 * Network: none.
 * Secrets: none; the command gets PATH, HOME, TMPDIR, LANG and TZ, nothing else.
 * Rerun: safe; the recording is replaced.
 * Example: npm run bench:noise -- --command "node -e 0" --runs 240 --out .tmp/bench/noise/node.json
 */
import { noiseFile } from "@forgebench/artifacts";
import { OperationError, printableLine } from "@forgebench/errors";
import {
  EXIT,
  type FlagValues,
  integerFlag,
  launch,
  optionalText,
  printOutputs,
  requiredPath,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  startProgress,
  textFlag,
  writeArtifact,
} from "@forgebench/io";
import { inTemporaryFolder } from "@forgebench/lab";
import { chooseMeter, ProcessExecutor, subjectEnvironment } from "@forgebench/runner";

const flags = {
  command: textFlag({
    pattern: /\S/,
    expected: "a program and its arguments, with spaces between",
    fallback: "node -e 0",
    placeholder: "COMMAND",
    description: "what is run, without a shell; relative paths are of the working folder",
  }),
  runs: integerFlag({ min: 1, max: 1_000_000, unit: "runs", fallback: 300, description: "how often" }),
  out: requiredPath({ placeholder: "FILE", description: "the recording" }),
  note: optionalText({
    pattern: /^[^\n]{1,200}$/,
    expected: "one line",
    placeholder: "TEXT",
    description: "a remark for readers, such as the load during the runs",
  }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:noise --",
  purpose: "Runs one command again and again with nothing changed and keeps the durations, for bench:power.",
  flags,
  outputs: { NOISE_JSON: "the recording" },
  notes: ["A run that fails ends the recording (exit 3): the times of failed runs are useless."],
  examples: ['npm run bench:noise -- --command "node dist/cli.js --help" --runs 400 --out noise.json'],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => recordNoise(values, io));
}

async function recordNoise(values: Flags, io: ScriptIo): Promise<number> {
  const samples = await inTemporaryFolder("forgebench-noise-", (folder) => runAll(values, folder, io));
  const note = values.note === undefined ? "" : `, ${values.note}`;
  const what = `${values.command}, ${samples.length} times in a row${note}`;
  await writeArtifact(noiseFile, values.out, { unit: "ms", what, samples });
  await printOutputs(io, { NOISE_JSON: values.out });
  return EXIT.ok;
}

async function runAll({ command, runs }: Flags, folder: string, io: ScriptIo): Promise<number[]> {
  const argv = command.split(" ").filter((word) => word !== "");
  const executor = new ProcessExecutor({ meter: chooseMeter(), marker: `noise-${process.pid}` });
  const env = subjectEnvironment({ searchPath: io.env.PATH ?? "", home: folder, temporary: folder });
  const progress = startProgress(io, "record", runs);
  const samples: number[] = [];
  try {
    while (samples.length < runs) {
      const result = await executor.run({ argv, cwd: io.cwd, env, timeoutMs: 600_000 }, io.signal);
      if (result.exitCode !== 0) throw failedRun(command, samples.length + 1, result.exitCode, result.stderr);
      samples.push(Math.round(result.wallMs * 1000) / 1000);
      progress.update(samples.length);
    }
  } finally {
    progress.stop();
  }
  return samples;
}

function failedRun(command: string, run: number, exitCode: number | null, stderr: string): OperationError {
  const how = exitCode === null ? "a signal" : `exit ${exitCode}`;
  return new OperationError("unjudged", `Cannot record "${printableLine(command)}": run ${run} ended with ${how}`, {
    details: [{ label: "stderr", text: printableLine(stderr.trim().split("\n").at(-1) ?? "") }],
  });
}

await launch(import.meta.url, main);
