import { checkArtifact } from "./artifact-kind.ts";
import type { CellFamily, ComparedCell, ControlsResult, EvidencePolicy } from "./compared-cell.ts";
import { type Comparison, comparison } from "./comparison.ts";

/** One cell of a comparison by evidence in a test: a field of the cell replaces what follows from the verdict. */
export type ComparedCellSpec = Partial<ComparedCell> & {
  readonly baseMedian?: number;
};

const UNITS: Readonly<Record<string, string>> = { peak_memory: "bytes", output_bytes: "bytes", throughput: "images/s" };
const CHANGES = { same: 0.2, regressed: 6.8, improved: -4.1, changed: 1, undecided: 1.1, incomparable: null } as const;

/** A cell for tests, by its id `PROFILE/SCENARIO/PHASE/METRIC`. */
export function buildComparedCell(id: string, spec: ComparedCellSpec = {}): ComparedCell {
  const { baseMedian = 200, verdict = "same", ...changes } = spec;
  const [profileId = "", scenario = "", phase = "", metric = "wall"] = id.split("/");
  const changePct = changes.changePct === undefined ? CHANGES[verdict] : changes.changePct;
  const family = changes.family ?? familyOf(metric);
  const judged = verdict !== "incomparable";
  const isAlert = verdict === "regressed" && (changePct ?? 0) >= 2;
  return {
    id,
    profileId,
    scenario,
    phase: phase === "cold" ? "cold" : "warm",
    metric,
    unit: UNITS[metric] ?? "ms",
    better: metric === "throughput" ? "higher" : "lower",
    family,
    gating: family === "primary",
    verdict,
    isAlert,
    severity: isAlert ? "minor" : null,
    base: { median: judged ? baseMedian : null, validCount: judged ? 18 : 0, failedCount: 0 },
    head: { median: judged ? baseMedian * (1 + (changePct ?? 0) / 100) : null, validCount: 18, failedCount: 0 },
    blockCount: judged ? 18 : 0,
    changePct,
    interval:
      changePct === null || family === "exact"
        ? null
        : { lowPct: changePct - 1.5, highPct: changePct + 1.7, kind: "sequence", levelPct: 95 },
    evidence:
      !judged || family === "exact"
        ? null
        : { higher: 1.4, lower: 0.9, needed: 7500, decidedAfterBlocks: verdict === "undecided" ? null : 16 },
    detectablePct: judged && family !== "exact" ? 2.1 : null,
    moreBlocks: verdict === "undecided" ? 20 : null,
    warnings: [],
    ...changes,
  };
}

function familyOf(metric: string): CellFamily {
  if (metric === "output_bytes") return "exact";
  return metric === "wall" ? "primary" : "secondary";
}

/** A night whose null check is quiet and whose planted slowdowns are found. */
export const passedControls: ControlsResult = {
  status: "passed",
  reason: "the null is quiet and both planted slowdowns are found",
  controls: [
    buildControl("null", 0, { changePct: 0.1 }),
    buildControl("planted-5", 5, { verdict: "regressed", changePct: 5.2 }),
    buildControl("planted-10", 10, { verdict: "regressed", changePct: 10.3 }),
  ],
};

function buildControl(name: string, plantedPct: number, spec: ComparedCellSpec): ControlsResult["controls"][number] {
  const cell = buildComparedCell("P1/single-small/warm/wall", { family: "control", gating: false, ...spec });
  const id = `control/${name}`;
  const achievedPct = plantedPct === 0 ? null : plantedPct + 0.1;
  return { id, plantedPct, achievedPct, passed: true, cell: { ...cell, id, isAlert: false, severity: null } };
}

/** The error as the evidence policy shares it over 24 wall cells and 48 others. */
export const evidenceShares: EvidencePolicy = {
  method: "evidence-1",
  alpha: 0.01,
  shares: { primary: 0.0064, secondary: 0.0016, null: 0.002, planted: 0.05 },
  intervalAlpha: 0.05,
  family: { primaryCount: 24, secondaryCount: 48 },
  margins: { equivalencePct: 5, minEffectPct: 2 },
};

/**
 * A small comparison by evidence for tests, checked against its schema; `cells` is by `PROFILE/SCENARIO/PHASE/METRIC`,
 * `changes` replaces whole top-level fields.
 */
export function buildEvidenceComparison(
  cells: Readonly<Record<string, ComparedCellSpec>>,
  changes: Partial<Comparison> = {},
): Comparison {
  const built = Object.entries(cells).map(([id, spec]) => buildComparedCell(id, spec));
  const pairs = pairsOf(built);
  const alertCount = built.filter(({ isAlert }) => isAlert).length;
  return checkArtifact(
    comparison,
    {
      kind: "comparison",
      version: "1.0",
      generatedAt: "2026-02-15T00:00:00.000Z",
      policy: "evidence",
      outcome: outcomeOf(built),
      advisory: false,
      gateMode: "strict",
      thresholds: {
        warmThresholdPct: 10,
        coldThresholdPct: 15,
        p95ThresholdPct: 20,
        smallBaselineMs: 100,
        minAbsoluteDeltaMs: 15,
      },
      summary: { totalPairs: pairs.length, alertCount, hasAlerts: alertCount > 0, incomparableCount: 0 },
      pairs,
      evidence: evidenceShares,
      cells: built,
      controls: passedControls,
      ...changes,
    },
    "compare.json",
  );
}

function outcomeOf(cells: readonly ComparedCell[]): NonNullable<Comparison["outcome"]> {
  const gating = (verdict: ComparedCell["verdict"]) => cells.some((cell) => cell.gating && cell.verdict === verdict);
  if (cells.length === 0 || gating("incomparable")) return "invalid";
  if (cells.some(({ isAlert }) => isAlert)) return "regression";
  return gating("undecided") ? "undecided" : "green";
}

/** The pairs with the wall figures of the cells; p95 is not judged by evidence. */
function pairsOf(cells: readonly ComparedCell[]): Comparison["pairs"] {
  const names = new Set(cells.map(({ profileId, scenario }) => `${profileId}/${scenario}`));
  return [...names].map((name) => {
    const wall = (phase: string) => cells.find(({ id }) => id === `${name}/${phase}/wall`);
    const [warm, cold] = [wall("warm"), wall("cold")];
    const [profileId = "", scenario = ""] = name.split("/");
    const figures = (side: "base" | "head") => ({
      warmP50Ms: warm?.[side].median ?? null,
      warmP95Ms: null,
      coldMs: cold?.[side].median ?? null,
    });
    const unknown = { deltaMs: null, regressionPct: null };
    const deltas = { warmP50: deltaOf(warm), warmP95: unknown, cold: deltaOf(cold) };
    return { profileId, scenario, base: figures("base"), head: figures("head"), deltas, alerts: [] };
  });
}

function deltaOf(cell: ComparedCell | undefined): Comparison["pairs"][number]["deltas"]["cold"] {
  const [base, head] = [cell?.base.median ?? null, cell?.head.median ?? null];
  if (base === null || head === null) return { deltaMs: null, regressionPct: null };
  return { deltaMs: head - base, regressionPct: ((head - base) / base) * 100 };
}
