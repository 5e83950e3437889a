/**
 * Purpose: measures what the reference subject adds: a warm run of one image against `node -e 0`, and a cold batch against a
 *   bare sharp loop that does the same encodes. The two of a pair run one after the other, each first in turn.
 * Reads: dist/cli.js or --cli-path, the pictures of --images, packages/imageforge/bench/bare-loop.mjs.
 * Writes: .tmp/bench/self-subject or --workspace, and the measurement that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; what it wrote there is made anew.
 * Example: npm run bench:self:subject
 */
import { spawn } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import type { Measurement } from "@forgebench/artifacts";
import { OperationError, UsageError } from "@forgebench/errors";
import {
  endMeasurement,
  type FlagValues,
  integerFlag,
  launch,
  listFlag,
  makeMeasurement,
  optionalPath,
  PROJECT_ROOT,
  type Progress,
  pathFlag,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  startProgress,
} from "@forgebench/io";
import { formatMeasurement } from "@forgebench/report";
import { median, nearestRankPercentile, SeededRandom } from "@forgebench/stats";
import type { Sharp } from "sharp";

const PROFILES = {
  P1: { formats: ["webp"], quality: 80, blur: true, widths: [] },
  P2: { formats: ["webp", "avif"], quality: 80, blur: true, widths: [] },
  P3: { formats: ["webp", "avif"], quality: 80, blur: true, widths: [320, 640, 960, 1280] },
} as const;

const MAX_WARM_RATIO = 1.4;
const MAX_COLD_RATIO = 1.05;

const flags = {
  "cli-path": pathFlag({ placeholder: "FILE", fallback: "dist/cli.js", description: "the built subject" }),
  images: optionalPath({
    placeholder: "DIR",
    description: "a flat folder of pictures; default: 30 made for the purpose",
  }),
  profiles: listFlag({
    fallback: ["P1", "P2"],
    pattern: /^P[123]$/,
    expected: "P1, P2 or P3",
    description: "profiles of the cold batch",
  }),
  "warm-runs": integerFlag({ min: 1, max: 10_000, unit: "pairs", fallback: 40, description: "pairs of warm runs" }),
  runs: integerFlag({ min: 1, max: 1000, unit: "pairs", fallback: 7, description: "pairs of cold runs a profile" }),
  workspace: pathFlag({ placeholder: "DIR", fallback: ".tmp/bench/self-subject", description: "where the runs write" }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:self:subject --",
  purpose: "Measures the reference subject: warm start against plain Node, cold batch against a bare sharp loop.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "Figures are medians of the ratios of pairs; beside each stands the middle half of the ratios. Both sides of a cold pair\nmust have made the same files to the byte. Exit 2 when a goal is missed.",
  ],
  examples: ["npm run bench:self:subject", "npm run bench:self:subject -- --profiles P1,P2,P3 --runs 15"],
};

type Flags = FlagValues<typeof flags>;
type ProfileId = keyof typeof PROFILES;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => measureSubject(values, io));
}

async function measureSubject(values: Flags, io: ScriptIo): Promise<number> {
  await requireCli(values.cliPath);
  const bench: Bench = { io, cli: values.cliPath, scratch: path.join(values.workspace, "runs") };
  await rm(bench.scratch, { recursive: true, force: true });
  const pictures = values.images ?? (await makePictures(path.join(values.workspace, "pictures")));
  const profiles = values.profiles.filter((id): id is ProfileId => id in PROFILES);

  const figures = [...(await measureWarm(bench, pictures, values.warmRuns))];
  for (const id of profiles) figures.push(...(await measureCold(bench, pictures, { id, pairs: values.runs })));

  const result = makeMeasurement(io, "bench:self:subject", figures);
  return endMeasurement(io, result, { text: formatMeasurement(result), outJson: values.outJson });
}

async function requireCli(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) {
    throw new UsageError(`--cli-path: "${file}" is not there`, [{ label: "make it", text: "npm run build" }]);
  }
}

