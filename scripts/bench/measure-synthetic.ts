/**
 * Purpose: measures generate-synthetic: wall time, CPU time against encoding the same pixels, memory, and what the JPEGs weigh.
 * Reads: nothing.
 * Writes: a pool in a fresh folder below .tmp/bench/self, removed at the end, and the measurement that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe.
 * Example: npm run bench:self:synthetic -- --count 60
 */
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { type Measurement, type SyntheticManifest, syntheticManifest } from "@forgebench/artifacts";
import { planSynthesis, produceImages, Renderer, settleEncoders, Timings } from "@forgebench/dataset";
import {
  endMeasurement,
  type FlagValues,
  integerFlag,
  launch,
  makeFolder,
  makeMeasurement,
  optionalPath,
  PROJECT_ROOT,
  readArtifact,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  scriptFile,
  startProgress,
} from "@forgebench/io";
import { formatMeasurement } from "@forgebench/report";
import { mean, median } from "@forgebench/stats";

const GNU_TIME = "/usr/bin/time";
const MAX_CPU_RATIO = 1.6;
const MAX_WALL_SECONDS_PER_600 = 90;
const MAX_PEAK_MB = 700;
/** Bytes per pixel of photographs as JPEG of quality 85, and how many of ours must lie there. */
const PHOTO_BYTES_PER_PIXEL = { min: 0.15, max: 0.6, share: 0.95 } as const;

