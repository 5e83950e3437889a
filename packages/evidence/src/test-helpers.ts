import {
  type Comparison,
  checkArtifact,
  comparison,
  type RawRun,
  type RunContext,
  rawRun,
  type Summary,
} from "@forgebench/artifacts";
import { buildSummary } from "@forgebench/artifacts/testing";
import { PRIMARY_METRIC, readControlName, seriesName } from "@forgebench/series";
import { SeededRandom } from "@forgebench/stats";
import { standardThresholds } from "@forgebench/verdict";
import { compareByEvidence } from "./comparison/compare-by-evidence.ts";
import { readRunLog } from "./comparison/run-log.ts";

/** What the two runs of a block took. */
export interface MadeUpBlock {
  readonly baseMs: number;
  readonly headMs: number;
  /** Replaces fields of either run. */
  readonly base?: Partial<RawRun>;
  readonly head?: Partial<RawRun>;
}

const STARTED_AT = Date.parse("2026-02-15T00:00:00.000Z");

/** The runs of a cell by its id, `PROFILE/SCENARIO/PHASE` or `control/ID`: a block each, order and slots by a fair coin. */
export function buildRuns(id: string, blocks: readonly MadeUpBlock[], changes: Partial<RawRun> = {}): RawRun[] {
  const coin = new SeededRandom(`order/${id}`);
  return blocks.flatMap((block, index) => {
    const [first, second] = coin.chance(0.5) ? (["head", "base"] as const) : (["base", "head"] as const);
    const isSwapped = coin.chance(0.5);
    return [first, second].map((arm, position) => {
      const slot: RawRun["slot"] = (arm === "head") === isSwapped ? "A" : "B";
      const startedAt = STARTED_AT + (2 * index + position) * 1000;
      const own = { arm, block: index, position, slot, wallMs: arm === "head" ? block.headMs : block.baseMs };
      const timestamp = new Date(startedAt).toISOString();
      return { ...plainRun(id), ...own, timestamp, ...changes, ...(arm === "head" ? block.head : block.base) };
    });
  });
}

function plainRun(id: string): RawRun {
  const name = readControlName(id);
  const [profileId = "", scenario = "", phase = ""] = name === undefined ? id.split("/") : ["P1", "one", "warm"];
  const control = name === undefined ? {} : { control: name };
  return checkArtifact(
    rawRun,
    {
      timestamp: new Date(STARTED_AT).toISOString(),
      profileId,
      scenario,
      phase,
      run: 1,
      runCount: 10,
      ...control,
      command: ["node", "cli.js"],
      inputDir: "input",
      outDir: "out",
      manifestPath: "manifest.json",
      exitCode: 0,
      wallMs: 100,
      reportDurationMs: 90,
      total: 1,
      processed: 1,
      cached: 0,
      failed: 0,
      totalOriginalSize: 1000,
      totalProcessedSize: 400,
      errorsLength: 0,
      stderr: "",
      jsonParseError: null,
      userCpuMs: 70,
      systemCpuMs: 10,
      peakMemoryBytes: 50_000_000,
      outputBytes: 400,
      valid: true,
      failures: [],
    },
    "raw-runs.jsonl",
  );
}

/** Blocks whose head is `changePct` slower, with noise of the given size on each run. */
export function noisyBlocks(label: string, count: number, changePct = 0, noise = 0.01): MadeUpBlock[] {
  const random = new SeededRandom(label);
  return Array.from({ length: count }, () => ({
    baseMs: 100 * Math.exp(noise * random.normal()),
    headMs: 100 * (1 + changePct / 100) * Math.exp(noise * random.normal()),
  }));
}

/** The runs of several cells as one log: each a second after the one before. */
export function inTurn(runs: readonly RawRun[]): RawRun[] {
  return runs.map((run, index) => ({ ...run, timestamp: new Date(STARTED_AT + index * 1000).toISOString() }));
}

/** Runs of the three controls of a healthy night. */
export function healthyControls(changes: Partial<RawRun> = {}): RawRun[] {
  return [
    ...buildRuns("control/null", noisyBlocks("null", 20), changes),
    ...buildRuns("control/planted-5", noisyBlocks("planted-5", 30, 5), changes),
    ...buildRuns("control/planted-10", noisyBlocks("planted-10", 30, 10), changes),
  ];
}

/** The context of a night whose family is the wall time of these cells; `changes` replaces whole fields. */
export function buildContext(cells: readonly string[], changes: Partial<RunContext> = {}): RunContext {
  const subject = { id: "b".repeat(64), cliSha256: "c".repeat(64), nodeVersion: "v22.12.0" };
  return {
    version: "1.0",
    generatedAt: "2026-02-15T00:00:00.000Z",
    toolVersion: "0.1.0",
    orderSeed: "seed",
    design: "blocked",
    suite: { name: "imageforge", sha256: "5".repeat(64) },
    dataset: { datasetVersion: "1.0.0", tierId: "tier30", sha256: "d".repeat(64), source: "release" },
    machine: {
      id: "a".repeat(64),
      platform: "linux",
      arch: "x64",
      cpuModel: "cpu",
      cpuCount: 2,
      memoryGiB: 8,
      virtualization: "none",
      cgroupCpuLimit: "",
      cgroupMemoryLimit: "",
      runnerImage: "",
      nodeMajor: 22,
    },
    subjects: { head: subject, base: subject },
    runCount: 10,
    profiles: ["P1"],
    scenarios: ["one"],
    shard: { index: 1, count: 1 },
    sampling: { mode: "evidence", minBlocks: 10, maxBlocks: 30 },
    family: { primary: cells.map((cell) => seriesName(cell, PRIMARY_METRIC)), secondary: [] },
    controls: { cell: "P1/one/warm", plantedBy: "node-preload" },
    ...changes,
  };
}

/** Compares runs by evidence, the summary of head with other fields; what comes out is checked against its schema, as a file would be. */
export function compareRuns(
  runs: readonly RawRun[],
  context: RunContext,
  headChanges: Partial<Summary> = {},
): Comparison {
  const { dataset, suite, machine } = context;
  const known = { dataset, suite, machine: { id: machine.id } };
  const summaryOf = (changes: Partial<Summary>) => buildSummary({ "P1/one": {} }, { ...known, ...changes });
  const made = compareByEvidence({
    base: { summary: summaryOf({}), sha256: "1".repeat(64) },
    head: { summary: summaryOf(headChanges), sha256: "2".repeat(64) },
    thresholds: standardThresholds,
    gateMode: "strict",
    generatedAt: "2026-02-15T00:00:00.000Z",
    inputs: [],
    context,
    log: readRunLog(runs, context),
  });
  return checkArtifact(comparison, JSON.parse(JSON.stringify(made)), "compare.json");
}
