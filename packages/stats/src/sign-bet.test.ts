import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "./seeded-random.ts";
import { type Alternative, SignBet } from "./sign-bet.ts";

const alternatives: readonly Alternative[] = [
  { distance: 0.025, weight: 0.1 },
  { distance: 0.05, weight: 0.6 },
  { distance: 0.4, weight: 0.2 },
  { distance: 1.6, weight: 0.1 },
];

function logWealthOf(differences: readonly number[]): number {
  const bet = new SignBet(alternatives);
  for (const difference of differences) bet.add(difference);
  return bet.logWealth;
}

/** Chooses the size of the next difference from all signs before it; null stops. */
type Adversary = (signs: readonly number[], wealth: number) => number | null;

/** The wealth at the end, averaged exactly over all ways that the coins can fall. */
function expectedWealth(adversary: Adversary, length: number, differences: readonly number[] = []): number {
  const wealth = Math.exp(logWealthOf(differences));
  const signs = differences.map(Math.sign);
  const size = signs.length === length ? null : adversary(signs, wealth);
  if (size === null) return wealth;
  const after = (sign: number) => expectedWealth(adversary, length, [...differences, sign * size]);
  return (after(1) + after(-1)) / 2;
}

const sizes = fc.oneof(
  fc.double({ min: 0, max: 0.3, noNaN: true }),
  fc.constantFrom(0, 5e-324, 1e-300, 1e-9, 0.0499, 0.05, 1.6, 2, 50, 1e300, Number.POSITIVE_INFINITY),
);

describe("under fair coins nobody gains on average", () => {
  it("whatever the sizes, also when they follow from the signs before", () => {
    fc.assert(
      fc.property(fc.array(sizes, { minLength: 32, maxLength: 32 }), fc.integer({ min: 1, max: 7 }), (menu, length) => {
        const adversary: Adversary = (signs) =>
          menu[signs.reduce((code, sign) => (2 * code + (sign > 0 ? 1 : 0)) % 31, signs.length)] ?? 0;
        expect(expectedWealth(adversary, length)).toBeCloseTo(1, 10);
      }),
      { seed: 3, numRuns: 40 },
    );
  });

  it("also to who stops as soon as the wealth has doubled, or goes on while it falls", () => {
    const greedy: Adversary = (_, wealth) => (wealth >= 2 ? null : 0.06);
    const stubborn: Adversary = (signs, wealth) => (wealth > 1.1 ? null : 0.01 * (1 + signs.length));
    expect(expectedWealth(greedy, 9)).toBeCloseTo(1, 10);
    expect(expectedWealth(stubborn, 9)).toBeCloseTo(1, 10);
  });
});

const normal = (random: SeededRandom) => Math.abs(random.normal());
const ugly: Readonly<Record<string, (random: SeededRandom, block: number, signs: readonly number[]) => number>> = {
  "heavy tails": (random) => 0.02 / random.uniform(),
  bursts: (random, block) => normal(random) * (block % 20 < 6 ? 0.3 : 0.01),
  "two modes": (random) => (random.chance(0.3) ? 0.25 : 0.01 * normal(random)),
  drift: (random, block) => (0.005 + 0.002 * block) * normal(random),
  "larger after each plus": (random, _, signs) =>
    0.03 * normal(random) * 2 ** (signs.slice(-4).filter((s) => s > 0).length - 2),
  "one size": () => 0.05,
};

it.each(Object.entries(ugly))("who may stop at the worst moment rarely reaches 1/alpha: %s", (name, sizeOf) => {
  const [alpha, pathCount, blockCount] = [0.05, 4000, 50];
  const random = new SeededRandom(`worst/${name}`);
  let reachedCount = 0;
  for (let path = 0; path < pathCount; path += 1) {
    const bet = new SignBet(alternatives);
    const signs: number[] = [];
    for (let block = 0; block < blockCount && bet.maxLogWealth < Math.log(1 / alpha); block += 1) {
      const size = sizeOf(random, block, signs);
      const sign = random.chance(0.5) ? 1 : -1;
      signs.push(sign);
      bet.add(sign * size);
    }
    if (bet.maxLogWealth >= Math.log(1 / alpha)) reachedCount += 1;
  }
  expect(reachedCount / pathCount).toBeLessThanOrEqual(alpha + 2.6 * Math.sqrt((alpha * (1 - alpha)) / pathCount));
});

describe("what it makes of single differences", () => {
  it.each([0, -0, Number.NaN])("%s changes nothing", (nothing) => {
    expect(logWealthOf([0.05, nothing, -0.02, nothing])).toBe(logWealthOf([0.05, -0.02]));
  });

  it.each([1e-300, 5e-324, 1e300, Number.POSITIVE_INFINITY])(
    "%s, ever again and on both sides, keeps it finite",
    (size) => {
      const many = Array.from({ length: 500 }, (_, index) => (index % 3 === 0 ? -size : size));
      expect(logWealthOf(many)).toSatisfy(Number.isFinite);
      expect(logWealthOf(many.map((difference) => -difference))).toSatisfy(Number.isFinite);
    },
  );

  it("stays finite after a thousand sudden changes of scale", () => {
    const leaps = Array.from({ length: 1000 }, (_, index) => (index % 2 === 0 ? 1e-12 : Number.POSITIVE_INFINITY));
    expect(logWealthOf(leaps)).toSatisfy(Number.isFinite);
  });

  it("counts an infinite difference as a large one, and never bets against its own side", () => {
    expect(logWealthOf([Number.POSITIVE_INFINITY])).toBe(logWealthOf([2]));
    expect(logWealthOf([0.05])).toBeGreaterThan(0);
    expect(logWealthOf([-0.05])).toBeLessThan(0);
    expect(logWealthOf([0.05])).toBeGreaterThan(logWealthOf([0.0001]));
  });

  it("gives to the mirror image what it took: the factors of x and of -x sum to 2", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 20 }), sizes, (past, size) => {
        const before = logWealthOf(past);
        const factors = [size, -size].map((next) => Math.exp(logWealthOf([...past, next]) - before));
        expect((factors[0] ?? 0) + (factors[1] ?? 0)).toBeCloseTo(2, 9);
      }),
      { seed: 5, numRuns: 200 },
    );
  });
});

it("remembers the largest wealth, which never falls and starts at 1", () => {
  const bet = new SignBet(alternatives);
  expect([bet.logWealth, bet.maxLogWealth]).toEqual([0, 0]);
  bet.add(-0.05);
  expect(bet.maxLogWealth).toBe(0);
  for (let block = 0; block < 20; block += 1) bet.add(0.05);
  const top = bet.maxLogWealth;
  expect(top).toBe(bet.logWealth);
  for (let block = 0; block < 20; block += 1) bet.add(-0.05);
  expect(bet.maxLogWealth).toBe(top);
  expect(bet.logWealth).toBeLessThan(top);
});