const flags = {
  count: integerFlag({ min: 1, max: 100_000, unit: "images", fallback: 600, description: "images of the pool" }),
  seed: integerFlag({ min: 0, max: 4_294_967_295, unit: "a seed", fallback: 20260215, description: "of the pool" }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:self:synthetic --",
  purpose: "Measures generate-synthetic as a user runs it, then the CPU time that encoding the same pixels takes.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "The generator is a process of its own with its default concurrency; its CPU time (user and system, all threads, start-up,\nhashing and writing included) and peak memory come from /usr/bin/time. Then the same plans are rendered and encoded here, one\nafter the other, and only the encoder's calls are counted: the reference. GIF is taken out of both: out of the process's time\nby what its rendering and encoding took in the second pass. Exit 2 when a goal is missed.",
  ],
  examples: ["npm run bench:self:synthetic", "npm run bench:self:synthetic -- --count 60 --out-json synthetic.json"],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) => {
    const parent = await makeFolder(path.join(PROJECT_ROOT, ".tmp", "bench", "self"));
    const folder = await mkdtemp(path.join(parent, "synthetic-"));
    try {
      return await measureSynthetic(values, folder, io);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function measureSynthetic(values: Flags, folder: string, io: ScriptIo): Promise<number> {
  const cost = await runGenerator(values, folder, io);
  const { value: manifest } = await readArtifact(syntheticManifest, path.join(folder, syntheticManifest.fileName));
  const timings = await timeParts(values, io);
  const result = makeMeasurement(io, "bench:self:synthetic", [
    ...poolFigures(manifest),
    ...costFigures(cost, timings, values.count),
  ]);
  return endMeasurement(io, result, { text: formatMeasurement(result), outJson: values.outJson });
}

/** What a run of the generator cost; CPU time and memory only where the system has a program that tells. */
interface Cost {
  readonly wallMs: number;
  readonly cpuMs?: number;
  readonly peakMb?: number;
}

async function runGenerator({ count, seed }: Flags, folder: string, io: ScriptIo): Promise<Cost> {
  const timeFile = `${folder}.time`;
  const flagList = ["--out-dir", folder, "--count", String(count), "--seed", String(seed)];
  const node = [process.execPath, scriptFile("generate-synthetic"), ...flagList];
  const hasTime = await access(GNU_TIME).then(
    () => true,
    () => false,
  );
  const [command = "", ...args] = hasTime ? [GNU_TIME, "-f", "%U %S %M", "-o", timeFile, ...node] : node;
  const { execa } = await import("execa");
  const startedAt = performance.now();
  const child = execa(command, args, { cancelSignal: io.signal, env: { GITHUB_OUTPUT: "" }, stdin: "ignore" });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => io.stderr.write(text));
  await child;
  const wallMs = performance.now() - startedAt;
  if (!hasTime) return { wallMs };
  const [userSeconds = 0, systemSeconds = 0, peakKib = 0] = (await readFile(timeFile, "utf8")).split(" ").map(Number);
  await rm(timeFile, { force: true });
  return { wallMs, cpuMs: (userSeconds + systemSeconds) * 1000, peakMb: (peakKib * 1024) / 1e6 };
}

/** Renders and encodes the same images here, one after the other, so that CPU time can be told apart. */
async function timeParts({ count, seed }: Flags, io: ScriptIo): Promise<Timings> {
  settleEncoders();
  const timings = new Timings();
  const progress = startProgress(io, "reference", count);
  let done = 0;
  try {
    await produceImages(planSynthesis(seed, count), {
      renderer: new Renderer(seed),
      concurrency: 1,
      signal: io.signal,
      timings,
      finish: async () => {
        done += 1;
        progress.update(done);
      },
    });
  } finally {
    progress.stop();
  }
  return timings;
}

type Figures = Measurement["figures"];

function poolFigures({ files }: SyntheticManifest): Figures {
  const { min, max, share } = PHOTO_BYTES_PER_PIXEL;
  const weights = files
    .filter(({ format }) => format === "jpg")
    .map(({ sizeBytes, width, height }) => sizeBytes / (width * height));
  const within = weights.filter((weight) => weight >= min && weight <= max).length / weights.length;
  return [
    { name: "images", value: files.length, unit: "" },
    { name: "size of the pool", value: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6, unit: "MB" },
    {
      name: "mean size of an image",
      value: mean(files.map(({ width, height }) => (width * height) / 1e6)),
      unit: "MP",
    },
    { name: "JPEG, lightest", value: Math.min(...weights), unit: "bytes/pixel" },
    { name: "JPEG, median", value: median(weights), unit: "bytes/pixel" },
    { name: "JPEG, heaviest", value: Math.max(...weights), unit: "bytes/pixel" },
    {
      name: `JPEGs of ${min} to ${max} bytes/pixel`,
      value: within * 100,
      unit: "%",
      goal: `≥ ${share * 100}`,
      met: within >= share,
    },
  ];
}

function costFigures({ wallMs, cpuMs, peakMb }: Cost, timings: Timings, count: number): Figures {
  const others = timings.of(["jpg", "png", "tiff"]);
  const gif = timings.of(["gif"]);
  const maxWallSeconds = (MAX_WALL_SECONDS_PER_600 * count) / 600;
  const figures: Figures = [
    {
      name: "wall time",
      value: wallMs / 1000,
      unit: "s",
      // Below that the start of the process is most of it.
      ...(count >= 100 ? { goal: `≤ ${maxWallSeconds}`, met: wallMs / 1000 <= maxWallSeconds } : {}),
    },
    { name: "encoding the same pixels, CPU, without GIF", value: others.encodeMs / 1000, unit: "s" },
    { name: "rendering alone, CPU, without GIF", value: others.renderMs / 1000, unit: "s" },
    { name: "GIF, CPU of rendering and encoding", value: (gif.renderMs + gif.encodeMs) / 1000, unit: "s" },
  ];
  if (cpuMs === undefined || peakMb === undefined) return figures;
  const ratio = (cpuMs - gif.renderMs - gif.encodeMs) / others.encodeMs;
  return [
    ...figures,
    { name: "generator, CPU of the whole process", value: cpuMs / 1000, unit: "s" },
    {
      name: "CPU ratio to encoding, without GIF",
      value: ratio,
      unit: "",
      ...(count >= 100 ? { goal: `≤ ${MAX_CPU_RATIO}`, met: ratio <= MAX_CPU_RATIO } : {}),
    },
    { name: "peak memory", value: peakMb, unit: "MB", goal: `< ${MAX_PEAK_MB}`, met: peakMb < MAX_PEAK_MB },
  ];
}

await launch(import.meta.url, main);
