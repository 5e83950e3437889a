import { createHash } from "node:crypto";
import { type MachineFingerprint, parseSuite, type RawRun, type RunContext, type Suite } from "@forgebench/artifacts";
import {
  type Cell,
  cellId,
  describeSampling,
  factsOf,
  familyOf,
  makeSchedule,
  measure,
  planMeasurement,
  type RunPlaces,
  type Sampling,
  ScriptedExecutor,
  type ScriptedRun,
  type Stage,
  selectCells,
} from "@forgebench/runner";
import { SeededRandom } from "@forgebench/stats";

/** How large a made-up night is, and what its figures are drawn from. */
export interface MadeUpNightSize {
  /** Two for each pair of profile and scenario, so that an odd number makes one more. */
  readonly cellCount: number;
  /** Blocks of every cell. */
  readonly blockCount: number;
  readonly seed: string;
}

/** What a night without any subject is made of; the runs come from {@link measureMadeUp}. */
export interface MadeUpNight {
  readonly seed: string;
  readonly suite: Suite;
  readonly suiteText: string;
  readonly context: RunContext;
  readonly cells: readonly Cell[];
  /** Images by scenario. */
  readonly imageCounts: Readonly<Record<string, number>>;
}

const SCENARIO_COUNT = 10;
const STARTED_AT_MS = Date.parse("2026-02-15T00:00:00.000Z");
/** Between the runs of a real night. */
const PAUSE_MS = 12;
/** How far single runs lie from the median of their cell; a few are far out. */
const SPREAD = 0.03;
const OUTLIER_SHARE = 0.02;

/** A large night for programs that measure what it costs to judge one: of wall times alone, each of which gates. */
export function planMadeUpNight({ cellCount, blockCount, seed }: MadeUpNightSize): MadeUpNight {
  const suiteText = madeUpSuite(Math.ceil(cellCount / 2));
  const suite = parseSuite(suiteText, "suite.yaml");
  const cells = selectCells(suite, {}).slice(0, 2 * Math.ceil(cellCount / 2));
  const sampling: Sampling = { mode: "evidence", minBlocks: blockCount, maxBlocks: blockCount };
  const context: RunContext = {
    kind: "run-context",
    version: "1.0",
    generatedAt: new Date(STARTED_AT_MS).toISOString(),
    toolVersion: "0.1.0",
    orderSeed: seed,
    design: "blocked",
    suite: { name: suite.name, sha256: sha256(suiteText) },
    dataset: { datasetVersion: "0.0.0-dev", tierId: "tier30", sha256: sha256("dataset"), source: "local" },
    machine: MACHINE,
    subjects: { head: subjectOf("head"), base: subjectOf("base") },
    profiles: [...new Set(cells.map(({ profileId }) => profileId))],
    scenarios: [...new Set(cells.map(({ scenario }) => scenario))],
    cells: cells.map(cellId),
    slots: { mode: "copied" },
    runCount: blockCount,
    sampling: describeSampling(sampling),
    meter: "wait4",
    timeoutMs: 600_000,
    family: familyOf({ suite, chosenCells: cells, meter: "wait4" }),
    controls: { absentBecause: "the night is made up" },
    shard: { index: 1, count: 1 },
  };
  const imageCounts = Object.fromEntries(suite.scenarios.map(({ name }, index) => [name, 1 + index]));
  return { seed, suite, suiteText, context, cells, imageCounts };
}

/**
 * The runs of a made-up night as the runner records them: drawn order, slots and numbers. No process is started.
 * @param keep is called with each run, in their order
 */
export async function measureMadeUp(night: MadeUpNight, keep: (run: RawRun) => Promise<void>): Promise<RawRun[]> {
  const { context, cells, suite } = night;
  const sampling: Sampling = { mode: "evidence", minBlocks: context.runCount, maxBlocks: context.runCount };
  const plan = planMeasurement({ sampling, design: "blocked", chosenCells: cells, cells, controlCells: [] });
  return measure({
    // Nothing is decided on the way, so that every cell has all its blocks.
    schedule: makeSchedule(plan, { orderSeed: context.orderSeed, blocksNeeded: () => 1, earlierRuns: [] }),
    facts: factsOf(context, { suite, nodePath: "node", imageCounts: night.imageCounts }),
    executor: new ScriptedExecutor(madeUpRuns(night)),
    stage: new NoFolders(),
    timeoutMs: context.timeoutMs ?? 0,
    earlierRuns: [],
    keep,
  });
}