interface Bench {
  readonly cli: string;
  readonly scratch: string;
  readonly io: ScriptIo;
}

/** Pairs of `node -e 0` and a run of one image whose outputs are up to date. */
async function measureWarm(bench: Bench, pictures: string, pairs: number) {
  const one = path.join(bench.scratch, "one");
  const name = (await readdir(pictures)).sort()[0] ?? "";
  await mkdir(one, { recursive: true });
  await copyFile(path.join(pictures, name), path.join(one, name));
  const warm = subjectArguments(bench, one, path.join(bench.scratch, "warm"), "P2");
  checkCounts(await run(bench, warm), { processed: 1, cached: 0 });

  const timed = await inPairs(startProgress(bench.io, "warm", pairs), pairs, {
    subject: async () => {
      const finished = await run(bench, warm);
      checkCounts(finished, { processed: 0, cached: 1 });
      return finished;
    },
    reference: () => run(bench, ["-e", "0"]),
  });
  return figuresOf(timed, { subject: "warm run of one image", reference: "node -e 0", maxRatio: MAX_WARM_RATIO });
}

/** Pairs of a cold batch and the bare loop, each into a new folder. */
async function measureCold(
  bench: Bench,
  pictures: string,
  { id, pairs }: { readonly id: ProfileId; readonly pairs: number },
) {
  const out = path.join(bench.scratch, "cold");
  const bareOut = path.join(bench.scratch, "bare");
  const total = (await readdir(pictures)).length;
  const bareLoop = path.join(PROJECT_ROOT, "packages/imageforge/bench/bare-loop.mjs");
  const job = { input: pictures, out: bareOut, ...PROFILES[id], concurrency: availableParallelism() };
  const timed = await inPairs(startProgress(bench.io, `cold ${id}`, pairs), pairs, {
    subject: async () => {
      await rm(out, { recursive: true, force: true });
      const finished = await run(bench, [REPORT_CPU, ...subjectArguments(bench, pictures, out, id)]);
      checkCounts(finished, { processed: total, cached: 0 });
      return finished;
    },
    reference: async () => {
      await rm(bareOut, { recursive: true, force: true });
      return run(bench, [REPORT_CPU, bareLoop, JSON.stringify(job)]);
    },
  });
  await requireSameFiles(out, bareOut);
  return figuresOf(timed, {
    subject: `cold batch of ${total} images, ${id}`,
    reference: `bare sharp loop, ${id}`,
    maxRatio: MAX_COLD_RATIO,
  });
}

function subjectArguments({ cli }: Bench, input: string, out: string, id: ProfileId): readonly string[] {
  const { formats, quality, widths } = PROFILES[id];
  const sizes = widths.length === 0 ? [] : ["--widths", widths.join(",")];
  const settings = ["--formats", formats.join(","), "--quality", String(quality), ...sizes];
  return [cli, input, ...settings, "--out-dir", out, "--output", `${out}.json`, "--json"];
}

/** Makes Node write the CPU time of the process, in microseconds, to file descriptor 3 at its end. */
const REPORT_CPU = `--import=data:text/javascript,${encodeURIComponent(
  'import { writeSync } from "node:fs"; process.on("exit", () => { const { user, system } = process.cpuUsage(); writeSync(3, String(user + system)); });',
)}`;

interface Finished {
  readonly durationMs: number;
  /** 0 when it was not asked for with {@link REPORT_CPU}. */
  readonly cpuMs: number;
  readonly stdout: string;
}

