import { InvariantError } from "@forgebench/errors";
import { type ScriptIo, startProgress } from "@forgebench/io";
import { chooseMeter, type Executor, METERS, ProcessExecutor, subjectEnvironment } from "@forgebench/runner";
import { median, SeededRandom } from "@forgebench/stats";
import { type Figures, figure, judged } from "../shared/figures.ts";
import { inTurn, medianOf, pairs } from "../shared/in-turn.ts";
import { inTemporaryFolder } from "../shared/scratch-folder.ts";
import { type HyperfinePlan, runHyperfine } from "./hyperfine-process.ts";

const MAX_DIFFERENCE_MS = 1.5;
const MAX_DIFFERENCE_PCT = 2;

/** How often each command is run, and beside how much memory. */
interface OverheadOptions {
  readonly blocks: number;
  /** Of each side. */
  readonly runsPerBlock: number;
  /** What the measuring process holds in the second part. */
  readonly ballastMb: number;
}

/** A command that is measured, and whether the goal is for it. */
interface Subject {
  readonly name: string;
  readonly argv: readonly string[];
  readonly isGoal: boolean;
}

const SMALLEST: Subject = { name: "true", argv: ["/bin/true"], isGoal: false };
const SUBJECTS: readonly Subject[] = [
  SMALLEST,
  { name: "node -e 0", argv: [process.execPath, "-e", "0"], isGoal: true },
  {
    name: "node, 100 ms",
    argv: [process.execPath, "-e", "const end=performance.now()+75;while(performance.now()<end);"],
    isGoal: true,
  },
];

interface Bench {
  readonly options: OverheadOptions;
  readonly plan: HyperfinePlan;
  readonly io: ScriptIo;
  readonly onBlock: (name: string) => void;
}

/** Measures what the runner adds to the wall time of commands, against `hyperfine -N`. */
export function measureOverhead(options: OverheadOptions, io: ScriptIo): Promise<Figures> {
  return inTemporaryFolder("forgebench-overhead-", async (folder) => {
    const env = subjectEnvironment({ searchPath: io.env.PATH ?? "", home: folder, temporary: folder });
    const progress = startProgress(io, "overhead", (SUBJECTS.length + 2) * options.blocks);
    let doneCount = 0;
    const onBlock = (name: string) => {
      doneCount += 1;
      progress.update(doneCount, name);
    };
    const plan = { runs: options.runsPerBlock, folder, env, signal: io.signal };
    try {
      return await measureFigures({ options, plan, io, onBlock });
    } finally {
      progress.stop();
    }
  });
}

async function measureFigures(bench: Bench): Promise<Figures> {
  const { ballastMb } = bench.options;
  const meter = chooseMeter();
  const runner = new ProcessExecutor({ meter, marker: "overhead" });
  const direct = new ProcessExecutor({ meter: METERS.none, marker: "overhead" });
  const figures: Figures = [];
  for (const subject of SUBJECTS) figures.push(...(await compare(bench, subject, runner)));
  // Written to, so that the pages are really there: untouched ones would not make a fork any dearer.
  const ballast = Buffer.alloc(ballastMb * 1_000_000, 1);
  const grown = `with ${Math.round(process.memoryUsage().rss / 1e6)} MB in the measuring process`;
  for (const [how, executor] of [[grown, runner] as const, [`${grown}, by Node alone`, direct] as const]) {
    const name = `${SMALLEST.name}, ${how}`;
    figures.push(...(await compare(bench, { ...SMALLEST, name }, executor)));
  }
  // Used at the end, so that the ballast cannot have been collected before.
  if (ballast.length !== ballastMb * 1_000_000) throw new InvariantError("the ballast is gone");
  return figures;
}

async function compare({ options, plan, io, onBlock }: Bench, subject: Subject, executor: Executor): Promise<Figures> {
  const { name, argv, isGoal } = subject;
  const random = new SeededRandom(`${io.now().getTime()}/${name}`);
  const blocks = await inTurn(
    { pairs: options.blocks, isOwnFirst: () => random.chance(0.5), onPair: () => onBlock(name) },
    {
      own: async () => ({ oursMs: median(await runOurs(argv, plan, executor)) }),
      reference: async () => ({ theirsMs: median(await runHyperfine(argv, plan)) }),
    },
  );
  const hyperfineMs = medianOf(blocks.reference, ({ theirsMs }) => theirsMs);
  const differenceMs = medianOf(pairs(blocks), ({ oursMs, theirsMs }) => oursMs - theirsMs);
  const allowedMs = Math.max(MAX_DIFFERENCE_MS, (MAX_DIFFERENCE_PCT / 100) * hyperfineMs);
  const goal = `± ${MAX_DIFFERENCE_MS} ms or ± ${MAX_DIFFERENCE_PCT} %`;
  const difference = `${name}: the runner's figure above it`;
  return [
    figure(`${name}: wall by hyperfine -N`, hyperfineMs, "ms"),
    isGoal
      ? judged(difference, differenceMs, "ms", goal, Math.abs(differenceMs) <= allowedMs)
      : figure(difference, differenceMs, "ms"),
  ];
}

async function runOurs(
  argv: readonly string[],
  { runs, folder, env, signal }: HyperfinePlan,
  executor: Executor,
): Promise<number[]> {
  const walls: number[] = [];
  while (walls.length < runs) {
    walls.push((await executor.run({ argv, cwd: folder, env, timeoutMs: 60_000 }, signal)).wallMs);
  }
  return walls;
}
