import { existsSync, readFileSync } from "node:fs";
import {
  checkArtifact,
  nonCanonicalReasons,
  type SiteSnapshot,
  type Summary,
  serializeArtifact,
  siteSnapshot,
} from "@forgebench/artifacts";
import { buildComparison, buildEvidenceComparison, buildSummary, passedControls } from "@forgebench/artifacts/testing";
import { describe, expect, it } from "vitest";
import { planSiteSnapshot, type SiteSnapshotRequest } from "./site-snapshot.ts";
import { findPrivateTexts, findSnapshotProblems } from "./site-snapshot-problems.ts";

const source: SiteSnapshot["source"] = {
  repository: "owner/name",
  workflowName: "Benchmark CI",
  workflowPath: ".github/workflows/benchmark-ci.yml",
  runId: 22036204221,
  runAttempt: 2,
  runUrl: "https://github.com/owner/name/actions/runs/22036204221",
  eventName: "schedule",
  refName: "main",
  sha: "4ff596ceb9d3d7e0057d82e071c834505a212868",
  tier: "tier30",
  runCount: 10,
  datasetVersion: "1.0.0",
  runner: "ubuntu-24.04",
  nodeVersion: "22",
};
const dataset = { datasetVersion: "1.0.0", tierId: "tier30", sha256: "d".repeat(64), source: "release" };
const pairs = { "P1/single-small": {}, "P2/batch-all": { coldMs: 2049.975727, imageCount: 30 } };

function request(changes: Partial<SiteSnapshotRequest> = {}): SiteSnapshotRequest {
  return {
    head: buildSummary(pairs, { dataset, subject: { id: "5".repeat(64), cliVersion: "1.2.3" } }),
    base: buildSummary(pairs),
    comparison: buildComparison({
      "P1/single-small": {},
      "P2/batch-all": { headMs: 300, alerts: ["warm-p50", "cold"] },
    }),
    source,
    headline: { profileId: "P2", scenario: "batch-all" },
    owner: "Owners",
    generatedAt: "2026-02-15T23:59:59.000Z",
    inputs: [{ path: "compare.json", sha256: "c".repeat(64) }],
    ...changes,
  };
}

const problems = (changes: Partial<SiteSnapshotRequest>) =>
  findSnapshotProblems(request(changes)).map(({ path, message }) => `${path}: ${message}`);

describe("planSiteSnapshot", () => {
  const made = planSiteSnapshot(request());

  it("fits its schema and copies head's figures without rounding them again", () => {
    expect(checkArtifact(siteSnapshot, JSON.parse(serializeArtifact(siteSnapshot, made, "s.json")), "s.json")).toEqual(
      made,
    );
    const figures = made.profileScenarioMetrics.P2?.["batch-all"];
    expect(figures).toMatchObject({
      coldWallMs: 2049.975727,
      warmP95Ms: 126,
      speedup: 2049.975727 / 120,
      imageCount: 30,
    });
    expect(made.deltas[1]).toEqual({
      profileId: "P2",
      scenario: "batch-all",
      warmP50Pct: 50,
      warmP95Pct: 50,
      coldPct: 50,
      alerts: ["warm-p50", "cold"],
    });
  });

  it("says whose run it was and how it went", () => {
    expect(made).toMatchObject({
      snapshotId: "22036204221.2",
      asOfDate: "February 15, 2026",
      outcome: "regression",
      policy: "threshold",
      gateMode: "advisory",
      summary: {
        totalPairs: 2,
        alertCount: 2,
        hasAlerts: true,
        headValidationPassed: true,
        baseValidationPassed: true,
      },
      source: { cliVersion: "1.2.3", datasetSource: "release" },
    });
  });

  it("says the dataset by its content and its release, and marks what is none", () => {
    const release = { repository: "o/n", tag: "bench-dataset-v1.0.0", archiveSha256: "e".repeat(64) };
    const planned = (head: Summary["dataset"], base = head) => {
      const summaryOn = (own: Summary["dataset"]) => buildSummary(pairs, own === undefined ? {} : { dataset: own });
      const green = { comparison: buildComparison({ "P2/batch-all": {} }), source: { ...source, tier: "tier200" } };
      const snapshot = planSiteSnapshot(request({ ...green, head: summaryOn(head), base: summaryOn(base) }));
      return checkArtifact(siteSnapshot, JSON.parse(serializeArtifact(siteSnapshot, snapshot, "s.json")), "s.json");
    };
    const released = planned({ ...dataset, release });
    expect(released.source).toMatchObject({
      datasetSource: "release",
      datasetSha256: "d".repeat(64),
      datasetRelease: release,
    });
    expect([released.canonical, released.nonCanonicalReasons]).toEqual([true, undefined]);
    const marked = (why: string) => ({
      canonical: false,
      nonCanonicalReasons: [`dataset source ${why}`],
    });
    const fallback = { ...dataset, source: "fallback", fallback: { reason: "no release 1.0.0" } };
    expect(planned(fallback)).toMatchObject(marked("fallback is not a release (no release 1.0.0)"));
    expect(planned(fallback).source).toMatchObject({
      datasetSource: "fallback",
      datasetFallback: { reason: "no release 1.0.0" },
    });
    expect(planned({ ...dataset, source: "local" })).toMatchObject(marked("local is not a release"));
    expect(planned(dataset, fallback)).toMatchObject(marked("fallback is not a release (no release 1.0.0)"));
    expect(planned(undefined)).toMatchObject({ canonical: true });
  });

  it("takes the day in UTC whatever the zone, unless one is given", () => {
    expect(planSiteSnapshot(request({ generatedAt: "2026-03-01T00:30:00+02:00" })).asOfDate).toBe("February 28, 2026");
    expect(planSiteSnapshot(request({ asOfDate: "March 1, 2026" })).asOfDate).toBe("March 1, 2026");
  });

  it("takes bare ids of old summaries, with the number of images from the figures", () => {
    const head = buildSummary(pairs);
    const benchmark = { ...head.benchmark, profiles: ["P1", "P2"], scenarios: ["single-small", "batch-all", "gone"] };
    expect(planSiteSnapshot(request({ head: { ...head, benchmark } })).benchmark).toMatchObject({
      profiles: [{ id: "P1" }, { id: "P2" }],
      scenarios: [
        { name: "single-small", expectedTotal: 1 },
        { name: "batch-all", expectedTotal: 30 },
        { name: "gone", expectedTotal: 0 },
      ],
    });
  });

  it("does not call a summary valid that counts failures", () => {
    const base = buildSummary(pairs, { validation: { passed: true, failureCount: 1, failures: [] } });
    expect(planSiteSnapshot(request({ base })).summary.baseValidationPassed).toBe(false);
  });
});

