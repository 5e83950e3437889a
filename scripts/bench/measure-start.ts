/**
 * Purpose: measures the start of every script: the CPU time of `node scripts/bench/NAME.mjs --help` in that of `node -e 0`.
 * Reads: the launchers in scripts/bench.
 * Writes: the measurement that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe.
 * Example: npm run bench:self:start
 */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Measurement } from "@forgebench/artifacts";
import { OperationError } from "@forgebench/errors";
import {
  endMeasurement,
  type FlagValues,
  integerFlag,
  launch,
  makeMeasurement,
  optionalPath,
  PROJECT_ROOT,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  scriptFile,
  startProgress,
} from "@forgebench/io";
import { formatMeasurement } from "@forgebench/report";
import { chooseMeter, type Executor, ProcessExecutor, subjectEnvironment } from "@forgebench/runner";
import { median } from "@forgebench/stats";

const MAX_RATIO = 3;

const flags = {
  pairs: integerFlag({
    min: 1,
    max: 1000,
    unit: "pairs",
    fallback: 7,
    description: "starts of each script, beside Node's",
  }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:self:start --",
  purpose: "Measures what it costs to start each script, against an empty Node program.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "CPU time, of user and system, so that a busy machine matters little; the ratio is that of the two medians. The two\ntake turns. Exit 2 when a script is above the limit.",
  ],
  examples: ["npm run bench:self:start", "npm run bench:self:start -- --pairs 21"],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => measureStart(values, io));
}

async function measureStart({ pairs, outJson }: FlagValues<typeof flags>, io: ScriptIo): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), "forgebench-start-"));
  const names = (await readdir(path.join(PROJECT_ROOT, "scripts", "bench")))
    .filter((name) => name.endsWith(".mjs"))
    .map((name) => path.basename(name, ".mjs"));
  const progress = startProgress(io, "start", names.length);
  const bench = { executor: new ProcessExecutor({ meter: chooseMeter(), marker: "start" }), folder, io };
  const figures: Measurement["figures"] = [];
  try {
    for (const [index, name] of names.entries()) {
      progress.update(index, name);
      figures.push(await measureScript(bench, name, pairs));
    }
    progress.update(names.length);
  } finally {
    progress.stop();
    await rm(folder, { recursive: true, force: true });
  }
  const result = makeMeasurement(io, "bench:self:start", figures);
  return endMeasurement(io, result, { text: formatMeasurement(result), outJson });
}

interface Bench {
  readonly executor: Executor;
  readonly folder: string;
  readonly io: ScriptIo;
}

async function measureScript(bench: Bench, name: string, pairs: number): Promise<Measurement["figures"][number]> {
  const [empty, help] = [
    ["-e", "0"],
    [scriptFile(name), "--help"],
  ];
  // The first start may bundle what has changed.
  await cpuMsOf(bench, help);
  const times: { readonly emptyMs: number; readonly helpMs: number }[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    times.push({ emptyMs: await cpuMsOf(bench, empty), helpMs: await cpuMsOf(bench, help) });
  }
  const ratio = median(times.map(({ helpMs }) => helpMs)) / median(times.map(({ emptyMs }) => emptyMs));
  return { name, value: ratio, unit: "× node -e 0", goal: `≤ ${MAX_RATIO}`, met: ratio <= MAX_RATIO };
}

async function cpuMsOf({ executor, folder, io }: Bench, args: readonly string[]): Promise<number> {
  const env = subjectEnvironment({ searchPath: io.env.PATH ?? "", home: folder, temporary: folder });
  const command = [process.execPath, ...args];
  const { exitCode, userCpuMs, systemCpuMs, stderr } = await executor.run(
    { argv: command, cwd: folder, env, timeoutMs: 600_000 },
    io.signal,
  );
  if (exitCode !== 0)
    throw new OperationError("unjudged", `Cannot measure: ${command.join(" ")} ended with ${exitCode}: ${stderr}`);
  if (userCpuMs === undefined || userCpuMs === null || systemCpuMs === undefined || systemCpuMs === null) {
    throw new OperationError("service", "Cannot measure CPU time on this machine", {
      details: [{ label: "try", text: "install perl, which reads it from the system" }],
    });
  }
  return userCpuMs + systemCpuMs;
}

await launch(import.meta.url, main);
