/**
 * Purpose: measures what the runner adds to a wall time: the same commands by its executor and by `hyperfine -N`, in turn.
 * Reads: nothing.
 * Writes: the measurement that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe.
 * Example: npm run bench:overhead
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Measurement } from "@forgebench/artifacts";
import { codeOf, InvariantError, OperationError } from "@forgebench/errors";
import {
  endMeasurement,
  type FlagValues,
  integerFlag,
  launch,
  makeMeasurement,
  optionalPath,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  startProgress,
} from "@forgebench/io";
import { formatMeasurement } from "@forgebench/report";
import { chooseMeter, type Executor, METERS, ProcessExecutor, subjectEnvironment } from "@forgebench/runner";
import { median, SeededRandom } from "@forgebench/stats";

const MAX_DIFFERENCE_MS = 1.5;
const MAX_DIFFERENCE_PCT = 2;

const flags = {
  blocks: integerFlag({ min: 2, max: 10_000, unit: "blocks", fallback: 50, description: "blocks of each command" }),
  "runs-per-block": integerFlag({
    min: 2,
    max: 1000,
    unit: "runs",
    fallback: 3,
    description: "runs of each side in a block",
  }),
  "ballast-mb": integerFlag({
    min: 0,
    max: 4000,
    unit: "MB",
    fallback: 200,
    description: "memory that the measuring process holds in the second part",
  }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:overhead --",
  purpose: "Measures what the runner adds to a wall time, against hyperfine -N.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "A block is some runs by the runner and as many by hyperfine, in random order, in the same environment. The difference\nis the median over the blocks of the difference of the two medians. Exit 2 when a goal is missed, 69 without hyperfine.",
  ],
  examples: ["npm run bench:overhead", "npm run bench:overhead -- --blocks 100 --out-json .tmp/overhead.json"],
};

type Flags = FlagValues<typeof flags>;

/** A command that is measured, and whether the goal is for it. */
interface Subject {
  readonly name: string;
  readonly argv: readonly string[];
  readonly isGoal: boolean;
}

const SUBJECTS: readonly Subject[] = [
  { name: "true", argv: ["/bin/true"], isGoal: false },
  { name: "node -e 0", argv: [process.execPath, "-e", "0"], isGoal: true },
  {
    name: "node, 100 ms",
    argv: [process.execPath, "-e", "const end=performance.now()+75;while(performance.now()<end);"],
    isGoal: true,
  },
];

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => measureOverhead(values, io));
}