describe("a snapshot by evidence", () => {
  const cells = {
    "P1/single-small/warm/wall": {},
    "P2/batch-all/cold/wall": { verdict: "regressed" },
    "P2/batch-all/warm/wall": { verdict: "undecided" },
    "P2/batch-all/warm/peak_memory": { verdict: "regressed", changePct: 30 },
    "P2/batch-all/cold/cpu": { verdict: "regressed", changePct: 1 },
  } as const;
  // What the thresholds would say of the pairs and what a control found counts for nothing.
  const comparison = buildEvidenceComparison(cells, {
    pairs: buildEvidenceComparison(cells).pairs.map((pair) => ({
      ...pair,
      alerts: [{ metric: "warm-p95", baseMs: 1, headMs: 2, regressionPct: 100, thresholdPct: 20 }],
    })),
    cells: [
      ...(buildEvidenceComparison(cells).cells ?? []),
      ...passedControls.controls.map(({ cell }) => ({ ...cell, isAlert: true })),
    ],
    summary: { totalPairs: 2, alertCount: 0, hasAlerts: false },
  });
  const made = planSiteSnapshot(request({ comparison }));

  it("takes alerts and verdicts from the cells", () => {
    expect(made).toMatchObject({
      policy: "evidence",
      outcome: "regression",
      summary: { totalPairs: 2, alertCount: 2, hasAlerts: true },
      deltas: [
        { profileId: "P1", warmP95Pct: null, coldPct: null, alerts: [], verdicts: { warm: "same", cold: null } },
        {
          profileId: "P2",
          coldPct: expect.closeTo(6.8),
          alerts: ["cold", "warm-peak_memory"],
          verdicts: { warm: "undecided", cold: "regressed" },
        },
      ],
    });
    expect(made.deltas[0]?.warmP50Pct).toBeCloseTo(0.2);
    expect(checkArtifact(siteSnapshot, made, "s.json")).toEqual(made);
    expect(problems({ comparison })).toEqual([]);
  });

  it("names warm wall time as the site does", () => {
    const slow = buildEvidenceComparison({ "P1/single-small/warm/wall": { verdict: "regressed" } });
    expect(planSiteSnapshot(request({ comparison: slow })).deltas[0]?.alerts).toEqual(["warm-p50"]);
  });

  it("carries intervals and how the night checked itself", () => {
    expect(made.deltas.map(({ intervals }) => intervals)).toEqual([
      { warm: { lowPct: expect.closeTo(-1.3), highPct: expect.closeTo(1.9) }, cold: null },
      {
        warm: { lowPct: expect.closeTo(-0.4), highPct: expect.closeTo(2.8) },
        cold: { lowPct: expect.closeTo(5.3), highPct: expect.closeTo(8.5) },
      },
    ]);
    expect(made.controls).toMatchObject({
      status: "passed",
      reason: passedControls.reason,
      null: [{ id: "control/null", passed: true, verdict: "same", changePct: 0.1 }],
      planted: [
        { id: "control/planted-5", plantedPct: 5, achievedPct: 5.1, verdict: "regressed" },
        { id: "control/planted-10", plantedPct: 10, interval: { lowPct: expect.closeTo(8.8) } },
      ],
    });
  });

  it("says how many runs the headline pair had, whatever was announced", () => {
    const head = buildSummary({ ...pairs, "P2/batch-all": { runCount: 26 } });
    expect(problems({ comparison, head, source: { ...source, runCount: 7 } })).toEqual([]);
    expect(planSiteSnapshot(request({ comparison, head })).source.runCount).toBe(26);
    expect(planSiteSnapshot(request({ head })).source.runCount).toBe(10);
  });

  const planned = (changes: Partial<typeof comparison>) =>
    planSiteSnapshot(request({ comparison: { ...comparison, ...changes } }));

  it("is carried when the null check was red, with nothing to believe", () => {
    const controls = { ...passedControls, status: "red", reason: "control/null regressed by 1.2 %" } as const;
    const red = planned({ outcome: "invalid", controls });
    expect(checkArtifact(siteSnapshot, red, "s.json")).toMatchObject({
      outcome: "invalid",
      canonical: false,
      controls: { status: "red", reason: controls.reason },
      summary: { alertCount: 0, hasAlerts: false },
    });
    expect(red.nonCanonicalReasons).toContain("outcome invalid is not green");
    for (const { profileId: _, scenario: __, ...said } of red.deltas) {
      expect(said).toEqual({
        alerts: [],
        verdicts: { warm: null, cold: null },
        intervals: { warm: null, cold: null },
        warmP50Pct: null,
        warmP95Pct: null,
        coldPct: null,
      });
    }
  });

  it("has the estimate of the cell as its change, whatever a comparison of version 1.0 made of the levels", () => {
    const byLevels = comparison.pairs.map((pair) => ({
      ...pair,
      deltas: { ...pair.deltas, cold: { deltaMs: 9, regressionPct: 2 } },
    }));
    const snapshot = planned({ version: "1.0", pairs: byLevels });
    expect(snapshot.deltas[1]?.coldPct).toBeCloseTo(6.8);
  });

  it("believes nothing either where the sides could not be compared", () => {
    const whole = { profileId: "", scenario: "", reason: "different-machine", message: "m", remedy: "r" } as const;
    expect(planned({ incomparable: [whole] }).deltas[1]?.verdicts).toEqual({ warm: null, cold: null });
    const one = { ...whole, profileId: "P1", scenario: "single-small" };
    expect(planned({ incomparable: [one] }).deltas[1]?.verdicts).toEqual({ warm: "undecided", cold: "regressed" });
  });

  it("lets what was found stand where a planted slowdown was missed, but no proof that nothing changed", () => {
    const missed = planned({ controls: { ...passedControls, status: "missed", reason: "control/planted-5" } });
    expect(missed.deltas.map(({ verdicts }) => verdicts)).toEqual([
      { warm: null, cold: null },
      { warm: "undecided", cold: "regressed" },
    ]);
    expect(missed.summary.alertCount).toBe(2);
  });

  it("is refused when its comparison does not say what was judged", () => {
    const { outcome: _, ...unsaid } = comparison;
    const { cells: __, ...bare } = comparison;
    expect([problems({ comparison: unsaid }), problems({ comparison: bare })].flat()).toEqual([
      "comparison.outcome: is missing in the comparison by evidence; compare the summaries anew",
      "comparison.cells: is missing in the comparison by evidence; compare the summaries anew",
    ]);
  });
});

