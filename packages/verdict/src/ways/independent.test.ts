import { declareMetric, type Series } from "@forgebench/series";
import { SeededRandom } from "@forgebench/stats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { independent } from "./independent.ts";
import { LONE_RULE } from "./simulate-ways.ts";
import { SIMULATED_TIME, simulatedSeries } from "./simulated-series.ts";

const COUNTS = declareMetric({ id: "events", better: "lower", kind: "count" });
const RATES = declareMetric({ id: "score", better: "higher", kind: "proportion" });

const seriesOf = (values: readonly number[], metric = SIMULATED_TIME): Series =>
  simulatedSeries(
    metric,
    "unknown",
    values.map((value) => ({ value })),
  );

/** Ten values within 1 % of a middle. */
const session = (middle: number, metric = SIMULATED_TIME) =>
  seriesOf(
    [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5].map((step) => middle * (1 + step / 500)),
    metric,
  );

const EARLIER = [100, 103, 101, 99, 102, 100.5].map((middle) => session(middle));

describe("without earlier sessions", () => {
  it.each([0, 1, 2])(
    "%i are too few to decide, but the change and its interval within the sessions are told",
    (count) => {
      const answer = independent({ base: session(100), head: session(150) }, LONE_RULE, {
        sessions: EARLIER.slice(0, count),
      });
      expect(answer).toMatchObject({ direction: "open", evidence: null, detectable: null, count: 10 });
      expect(answer.estimate).toBeCloseTo(Math.log(1.5), 10);
      expect(answer.interval).toMatchObject({ kind: "fixed-n", level: 0.95 });
      expect(answer.interval?.low).toBeGreaterThan(0.39);
      expect(answer.interval?.high).toBeLessThan(0.42);
      expect(answer.reason).toBe(
        `the noise between sessions is not known: ${count} earlier sessions, at least 3 are needed`,
      );
      expect(answer.remedy).toContain("more sessions");
    },
  );

  it("a session without a valid sample is none", () => {
    const answer = independent({ base: session(100), head: session(150) }, LONE_RULE, {
      sessions: [...EARLIER.slice(0, 2), seriesOf([])],
    });
    expect(answer.reason).toContain("2 earlier sessions");
  });
});

describe("with earlier sessions", () => {
  it("finds a change that is large beside what sessions differ by", () => {
    const answer = independent({ base: session(101), head: session(115) }, LONE_RULE, { sessions: EARLIER });
    expect(answer.direction).toBe("higher");
    expect(answer.estimate).toBeCloseTo(Math.log(115 / 101), 10);
    expect(answer.interval?.low).toBeGreaterThan(0);
    expect(answer.evidence?.logHigher).toBeGreaterThan(answer.evidence?.logNeeded ?? 99);
    expect(answer.evidence?.logNeeded).toBeCloseTo(Math.log(200), 12);
    expect(answer.detectable).toBeGreaterThan(0.05);
  });

  it("leaves open what sessions differ by anyway, and never says same", () => {
    for (const middle of [101, 101.5, 104]) {
      const answer = independent({ base: session(101), head: session(middle) }, LONE_RULE, { sessions: EARLIER });
      expect(answer.direction).toBe("open");
      expect(answer.remedy).toContain("one session");
    }
  });

  it("is not misled by earlier sessions of another level", () => {
    const other = EARLIER.map((_, index) => session(60 + index / 10));
    const answer = independent({ base: session(100), head: session(104) }, LONE_RULE, { sessions: other });
    expect(answer.direction).toBe("open");
  });

  it("counts the own noise of an arm that is noisier than all earlier sessions", () => {
    const wild = seriesOf([60, 70, 80, 90, 100, 130, 140, 150, 170, 190]);
    const answer = independent({ base: session(101), head: wild }, LONE_RULE, { sessions: EARLIER });
    expect(answer.direction).toBe("open");
  });

  it("wants five samples where earlier sessions had as many", () => {
    const answer = independent({ base: session(100), head: seriesOf([130, 131]) }, LONE_RULE, { sessions: EARLIER });
    expect(answer).toMatchObject({ direction: "open", count: 2 });
    expect(answer.reason).toContain("at least 5");
    const single = EARLIER.map((_, index) => seriesOf([100 + index / 4]));
    const one = independent({ base: seriesOf([100]), head: seriesOf([130]) }, LONE_RULE, { sessions: single });
    expect(one).toMatchObject({ direction: "higher", count: 1 });
  });

  it("does not take sessions that do not differ at all for proof", () => {
    const equal = EARLIER.map(() => seriesOf([7, 7, 7, 7, 7]));
    const answer = independent({ base: seriesOf([7, 7, 7, 7, 7]), head: seriesOf([8, 8, 8, 8, 8]) }, LONE_RULE, {
      sessions: equal,
    });
    expect(answer).toMatchObject({ direction: "open", interval: null, reason: expect.stringContaining("no noise") });
  });
});

