import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Comparison, RawRun, RunContext } from "@forgebench/artifacts";
import { buildEvidenceComparison, buildSummary } from "@forgebench/artifacts/testing";
import { sha256Of } from "@forgebench/io";

const SUITE = `name: imageforge
subject:
  argv: ["node", "{cli}", "{input}", "{profile}", "--out-dir", "{outDir}", "--output", "{manifest}", "--json"]
  report: { total: summary.total, processed: summary.processed, cached: summary.cached, failed: summary.failed }
profiles: [{ id: P1, arguments: ["--formats", "webp"] }]
scenarios: [{ name: single-small, files: small }]
`;
const hash = (name: string) => sha256Of(`for tests: ${name}`);

/** The files of a night: where `run-benchmark` would leave them, the comparison and the suite. */
export interface TestNight {
  readonly workspace: string;
  readonly compare: string;
  readonly suite: string;
}

export interface TestNightSpec {
  readonly profiles?: readonly string[];
  readonly scenarios?: readonly string[];
  readonly blockCount?: number;
  readonly comparison?: Partial<Comparison>;
  readonly context?: Partial<RunContext>;
}

/** Writes the files of a night that belong together; figures vary from run to run as those of real ones do. */
export async function writeTestNight(folder: string, spec: TestNightSpec = {}): Promise<TestNight> {
  const { profiles = ["P1"], scenarios = ["single-small"], blockCount = 2 } = spec;
  const pairs = profiles.flatMap((profile) => scenarios.map((scenario) => `${profile}/${scenario}`));
  const cells = pairs.flatMap((pair) => [`${pair}/cold`, `${pair}/warm`]);
  const context = { ...contextOf(profiles, scenarios, cells), ...spec.context };
  const rawRuns = `${runsOf(cells, blockCount, context)
    .map((run) => JSON.stringify(run))
    .join("\n")}\n`;
  const summaryOf = (arm: "head" | "base") =>
    json(
      buildSummary(Object.fromEntries(pairs.map((pair) => [pair, {}])), {
        arm,
        inputs: [{ path: "raw-runs.jsonl", sha256: sha256Of(rawRuns) }],
        suite: context.suite,
        dataset: context.dataset,
        machine: { id: context.machine.id },
        subject: { id: context.subjects[arm]?.id ?? "" },
        design: context.design,
      }),
    );
  const [head, base] = [summaryOf("head"), summaryOf("base")];
  const inputs = [
    { role: "base" as const, path: "base-summary.json", sha256: sha256Of(base) },
    { role: "head" as const, path: "summary.json", sha256: sha256Of(head) },
  ];
  const compared = buildEvidenceComparison(Object.fromEntries(cells.map((cell) => [`${cell}/wall`, {}])), {
    inputs,
    ...spec.comparison,
  });
  const workspace = path.join(folder, "run");
  await mkdir(workspace, { recursive: true });
  const files = { "run-context.json": json(context), "raw-runs.jsonl": rawRuns, "summary.json": head };
  for (const [name, text] of Object.entries({ ...files, "base-summary.json": base })) {
    await writeFile(path.join(workspace, name), text);
  }
  const [compare, suite] = [path.join(folder, "compare.json"), path.join(folder, "suite.yaml")];
  await writeFile(compare, json(compared));
  await writeFile(suite, SUITE);
  return { workspace, compare, suite };
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

function contextOf(profiles: readonly string[], scenarios: readonly string[], cells: readonly string[]): RunContext {
  const subject = (arm: string) => ({ id: hash(arm), cliSha256: hash(`${arm} cli`), nodeVersion: "20.20.2" });
  return {
    kind: "run-context",
    version: "1.0",
    generatedAt: "2026-02-14T23:00:00.000Z",
    toolVersion: "0.1.0",
    orderSeed: "5f2b90c3a1d84e67",
    design: "blocked",
    suite: { name: "imageforge", sha256: sha256Of(SUITE) },
    dataset: { datasetVersion: "1.0.0", tierId: "tier200", sha256: hash("dataset"), source: "release" },
    machine: {
      id: hash("machine"),
      platform: "linux",
      arch: "x64",
      cpuModel: "AMD EPYC 7763 64-Core Processor",
      cpuCount: 2,
      memoryGiB: 8,
      virtualization: "none",
      cgroupCpuLimit: "none",
      cgroupMemoryLimit: "none",
      runnerImage: "ubuntu24",
      nodeMajor: 20,
    },
    subjects: { head: subject("head"), base: subject("base") },
    runCount: 40,
    profiles: [...profiles],
    scenarios: [...scenarios],
    cells: [...cells],
    shard: { index: 1, count: 1 },
  };
}

function runsOf(cells: readonly string[], blockCount: number, context: RunContext): RawRun[] {
  const random = lehmer(20260215);
  let timeMs = Date.parse(context.generatedAt);
  const blocks = Array.from({ length: blockCount }, (_, block) => block);
  return blocks.flatMap((block) =>
    cells.flatMap((cell) => {
      const isHeadFirst = random() < 0.5;
      const arms = isHeadFirst ? (["head", "base"] as const) : (["base", "head"] as const);
      return arms.map((arm, position) => {
        const wallMs = Math.round((400 + 200 * random() ** 3) * 1e6) / 1e6;
        timeMs += wallMs + 80;
        return runOf(
          cell,
          { arm, block, position, wallMs, startedAt: new Date(timeMs).toISOString(), random },
          context,
        );
      });
    }),
  );
}

interface RunFigures {
  readonly arm: "head" | "base";
  readonly block: number;
  readonly position: number;
  readonly wallMs: number;
  readonly startedAt: string;
  readonly random: () => number;
}

function runOf(
  cell: string,
  { arm, block, position, wallMs, startedAt, random }: RunFigures,
  context: RunContext,
): RawRun {
  const [profileId = "", scenario = "", phase] = cell.split("/");
  const slot = random() < 0.5 ? "A" : "B";
  const place = `scratch/slot-${slot.toLowerCase()}/${profileId}-${scenario}`;
  const output = ["--out-dir", `${place}/out`, "--output", `${place}/manifest.json`, "--json"];
  const command = [
    "node",
    `scratch/slot-${slot}/cli.js`,
    `scratch/inputs/${scenario}`,
    "--formats",
    "webp,avif",
    ...output,
  ];
  return {
    timestamp: startedAt,
    profileId,
    scenario,
    run: block + 1,
    runCount: 40,
    phase: phase === "cold" ? "cold" : "warm",
    command,
    inputDir: `scratch/inputs/${scenario}`,
    outDir: `${place}/out`,
    manifestPath: `${place}/manifest.json`,
    exitCode: 0,
    wallMs,
    reportDurationMs: Math.round(wallMs - 40 - random()),
    total: 200,
    processed: phase === "cold" ? 200 : 0,
    cached: phase === "cold" ? 0 : 200,
    failed: 0,
    totalOriginalSize: 96_000_000,
    totalProcessedSize: 21_004_411,
    errorsLength: 0,
    stderr: "",
    jsonParseError: null,
    arm,
    block,
    position,
    slot,
    signal: null,
    timedOut: false,
    valid: true,
    failures: [],
    userCpuMs: Math.round(wallMs * (1.4 + 0.1 * random()) * 1000) / 1000,
    systemCpuMs: Math.round(60_000 + 9000 * random()) / 1000,
    peakMemoryBytes: 4096 * Math.round(30_000 + 900 * random()),
    outputBytes: 21_004_411,
    stealMs: Math.round(3 * random()) * 10,
    loadAverage1m: Math.round(200 * random()) / 100,
    datasetSha256: context.dataset.sha256,
    machineId: context.machine.id,
    subjectId: context.subjects[arm]?.id ?? "",
    shard: { index: 1, count: 1 },
  };
}

/** Numbers from 0 to 1, the same each time (Park and Miller, 1988). */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

export {
  buildContext,
  buildRuns,
  compareRuns,
  healthyControls,
  inTurn,
  type MadeUpBlock,
  noisyBlocks,
} from "./test-helpers.ts";
