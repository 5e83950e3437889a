import { describe, expect, it } from "vitest";
import { listNights, outcomeWord, setUpDifferences } from "./nights.ts";
import { buildHistory, buildSnapshot, type SnapshotSpec } from "./test-helpers.ts";
import { planTrend, scaleAround, type Trend, valuesInScale } from "./trend-plot.ts";

const SUMMARY = buildSnapshot().summary;

describe("listNights", () => {
  it("lists each night once, newest first, and the latest also where the history lacks it", () => {
    const [a, b, c] = [0, 1, 2].map((day) => buildSnapshot({ day }));
    const nights = listNights({ latest: b, history: buildHistory([a, c, a].flatMap((s) => s ?? [])) });
    expect(nights.map(({ snapshot }) => snapshot.snapshotId)).toEqual(["7000002.1", "7000001.1", "7000000.1"]);
    expect(nights.map(({ isLatest }) => isLatest)).toEqual([false, true, false]);
    expect(nights.map(({ whyNotLatest }) => whyNotLatest)).toEqual([["no reason is recorded"], [], ["older"]]);
  });

  it.each<[string, SnapshotSpec, string, string[]]>([
    ["a green night", {}, "shown", ["no reason is recorded"]],
    [
      "an alert",
      { changes: { outcome: undefined, summary: { ...SUMMARY, alertCount: 2, hasAlerts: true } } },
      "alert",
      ["no reason is recorded"],
    ],
    ["a regression", { changes: { outcome: "regression" } }, "alert", ["no reason is recorded"]],
    ["an invalid outcome", { changes: { outcome: "invalid" } }, "invalid", ["could not be judged"]],
    [
      "failed runs",
      { changes: { summary: { ...SUMMARY, baseValidationPassed: false } } },
      "invalid",
      ["runs of base failed their validation"],
    ],
    ["a mark without a reason", { changes: { canonical: false } }, "not canonical", ["marked as not canonical"]],
    [
      "a mark with reasons",
      { changes: { canonical: false, nonCanonicalReasons: ["no release"] } },
      "not canonical",
      ["no release"],
    ],
  ])("tells what becomes of %s", (_, spec, state, why) => {
    const [night] = listNights({ history: buildHistory([buildSnapshot(spec)]) });
    expect(night).toMatchObject({ state, whyNotLatest: why, isLatest: false });
  });

  it("takes reasons from outside, once each, and only those of the night", () => {
    const history = buildHistory([
      buildSnapshot({ day: 1, changes: { nonCanonicalReasons: ["tier30"] } }),
      buildSnapshot({ day: 0 }),
    ]);
    const nights = listNights({ history, facts: { whyNotLatest: { "7000001.1": ["tier30", "4 runs"] } } });
    expect(nights.map(({ whyNotLatest }) => whyNotLatest)).toEqual([["tier30", "4 runs"], ["no reason is recorded"]]);
    expect(nights[0]?.state).toBe("not canonical");
  });

  it("names outcomes, also of snapshots that carry only alerts", () => {
    const words = [
      { outcome: "undecided" },
      { outcome: undefined },
      { outcome: undefined, summary: { ...SUMMARY, alertCount: 1 } },
    ];
    expect(words.map((changes) => outcomeWord(buildSnapshot({ changes })))).toEqual([
      "undecided",
      "no alerts",
      "1 alert",
    ]);
  });
});

describe("setUpDifferences", () => {
  it("names what differs, and nothing that only one of the two states", () => {
    const usual = buildSnapshot();
    expect(
      setUpDifferences(usual, buildSnapshot({ source: { datasetSha256: "a".repeat(64), sha: "f".repeat(40) } })),
    ).toEqual([]);
    const other = buildSnapshot({
      source: { tier: "tier30", datasetVersion: "2.0.0", runner: "r", nodeVersion: "24" },
    });
    expect(setUpDifferences(usual, other)).toEqual(["tier30", "dataset 2.0.0 (release)", "r", "Node 24"]);
  });
});

describe("planTrend", () => {
  const trendOf = (specs: readonly SnapshotSpec[]): Trend => {
    const history = buildHistory(specs.map((spec, day) => buildSnapshot({ day, coldMs: 1000 + day, ...spec })));
    return planTrend(listNights({ history }).toReversed(), buildSnapshot(), ({ coldWallMs }) => coldWallMs);
  };
  const days = (trend: Trend) => trend.segments.map((segment) => segment.map(({ index }) => index));

  it("joins what can be compared, the oldest first", () => {
    const trend = trendOf([{}, {}, {}]);
    expect(days(trend)).toEqual([[0, 1, 2]]);
    expect(valuesInScale(trend)).toEqual([1000, 1001, 1002]);
    expect(trend.breaks).toEqual([]);
  });

  it.each<[string, SnapshotSpec["source"], string]>([
    ["dataset", { datasetVersion: "2.0.0" }, "dataset 2.0.0 (release)"],
    ["runner", { runner: "ubuntu-26.04" }, "ubuntu-26.04"],
    ["Node", { nodeVersion: "24" }, "Node 24"],
  ])("draws no line across another %s, and says so", (_, source = {}, to) => {
    const trend = trendOf([{}, {}, { source }, { source }]);
    expect(days(trend)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(trend.breaks).toEqual([{ index: 2, to }]);
  });

  it("keeps another tier off the scale, with a gap", () => {
    const trend = trendOf([{}, {}, { source: { tier: "tier30" }, coldMs: 10 }, {}, {}]);
    expect(days(trend)).toEqual([
      [0, 1],
      [3, 4],
    ]);
    expect(trend.points[2]?.value).toBeNull();
    expect(valuesInScale(trend)).not.toContain(10);
  });

  it("leaves nights that are not canonical or invalid beside the line", () => {
    const trend = trendOf([
      {},
      { changes: { canonical: false } },
      { coldMs: 9e9, changes: { outcome: "invalid" } },
      {},
    ]);
    expect(days(trend)).toEqual([[0, 3]]);
    expect(trend.points.map(({ value }) => value)).toEqual([1000, 1001, 9e9, 1003]);
    expect(valuesInScale(trend)).toEqual([1000, 1001, 1003]);
  });
});

describe("scaleAround", () => {
  it.each([
    ["values that hardly differ", [100, 100.1]],
    ["one value", [42]],
    ["zero", [0]],
    ["far apart", [1e-9, 1e12]],
    ["below zero", [-5, 5]],
    ["huge", [-1e308, 1e308]],
  ])("holds %s between its ends, in order and few steps", (_, values) => {
    const { low, high, ticks } = scaleAround(values);
    expect(low).toBeLessThanOrEqual(Math.min(...values));
    expect(high).toBeGreaterThanOrEqual(Math.max(...values));
    expect(ticks.length).toBeGreaterThan(0);
    expect(ticks.length).toBeLessThan(14);
    expect(ticks.every(Number.isFinite)).toBe(true);
  });

  it("never makes less than ±5 % look like a jump", () => {
    const { low, high } = scaleAround([100, 100.1]);
    expect(low).toBeLessThanOrEqual(95.1);
    expect(high).toBeGreaterThanOrEqual(105);
  });
});