describe("zeros", () => {
  const zeros = seriesOf([0, 0, 0, 0, 0, 3], COUNTS);
  it("on both sides are a tie, on one side there is no ratio", () => {
    const sessions = [zeros, zeros, zeros];
    expect(independent({ base: zeros, head: zeros }, LONE_RULE, { sessions })).toMatchObject({
      direction: "open",
      estimate: 0,
    });
    const one = independent({ base: session(5, COUNTS), head: zeros }, LONE_RULE, { sessions });
    expect(one).toMatchObject({
      direction: "open",
      estimate: null,
      reason: expect.stringContaining("median of head is 0"),
    });
  });

  it("below a median above 0 leave no finite noise", () => {
    const many = seriesOf([0, 0, 0, 5, 5, 5, 5], COUNTS);
    const sessions = EARLIER.map(() => many);
    const answer = independent({ base: many, head: session(9, COUNTS) }, LONE_RULE, { sessions });
    expect(answer).toMatchObject({ direction: "open", interval: null, evidence: null });
    expect(answer.estimate).toBeCloseTo(Math.log(9 / 5), 10);
  });

  it("are nothing special where the change is a difference", () => {
    const rate = (middle: number) =>
      seriesOf(
        [-2, -1, 0, 0, 1, 2].map((step) => middle + step / 100),
        RATES,
      );
    const sessions = [0.01, 0, -0.01, 0.02].map(rate);
    expect(independent({ base: rate(0), head: rate(0.4) }, LONE_RULE, { sessions })).toMatchObject({
      direction: "higher",
      estimate: 0.4,
    });
  });
});

it("says which side is missing", () => {
  expect(independent({ head: session(1) }, LONE_RULE, { sessions: EARLIER })).toMatchObject({
    direction: "open",
    count: 0,
    reason: "base has no valid sample",
  });
});

it("mirrors when the arms are swapped, does not depend on order or unit, and never gives NaN", () => {
  const values = fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { minLength: 1, maxLength: 14 });
  fc.assert(
    fc.property(values, values, fc.array(values, { maxLength: 6 }), (a, b, earlier) => {
      const sessions = earlier.map((own) => seriesOf(own));
      const given = independent({ base: seriesOf(a), head: seriesOf(b) }, LONE_RULE, { sessions });
      expect(JSON.stringify(given)).not.toMatch(/NaN/);
      for (const number of [given.estimate, given.interval?.low, given.evidence?.logHigher, given.detectable]) {
        expect(number).not.toBeNaN();
      }
      const swapped = independent({ base: seriesOf(b), head: seriesOf(a) }, LONE_RULE, { sessions });
      expect(swapped.estimate).toBeCloseTo(-(given.estimate ?? 0), 12);
      expect(swapped.interval?.low ?? 0).toBeCloseTo(-(given.interval?.high ?? 0), 10);
      expect(swapped.evidence?.logLower).toEqual(given.evidence?.logHigher);
      expect([swapped.direction, given.direction].sort()).toEqual(
        given.direction === "open" ? ["open", "open"] : ["higher", "lower"],
      );
      const shuffled = new SeededRandom("order").shuffle(a);
      expect(independent({ base: seriesOf(shuffled), head: seriesOf(b) }, LONE_RULE, { sessions })).toEqual(given);
    }),
    { seed: 3, numRuns: 60 },
  );
});

it("takes more samples than a call takes arguments", () => {
  const random = new SeededRandom("many");
  const many = () => seriesOf(Array.from({ length: 130_000 }, () => 1 + random.uniform()));
  const answer = independent({ base: many(), head: many() }, LONE_RULE, { sessions: EARLIER.slice(0, 2) });
  expect(answer.count).toBe(130_000);
  expect(Math.abs(answer.estimate ?? 9)).toBeLessThan(0.01);
});