describe("findSnapshotProblems", () => {
  it("finds none where all is there and agrees, or where the summary says nothing about it", () => {
    expect(problems({})).toEqual([]);
    expect(problems({ head: buildSummary(pairs), source: { ...source, tier: "tier200" } })).toEqual([]);
  });

  it("names both values of what does not agree", () => {
    const other = { ...source, tier: "tier200", datasetVersion: "1.1.0", runCount: 4 };
    expect(problems({ source: other })).toEqual([
      'dataset.tierId: is "tier30", but --tier says "tier200"',
      'dataset.datasetVersion: is "1.0.0", but --dataset-version says "1.1.0"',
      "runCount of P2/batch-all: is 10, but --run-count says 4",
    ]);
  });

  it("takes the number of runs that was announced, or that the headline pair had", () => {
    const head = buildSummary({ "P2/batch-all": { runCount: 26 } });
    expect(problems({ head, source: { ...source, runCount: 26 } })).toEqual([]);
    expect(problems({ head, source: { ...source, runCount: 10 } })).toEqual([]);
    expect(problems({ head, source: { ...source, runCount: 11 } })).toHaveLength(1);
  });

  it("names a headline that is not there", () => {
    expect(problems({ headline: { profileId: "constructor", scenario: "name" } })).toEqual([
      'profileScenarioSummaries: holds no "constructor/name" for the headline; it holds P1/single-small, P2/batch-all',
    ]);
  });
});

