import { copyFile, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { OperationError, UsageError } from "@forgebench/errors";
import { makeFolder, PROJECT_ROOT, type ScriptIo } from "@forgebench/io";
import type { Figures } from "../shared/figures.ts";
import { inTurn } from "../shared/in-turn.ts";
import { type MeasuredProcesses, measuredProcesses, type ProcessCost } from "../shared/measured-process.ts";
import { makePictures } from "./pictures-folder.ts";
import { subjectFigures } from "./subject-figures.ts";

const PROFILES = {
  P1: { formats: ["webp"], quality: 80, blur: true, widths: [] },
  P2: { formats: ["webp", "avif"], quality: 80, blur: true, widths: [] },
  P3: { formats: ["webp", "avif"], quality: 80, blur: true, widths: [320, 640, 960, 1280] },
} as const;

const MAX_WARM_RATIO = 1.4;
const MAX_COLD_RATIO = 1.05;

type ProfileId = keyof typeof PROFILES;

/** What the reference subject is measured on. */
interface SubjectCostOptions {
  /** The built subject. */
  readonly cliPath: string;
  /** A flat folder of pictures; undefined: pictures made for the purpose. */
  readonly images: string | undefined;
  /** Of the cold batch. */
  readonly profiles: readonly string[];
  /** Pairs of warm runs. */
  readonly warmRuns: number;
  /** Pairs of cold runs of a profile. */
  readonly runs: number;
  readonly workspace: string;
}

/** Measures what the reference subject adds: a warm run to plain Node, a cold batch to a bare sharp loop. */
export async function measureSubject(options: SubjectCostOptions, io: ScriptIo): Promise<Figures> {
  await requireCli(options.cliPath);
  const scratch = path.join(options.workspace, "runs");
  await rm(scratch, { recursive: true, force: true });
  const processes = measuredProcesses(await makeFolder(scratch), io);
  const pictures = options.images ?? (await makePictures(path.join(options.workspace, "pictures")));
  const bench: Bench = { io, cli: options.cliPath, scratch, pictures, processes };
  const profiles = options.profiles.filter((id): id is ProfileId => id in PROFILES);
  const figures = await measureWarm(bench, options.warmRuns);
  for (const id of profiles) figures.push(...(await measureCold(bench, id, options.runs)));
  return figures;
}

async function requireCli(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) {
    throw new UsageError(`--cli-path: "${file}" does not exist`, [{ label: "make it", text: "npm run build" }]);
  }
}

interface Bench {
  readonly cli: string;
  readonly scratch: string;
  readonly pictures: string;
  readonly processes: MeasuredProcesses;
  readonly io: ScriptIo;
}

/** Pairs of `node -e 0` and a run of one image whose outputs are up to date. */
async function measureWarm(bench: Bench, pairs: number): Promise<Figures> {
  const { scratch, pictures, io } = bench;
  const one = path.join(scratch, "one");
  const name = (await readdir(pictures)).sort()[0] ?? "";
  await mkdir(one, { recursive: true });
  await copyFile(path.join(pictures, name), path.join(one, name));
  const warm = subjectArguments(bench, one, path.join(scratch, "warm"), "P2");
  checkCounts(await run(bench, warm), { processed: 1, cached: 0 });
  const timed = await inTurn(
    { pairs, shown: { io, label: "warm" } },
    {
      own: async () => checkCounts(await run(bench, warm), { processed: 0, cached: 1 }),
      reference: () => run(bench, ["-e", "0"]),
    },
  );
  const names = { subject: "warm run of one image", reference: "node -e 0" };
  return subjectFigures(timed, { ...names, maxRatio: MAX_WARM_RATIO, isCpuShown: false });
}

/** Pairs of a cold batch and the bare loop, each into a new folder. */
async function measureCold(bench: Bench, id: ProfileId, pairs: number): Promise<Figures> {
  const { scratch, pictures, io } = bench;
  const [out, bareOut] = [path.join(scratch, "cold"), path.join(scratch, "bare")];
  const total = (await readdir(pictures)).length;
  const bareLoop = path.join(PROJECT_ROOT, "packages/imageforge/bench/bare-loop.mjs");
  const job = { input: pictures, out: bareOut, ...PROFILES[id], concurrency: availableParallelism() };
  const intoNew = async (folder: string, args: readonly string[]) => {
    await rm(folder, { recursive: true, force: true });
    return run(bench, args);
  };
  const subject = subjectArguments(bench, pictures, out, id);
  const timed = await inTurn(
    { pairs, shown: { io, label: `cold ${id}` } },
    {
      own: async () => checkCounts(await intoNew(out, subject), { processed: total, cached: 0 }),
      reference: () => intoNew(bareOut, [bareLoop, JSON.stringify(job)]),
    },
  );
  await requireSameFiles(out, bareOut);
  const names = { subject: `cold batch of ${total} images, ${id}`, reference: `bare sharp loop, ${id}` };
  return subjectFigures(timed, { ...names, maxRatio: MAX_COLD_RATIO, isCpuShown: true });
}

function run({ processes }: Bench, args: readonly string[]): Promise<ProcessCost> {
  return processes.run([process.execPath, ...args], { cwd: PROJECT_ROOT });
}

function subjectArguments({ cli }: Bench, input: string, out: string, id: ProfileId): readonly string[] {
  const { formats, quality, widths } = PROFILES[id];
  const sizes = widths.length === 0 ? [] : ["--widths", widths.join(",")];
  const settings = ["--formats", formats.join(","), "--quality", String(quality), ...sizes];
  return [cli, input, ...settings, "--out-dir", out, "--output", `${out}.json`, "--json"];
}

/** @returns the same run, when the subject did what it should. */
function checkCounts(
  cost: ProcessCost,
  expected: { readonly processed: number; readonly cached: number },
): ProcessCost {
  const { summary } = JSON.parse(cost.stdout) as { summary: { processed: number; cached: number } };
  if (summary.processed === expected.processed && summary.cached === expected.cached) return cost;
  throw new OperationError(
    "unjudged",
    `Cannot measure: the subject processed ${summary.processed} and took ${summary.cached} from its cache, expected ${expected.processed} and ${expected.cached}`,
  );
}

/** The bare loop must have done the same work, or the ratio says nothing. */
async function requireSameFiles(out: string, bareOut: string): Promise<void> {
  const names = (await readdir(bareOut)).sort();
  for (const name of names) {
    const [bytes, bareBytes] = await Promise.all([readFile(path.join(out, name)), readFile(path.join(bareOut, name))]);
    if (!bytes.equals(bareBytes)) {
      throw new OperationError("unjudged", `Cannot measure: the subject's "${name}" is not that of the bare loop`);
    }
  }
}