/** Runs Node to its end. @throws {OperationError} when it does not end well. */
function run({ io: { signal } }: Bench, argv: readonly string[]): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const texts = ["", "", "", ""];
    const startedAt = performance.now();
    const stdio = ["ignore", "pipe", "pipe", "pipe"] as const;
    const child = spawn(process.execPath, argv, { cwd: PROJECT_ROOT, stdio: [...stdio], signal });
    for (const [descriptor, stream] of child.stdio.entries()) {
      stream?.on("data", (bytes: Buffer) => (texts[descriptor] += bytes.toString("utf8")));
    }
    child.on("error", reject);
    child.on("close", (code) => {
      const durationMs = performance.now() - startedAt;
      const [, stdout = "", stderr = "", cpuMicroseconds = ""] = texts;
      if (code === 0) resolve({ durationMs, cpuMs: Number(cpuMicroseconds) / 1000, stdout });
      else reject(new OperationError("unjudged", `"node ${argv.join(" ")}" ended with ${code}: ${stdout}${stderr}`));
    });
  });
}

function checkCounts({ stdout }: Finished, expected: { readonly processed: number; readonly cached: number }): void {
  const { summary } = JSON.parse(stdout) as { summary: { processed: number; cached: number } };
  if (summary.processed === expected.processed && summary.cached === expected.cached) return;
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

/** Both sides, pair by pair. */
interface Timed {
  readonly subject: readonly Finished[];
  readonly reference: readonly Finished[];
}

async function inPairs(
  progress: Progress,
  pairs: number,
  sides: { readonly subject: () => Promise<Finished>; readonly reference: () => Promise<Finished> },
): Promise<Timed> {
  const subject: Finished[] = [];
  const reference: Finished[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    if (pair % 2 === 0) subject.push(await sides.subject());
    reference.push(await sides.reference());
    if (pair % 2 === 1) subject.push(await sides.subject());
    progress.update(pair + 1);
  }
  progress.stop();
  return { subject, reference };
}

function figuresOf(
  { subject, reference }: Timed,
  names: { readonly subject: string; readonly reference: string; readonly maxRatio: number },
): Measurement["figures"] {
  const ratiosOf = (key: "durationMs" | "cpuMs") =>
    subject.map((run, i) => run[key] / (reference[i]?.[key] ?? Number.NaN));
  const ratios = ratiosOf("durationMs");
  const ratio = median(ratios);
  const cpuRatio = median(ratiosOf("cpuMs"));
  return [
    { name: names.subject, value: median(subject.map(({ durationMs }) => durationMs)), unit: "ms" },
    { name: names.reference, value: median(reference.map(({ durationMs }) => durationMs)), unit: "ms" },
    { name: "  ratio", value: ratio, unit: "", goal: `≤ ${names.maxRatio}`, met: ratio <= names.maxRatio },
    { name: "  its lower quartile", value: nearestRankPercentile(ratios, 25), unit: "" },
    { name: "  its upper quartile", value: nearestRankPercentile(ratios, 75), unit: "" },
    ...(Number.isFinite(cpuRatio) ? [{ name: "  ratio of CPU time", value: cpuRatio, unit: "" }] : []),
  ];
}

/** Thirty pictures with coarse and fine detail, from 0.05 to 0.35 megapixels, JPEG and PNG; always the same. */
async function makePictures(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < 30; index += 1) {
    const width = 260 + 16 * index;
    const picture = await makePicture(new SeededRandom(`picture/${index}`), width, Math.round(width / 1.5));
    const extension = index % 3 === 2 ? "png" : "jpg";
    await picture.toFile(path.join(folder, `${String(index).padStart(2, "0")}.${extension}`));
  }
  return folder;
}

async function makePicture(random: SeededRandom, width: number, height: number): Promise<Sharp> {
  const { default: sharp } = await import("sharp");
  const coarse = Buffer.from(Array.from({ length: 12 * 8 * 3 }, () => random.integer(0, 255)));
  const smooth = sharp(coarse, { raw: { width: 12, height: 8, channels: 3 } }).resize(width, height, { fit: "fill" });
  const pixels = await smooth.raw().toBuffer();
  const grained = pixels.map((value) => Math.max(0, Math.min(255, value + random.integer(-8, 8))));
  return sharp(grained, { raw: { width, height, channels: 3 } });
}

await launch(import.meta.url, main);