describe("what stands in the way of being the newest", () => {
  const night = { ...source, tier: "tier200" };
  const green = { comparison: buildComparison({ "P2/batch-all": {} }), source: night };

  it("is named, each of it once, also when the mark is read again", () => {
    const made = planSiteSnapshot(request({ ...green, source: { ...night, eventName: "push", runCount: 3 } }));
    expect(made).toMatchObject({ canonical: false });
    expect(made.nonCanonicalReasons).toEqual([
      "push is neither schedule nor a workflow_dispatch that publishes",
      "3 runs are fewer than 10",
    ]);
    expect(nonCanonicalReasons(made)).toEqual(made.nonCanonicalReasons);
  });

  it("is lifted by an acceptance, which is recorded", () => {
    const acceptance = { by: "maintainer", reason: "a new codec" };
    const red = { source: night, acceptance };
    expect(planSiteSnapshot(request(red))).toMatchObject({ outcome: "regression", canonical: true, acceptance });
    expect(planSiteSnapshot(request({ source: night })).canonical).toBe(false);
  });

  it("is a pair without all figures, which is named and not shown", () => {
    const head = buildSummary({ "P1/a": { coldMs: null }, "P1/b": { warmP50Ms: null }, "P2/batch-all": {} });
    const made = checkArtifact(siteSnapshot, planSiteSnapshot(request({ ...green, head })), "s.json");
    expect(made.incomplete).toEqual([
      { profileId: "P1", scenario: "a", missing: ["cold"] },
      { profileId: "P1", scenario: "b", missing: ["warm"] },
    ]);
    expect(made.nonCanonicalReasons).toEqual(["P1/a lacks cold", "P1/b lacks warm"]);
    expect(Object.keys(made.profileScenarioMetrics.P1 ?? {})).toEqual([]);
    expect(Object.keys(made.profileScenarioMetrics.P2 ?? {})).toEqual(["batch-all"]);
  });
});

const SNAPSHOTS = new URL("../../../../shared/data/site-snapshots/snapshots.json", import.meta.url);

it.skipIf(!existsSync(SNAPSHOTS))("has every field of the real ones (skipped where ../shared/data is absent)", () => {
  const documents: unknown[] = JSON.parse(readFileSync(SNAPSHOTS, "utf8"));
  const made = fieldPaths(planSiteSnapshot(request()));
  for (const document of documents) {
    const missing = [...fieldPaths(document)].filter((field) => !made.has(field));
    expect(missing).toEqual([]);
  }
  const real = new Set(documents.flatMap((document) => [...fieldPaths(document)]));
  expect([...made].filter((field) => !real.has(field))).toEqual([
    "kind",
    "source.cliVersion",
    "source.datasetSource",
    "source.datasetSha256",
    "outcome",
    "policy",
    "gateMode",
    "inputs",
    "inputs[]",
    "inputs[].path",
    "inputs[].sha256",
    "canonical",
    "nonCanonicalReasons",
    "nonCanonicalReasons[]",
  ]);
});

/** Every field with the kind of its value left out; profiles and scenarios are names, not fields. */
function fieldPaths(value: unknown, at = ""): Set<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((item) => [`${at}[]`, ...fieldPaths(item, `${at}[]`)]));
  if (typeof value !== "object" || value === null) return new Set();
  return new Set(
    Object.entries(value).flatMap(([key, item]) => {
      const name = /^profileScenarioMetrics(\.\*)?$/.test(at) ? "*" : key;
      const field = at === "" ? name : `${at}.${name}`;
      return [field, ...fieldPaths(item, field)];
    }),
  );
}

describe("findPrivateTexts", () => {
  it.each([
    ["a token", { owner: "ghp_abcdef123" }, "owner", "looks like a token"],
    ["a home folder", { source: { workflowPath: "see /home/someone/x" } }, "source.workflowPath", "home folder"],
    ["a home folder at the start", { inputs: [{ path: "/root/x" }] }, "inputs.0.path", "home folder"],
    ["a home folder on Windows", { owner: "C:\\Users\\me" }, "owner", "home folder"],
  ])("finds %s and does not repeat it", (_, document, path, message) => {
    expect(findPrivateTexts(document)).toEqual([{ path, message: expect.stringContaining(message) }]);
  });

  it("finds nothing in a usual snapshot", () => {
    expect(findPrivateTexts(planSiteSnapshot(request()))).toEqual([]);
  });
});