/** As many pairs of a profile and a scenario as asked for, or some more. */
function madeUpSuite(pairCount: number): string {
  const scenarioCount = Math.min(SCENARIO_COUNT, pairCount);
  const profiles = names("P", Math.ceil(pairCount / scenarioCount));
  const scenarios = names("batch-", scenarioCount);
  const fields = ["total", "processed", "cached", "failed", "durationMs"];
  const argv = ["node", "{cli}", "{input}", "{profile}", "--out-dir", "{outDir}", "--output", "{manifest}", "--json"];
  const described = {
    name: "made-up",
    subject: { argv, report: Object.fromEntries(fields.map((field) => [field, `summary.${field}`])) },
    cachePaths: ["{outDir}", "{manifest}"],
    profiles: profiles.map((id, index) => ({ id, arguments: ["--quality", String(index)] })),
    scenarios: scenarios.map((name) => ({ name, files: "all" })),
    metrics: ["wall"],
  };
  // JSON is YAML.
  return `${JSON.stringify(described, null, 2)}\n`;
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
}

/** What each run comes out as: around the median of its cell, which is the same for both arms but in every tenth. */
function madeUpRuns({ seed, cells, imageCounts }: MadeUpNight): (spec: { readonly run?: PlannedRun }) => ScriptedRun {
  const medians = new SeededRandom(`${seed}/medians`);
  const medianMs = new Map(cells.map((cell) => [cellId(cell), medians.between(40, 900)]));
  const changes = new SeededRandom(`${seed}/changes`);
  const change = new Map(cells.map((cell) => [cellId(cell), changes.chance(0.1) ? changes.between(-0.1, 0.1) : 0]));
  const noise = new SeededRandom(`${seed}/noise`);
  let nowMs = STARTED_AT_MS;
  return ({ run }) => {
    if (run === undefined) return {};
    const id = cellId(run.cell);
    const effect = run.arm === "head" ? 1 + (change.get(id) ?? 0) : 1;
    const outlier = noise.chance(OUTLIER_SHARE) ? noise.between(1.1, 2) : 1;
    const wallMs = (medianMs.get(id) ?? 0) * effect * outlier * Math.exp(SPREAD * noise.normal());
    const startedMs = nowMs;
    nowMs += wallMs + PAUSE_MS;
    const total = imageCounts[run.cell.scenario] ?? 0;
    return {
      startedAt: new Date(startedMs).toISOString(),
      wallMs: rounded(wallMs, 1e6),
      stdout: reportOf(total, run.cell.phase, rounded(wallMs * 0.9, 1e3)),
      userCpuMs: rounded(wallMs * noise.between(0.9, 1.1), 1e3),
      systemCpuMs: rounded(wallMs * noise.between(0.05, 0.1), 1e3),
      peakMemoryBytes: 4096 * noise.integer(15_000, 16_000),
      stealMs: 10 * noise.integer(0, 1),
      loadAverage1m: rounded(noise.between(0.8, 1.2), 100),
    };
  };
}

type PlannedRun = Parameters<Stage["prepare"]>[0];

function rounded(value: number, scale: number): number {
  return Math.round(value * scale) / scale;
}

function reportOf(total: number, phase: Cell["phase"], durationMs: number): string {
  const cached = phase === "warm" ? total : 0;
  return JSON.stringify({ summary: { total, processed: total - cached, cached, failed: 0, durationMs } });
}

/** The places of a night as its artifacts show them; there is nothing in them. */
class NoFolders implements Stage {
  async prepare({ cell, arm, slot }: PlannedRun): Promise<RunPlaces> {
    const folder = `scratch/${cell.phase}/${arm}/${cell.profileId}/${cell.scenario}`;
    return {
      cli: `scratch/slot-${slot.toLowerCase()}/${arm}/dist/cli.js`,
      input: `scratch/inputs/${cell.scenario}`,
      outDir: `${folder}/out`,
      manifest: `${folder}/manifest.json`,
      cwd: folder,
      env: {},
    };
  }

  claimFill(): boolean {
    return false;
  }

  async outputBytes(): Promise<number> {
    return 21_004;
  }

  async plantedMs(): Promise<null> {
    return null;
  }

  async finishBlock(): Promise<void> {}

  shown(text: string): string {
    return text;
  }
}

const MACHINE: MachineFingerprint = {
  id: sha256("machine"),
  platform: "linux",
  arch: "x64",
  cpuModel: "made up",
  cpuCount: 2,
  memoryGiB: 8,
  virtualization: "none",
  cgroupCpuLimit: "none",
  cgroupMemoryLimit: "none",
  runnerImage: "none",
  nodeMajor: 20,
};

function subjectOf(arm: string): RunContext["subjects"]["head"] {
  return { id: sha256(arm), cliSha256: sha256(`${arm} cli`), nodeVersion: "20.20.2" };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