async function measureOverhead(values: Flags, io: ScriptIo): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), "forgebench-overhead-"));
  try {
    const figures = await measureFigures(values, folder, io);
    const result = makeMeasurement(io, "bench:overhead", figures);
    return endMeasurement(io, result, { text: formatMeasurement(result), outJson: values.outJson });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Figures = Measurement["figures"];

async function measureFigures(values: Flags, folder: string, io: ScriptIo): Promise<Figures> {
  const meter = chooseMeter();
  const env = subjectEnvironment({ searchPath: io.env.PATH ?? "", home: folder, temporary: folder });
  const runner = new ProcessExecutor({ meter, marker: "overhead" });
  const direct = new ProcessExecutor({ meter: METERS.none, marker: "overhead" });
  const progress = startProgress(io, "overhead", (SUBJECTS.length + 2) * values.blocks);
  let doneCount = 0;
  const onBlock = (name: string) => {
    doneCount += 1;
    progress.update(doneCount, name);
  };
  const bench: Bench = { values, folder, io, env, onBlock };
  const figures: Figures = [];
  for (const subject of SUBJECTS) figures.push(...(await compare(bench, subject, runner, subject.isGoal)));
  // Written to, so that the pages are really there: untouched ones would not make a fork any dearer.
  const ballast = Buffer.alloc(values.ballastMb * 1_000_000, 1);
  const grown = `with ${Math.round(process.memoryUsage().rss / 1e6)} MB in the measuring process`;
  for (const [how, executor] of [[grown, runner] as const, [`${grown}, by Node alone`, direct] as const]) {
    const [subject] = SUBJECTS;
    if (subject !== undefined) {
      figures.push(...(await compare(bench, { ...subject, name: `${subject.name}, ${how}` }, executor, false)));
    }
  }
  progress.stop();
  // Used at the end, so that the ballast cannot have been collected before.
  if (ballast.length !== values.ballastMb * 1_000_000) throw new InvariantError("the ballast is gone");
  return figures;
}

interface Bench {
  readonly values: Flags;
  readonly folder: string;
  readonly io: ScriptIo;
  readonly env: Readonly<Record<string, string>>;
  readonly onBlock: (name: string) => void;
}

async function compare(bench: Bench, subject: Subject, executor: Executor, isJudged: boolean): Promise<Figures> {
  const { name, argv } = subject;
  const random = new SeededRandom(`${bench.io.now().getTime()}/${name}`);
  const blocks: { readonly ours: number; readonly theirs: number }[] = [];
  while (blocks.length < bench.values.blocks) {
    const isOursFirst = random.chance(0.5);
    const first = isOursFirst ? await runOurs(bench, argv, executor) : await runHyperfine(bench, argv);
    const second = isOursFirst ? await runHyperfine(bench, argv) : await runOurs(bench, argv, executor);
    const [ours, theirs] = isOursFirst ? [first, second] : [second, first];
    blocks.push({ ours: median(ours), theirs: median(theirs) });
    bench.onBlock(name);
  }
  const hyperfineMs = median(blocks.map(({ theirs }) => theirs));
  const differenceMs = median(blocks.map(({ ours, theirs }) => ours - theirs));
  const allowedMs = Math.max(MAX_DIFFERENCE_MS, (MAX_DIFFERENCE_PCT / 100) * hyperfineMs);
  const goal = {
    goal: `± ${MAX_DIFFERENCE_MS} ms or ± ${MAX_DIFFERENCE_PCT} %`,
    met: Math.abs(differenceMs) <= allowedMs,
  };
  return [
    { name: `${name}: wall by hyperfine -N`, value: hyperfineMs, unit: "ms" },
    { name: `${name}: the runner's figure above it`, value: differenceMs, unit: "ms", ...(isJudged ? goal : {}) },
  ];
}

async function runOurs(bench: Bench, argv: readonly string[], executor: Executor): Promise<number[]> {
  const walls: number[] = [];
  for (let run = 0; run < bench.values.runsPerBlock; run += 1) {
    const result = await executor.run({ argv, cwd: bench.folder, env: bench.env, timeoutMs: 60_000 }, bench.io.signal);
    walls.push(result.wallMs);
  }
  return walls;
}

async function runHyperfine(bench: Bench, argv: readonly string[]): Promise<number[]> {
  const file = path.join(bench.folder, "hyperfine.json");
  const command = argv.map((argument) => `'${argument}'`).join(" ");
  const options = ["-N", "--style", "none", "--runs", String(bench.values.runsPerBlock), "--export-json", file];
  try {
    await promisify(execFile)("hyperfine", [...options, command], {
      cwd: bench.folder,
      env: bench.env,
      signal: bench.io.signal,
    });
  } catch (error) {
    bench.io.signal.throwIfAborted();
    if (codeOf(error) !== "ENOENT") throw error;
    throw new OperationError("service", "Cannot measure the overhead: there is no hyperfine on the PATH", {
      details: [{ label: "try", text: "apt-get install hyperfine, or see https://github.com/sharkdp/hyperfine" }],
      cause: error,
    });
  }
  const report: { results: { times: number[] }[] } = JSON.parse(await readFile(file, "utf8"));
  return report.results.flatMap(({ times }) => times.map((seconds) => seconds * 1000));
}

await launch(import.meta.url, main);
