import { existsSync, readFileSync } from "node:fs";
import { checkArtifact, comparisonMetrics, type SiteSnapshot, siteSnapshot } from "@forgebench/artifacts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alertOf, deltaOf, isPossibleTime, standardThresholds } from "./threshold-rule.ts";

const { warmP50, warmP95, cold } = comparisonMetrics;
const timeMs = fc.double({ min: 0.001, max: 1e7, noNaN: true });

describe("the rule", () => {
  it.each([
    { what: "exactly at the threshold", metric: warmP50, baseMs: 200, headMs: 220, alerts: false },
    { what: "just above the threshold", metric: warmP50, baseMs: 200, headMs: 220.0001, alerts: true },
    { what: "p95 has its own threshold", metric: warmP95, baseMs: 200, headMs: 239, alerts: false },
    { what: "above that of p95", metric: warmP95, baseMs: 200, headMs: 241, alerts: true },
    { what: "cold has its own threshold", metric: cold, baseMs: 200, headMs: 229, alerts: false },
    { what: "above that of cold", metric: cold, baseMs: 200, headMs: 231, alerts: true },
    { what: "faster", metric: cold, baseMs: 200, headMs: 20, alerts: false },
    { what: "small baseline, small difference", metric: warmP50, baseMs: 99.999, headMs: 114.998, alerts: false },
    { what: "small baseline, difference of 15 ms", metric: warmP50, baseMs: 99, headMs: 114, alerts: true },
    { what: "baseline of exactly 100 ms is not small", metric: warmP50, baseMs: 100, headMs: 110.1, alerts: true },
  ])("$what: alert is $alerts", ({ metric, baseMs, headMs, alerts }) => {
    expect(alertOf(metric, baseMs, headMs, standardThresholds) !== undefined).toBe(alerts);
  });

  it("says what it compared with what", () => {
    expect(alertOf(cold, 200, 250, standardThresholds)).toEqual({
      metric: "cold",
      baseMs: 200,
      headMs: 250,
      regressionPct: 25,
      thresholdPct: 15,
    });
  });

  it("is steady: no faster head and no higher threshold makes an alert appear", () => {
    fc.assert(
      fc.property(timeMs, timeMs, timeMs, fc.nat(50), (baseMs, a, b, more) => {
        const [fast, slow] = [Math.min(a, b), Math.max(a, b)];
        const alerts = (headMs: number, thresholdPct: number) =>
          alertOf(cold, baseMs, headMs, { ...standardThresholds, coldThresholdPct: thresholdPct }) !== undefined;
        if (alerts(fast, 15)) expect(alerts(slow, 15)).toBe(true);
        if (alerts(slow, 15 + more)) expect(alerts(slow, 15)).toBe(true);
      }),
    );
  });

  it("does not care about the unit where no absolute guard applies", () => {
    const guardless = { ...standardThresholds, smallBaselineMs: 0 };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }), (baseMs, headMs) => {
        const inSeconds = alertOf(cold, baseMs * 1024, headMs * 1024, guardless);
        expect(inSeconds?.regressionPct).toBe(alertOf(cold, baseMs, headMs, guardless)?.regressionPct);
      }),
    );
  });
});

describe("deltaOf", () => {
  it("rounds to 6 decimals and knows no −0", () => {
    expect(deltaOf(3, 4)).toEqual({ deltaMs: 1, regressionPct: 33.333333 });
    expect(Object.is(deltaOf(3, 3 - 1e-9).deltaMs, 0)).toBe(true);
  });

  it("turns its sign when the sides are swapped", () => {
    fc.assert(
      fc.property(timeMs, timeMs, (a, b) => {
        const forth = deltaOf(a, b);
        const back = deltaOf(b, a);
        expect(Math.abs(forth.deltaMs + back.deltaMs)).toBeLessThanOrEqual(1.1e-6);
        expect(forth.regressionPct * back.regressionPct).toBeLessThanOrEqual(0);
      }),
    );
  });
});

it.each([
  [0.001, true],
  [0, false],
  [-1, false],
  [1e308, false],
  [5e-324, false],
  [Number.NaN, false],
  [Number.POSITIVE_INFINITY, false],
])("a time of %d ms is possible: %s", (valueMs, possible) => {
  expect(isPossibleTime(valueMs)).toBe(possible);
});

const SNAPSHOTS = new URL("../../../../shared/data/site-snapshots/snapshots.json", import.meta.url);

describe.skipIf(!existsSync(SNAPSHOTS))("against the real snapshots (skipped where ../shared/data is absent)", () => {
  const documents: unknown[] = existsSync(SNAPSHOTS) ? JSON.parse(readFileSync(SNAPSHOTS, "utf8")) : [];
  const snapshots = documents.map((document) => checkArtifact(siteSnapshot, document, "snapshots.json"));

  it("finds the same percentages and the same alerts in all 48, to the last digit", () => {
    expect(snapshots).toHaveLength(48);
    const found = snapshots.map(recompute);
    expect(found.map(({ deltas }) => deltas)).toEqual(snapshots.map(({ deltas }) => deltas));
    expect(found.map(({ alertCount }) => alertCount)).toEqual(snapshots.map(({ summary }) => summary.alertCount));
    expect(found.reduce((sum, { alertCount }) => sum + alertCount, 0)).toBe(3);
  });
});

/** A snapshot holds head's figures and the percentages only: base follows from them to its 6 decimals. */
function recompute({ deltas, profileScenarioMetrics, thresholds }: SiteSnapshot) {
  const found = deltas.map((delta) => {
    const figures = profileScenarioMetrics[delta.profileId]?.[delta.scenario];
    const judge = (
      metric: (typeof comparisonMetrics)[keyof typeof comparisonMetrics],
      headMs = Number.NaN,
      pct = 0,
    ) => {
      const baseMs = Math.round((headMs / (1 + pct / 100)) * 1e6) / 1e6;
      return {
        ...deltaOf(baseMs, headMs),
        alerts: alertOf(metric, baseMs, headMs, thresholds) === undefined ? [] : [metric.metric],
      };
    };
    const p50 = judge(warmP50, figures?.warmP50Ms, delta.warmP50Pct ?? Number.NaN);
    const p95 = judge(warmP95, figures?.warmP95Ms, delta.warmP95Pct ?? Number.NaN);
    const first = judge(cold, figures?.coldWallMs, delta.coldPct ?? Number.NaN);
    return {
      profileId: delta.profileId,
      scenario: delta.scenario,
      warmP50Pct: p50.regressionPct,
      warmP95Pct: p95.regressionPct,
      coldPct: first.regressionPct,
      alerts: [p50, p95, first].flatMap(({ alerts }) => alerts),
    };
  });
  return { deltas: found, alertCount: found.reduce((sum, { alerts }) => sum + alerts.length, 0) };
}
