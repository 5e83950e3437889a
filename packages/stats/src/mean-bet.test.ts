import { describe, expect, it } from "vitest";
import { MeanBet, meanSequence } from "./mean-bet.ts";
import { SeededRandom } from "./seeded-random.ts";

/** −1, 0 or 1 with the given chances of the ends. */
function drawn(random: SeededRandom, count: number, less: number, more: number): number[] {
  return Array.from({ length: count }, () => {
    const place = random.uniform();
    return place < less ? -1 : place < less + more ? 1 : 0;
  });
}

describe("the bet", () => {
  it.each([0, 0.05, -0.3])("that the mean is above %d ever makes 20 at most once in 20 when it is not", (mean) => {
    const random = new SeededRandom(`mean bet/${mean}`);
    const won = Array.from({ length: 400 }, () => {
      const bet = new MeanBet(mean);
      for (const value of drawn(random, 200, 0.3 - mean / 2, 0.3 + mean / 2)) bet.add(value);
      return bet.maxLogWealth >= Math.log(20);
    }).filter(Boolean);
    expect(won.length / 400).toBeLessThanOrEqual(0.05);
  });

  it("wins where the mean is above, and does not overflow", () => {
    const bet = new MeanBet(0);
    for (let count = 0; count < 5000; count += 1) bet.add(1);
    expect(bet.logWealth).toBeGreaterThan(3000);
    expect(bet.logWealth).toBeLessThan(5000 * Math.LN2);
    for (let count = 0; count < 100_000; count += 1) bet.add(-1);
    expect(bet.maxLogWealth).toBeGreaterThan(3000);
    expect(bet.maxLogWealth).not.toBeNaN();
  });

  it("learns from ties when it is not about 0, and nothing from NaN", () => {
    const [zero, margin] = [new MeanBet(0), new MeanBet(-0.05)];
    for (let count = 0; count < 200; count += 1) {
      for (const bet of [zero, margin]) bet.add(0);
      margin.add(Number.NaN);
    }
    expect(zero.logWealth).toBe(0);
    // 1/0.95 a tie at the best.
    expect(margin.logWealth).toBeGreaterThan(7);
    expect(margin.logWealth).toBeLessThan(200 * -Math.log(0.95));
  });

  it("has the same wealth in the end in any order", () => {
    const random = new SeededRandom("mean bet/order");
    const values = drawn(random, 100, 0.2, 0.4);
    const wealthOf = (list: readonly number[]) => {
      const bet = new MeanBet(0.1);
      for (const value of list) bet.add(value);
      return bet.logWealth;
    };
    expect(wealthOf(random.shuffle(values))).toBeCloseTo(wealthOf(values), 10);
  });
});

describe("the confidence sequence", () => {
  it.each([
    { less: 0.1, more: 0.2 },
    { less: 0.01, more: 0.01 },
    { less: 0.5, more: 0.5 },
  ])("contains the mean at the end with chances of $less and $more, and mirrors", ({ less, more }) => {
    const random = new SeededRandom(`mean sequence/${less}/${more}`);
    let missed = 0;
    for (let round = 0; round < 200; round += 1) {
      const values = drawn(random, 150, less, more);
      const { low, high } = meanSequence(values, 0.05);
      if ((low ?? -1) > more - less || (high ?? 1) < more - less) missed += 1;
      if (round >= 5) continue;
      const mirrored = meanSequence(
        values.map((value) => -value),
        0.05,
      );
      expect(mirrored.low).toBeCloseTo(-(high ?? 1), 5);
    }
    expect(missed / 200).toBeLessThanOrEqual(0.05);
  });

  it("is about as narrow as its observer can hope for", () => {
    const values = drawn(new SeededRandom("narrow"), 2000, 0.08, 0.18);
    const { low, high } = meanSequence(values, 0.05);
    // A fixed-n interval would have ± 0.022.
    expect((high ?? 1) - (low ?? -1)).toBeLessThan(0.085);
  });

  it("has no ends without values", () => {
    expect(meanSequence([], 0.05)).toEqual({ low: null, high: null });
  });
});
