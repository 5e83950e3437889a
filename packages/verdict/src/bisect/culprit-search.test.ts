import { SeededRandom } from "@forgebench/stats";
import { describe, expect, it } from "vitest";
import { CulpritSearch } from "./culprit-search.ts";

const random = new SeededRandom("culprit-search");
const uniform = () => random.uniform();
const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

/** Noise of a block of about 1, symmetric, and in how many worlds a commit must be named at least. */
const NOISES = {
  normal: { noise: normal, least: 0.9 },
  "heavy tails": { noise: () => normal() / Math.sqrt((normal() ** 2 + normal() ** 2 + 0.05) / 2) / 1.5, least: 0.9 },
  "two modes": { noise: () => normal() * 0.3 + (uniform() < 0.5 ? -1 : 1), least: 0.5 },
} as const satisfies Record<string, { readonly noise: () => number; readonly least: number }>;

interface World {
  readonly commitCount: number;
  readonly culprit: number;
  readonly shift: number;
  readonly noise: () => number;
  readonly broken?: ReadonlySet<number>;
  readonly maxVisits?: number;
}

/** A whole search in a made-up world, four blocks at a time. */
function search({ commitCount, culprit, shift, noise, broken, maxVisits = 200 }: World) {
  const found = new CulpritSearch({ commitCount, confidence: 0.95 });
  let blockCount = 0;
  for (let visit = 0; visit < maxVisits; visit += 1) {
    const commit = found.next();
    if (commit === undefined) break;
    if (broken?.has(commit)) {
      found.skip(commit);
      continue;
    }
    blockCount += 4;
    found.add(
      commit,
      Array.from({ length: 4 }, () => (commit >= culprit ? shift : 0) + noise()),
    );
  }
  return { suspects: found.leastEffectPct === undefined ? undefined : found.suspects(), blockCount };
}

describe("a search", () => {
  for (const [name, { noise, least }] of Object.entries(NOISES)) {
    const tags = name === "normal" ? [] : ["slow"];
    it(`names the right commit 95 times of 100 where it names one, with ${name}`, { tags }, () => {
      const results = Array.from({ length: 250 }, () => {
        const commitCount = 1 + Math.floor(uniform() * 40);
        const culprit = 1 + Math.floor(uniform() * commitCount);
        const shift = 0.03 + 0.15 * uniform();
        const sigma = shift * (0.1 + 0.9 * uniform());
        return { culprit, ...search({ commitCount, culprit, shift, noise: () => sigma * noise() }) };
      });
      const judged = results.flatMap(({ suspects, ...rest }) =>
        suspects === undefined ? [] : [{ suspects, ...rest }],
      );
      const named = judged.filter(({ suspects }) => suspects.length === 1);
      const wrong = named.filter(({ suspects, culprit }) => suspects[0] !== culprit);
      const lost = judged.filter(({ suspects, culprit }) => !suspects.includes(culprit));
      expect(named.length / results.length).toBeGreaterThan(least);
      expect(wrong.length / named.length).toBeLessThan(0.05);
      expect(lost.length / judged.length).toBeLessThan(0.05);
      expect(named.reduce((sum, { blockCount }) => sum + blockCount, 0) / named.length).toBeLessThan(120);
    });
  }

  it("names nobody where the bad commit is not slower", () => {
    const named = Array.from({ length: 300 }, () =>
      search({ commitCount: 10, culprit: 11, shift: 0, noise: () => 0.03 * normal() }),
    ).filter(({ suspects }) => suspects !== undefined);
    expect(named.length / 300).toBeLessThan(0.05);
  });

  it("needs few blocks where the noise is small", () => {
    const { suspects, blockCount } = search({
      commitCount: 16,
      culprit: 11,
      shift: 0.1,
      noise: () => 0.005 * normal(),
    });
    expect([suspects, blockCount < 80]).toEqual([[11], true]);
  });

  it("leaves what broken commits hide as a range", () => {
    const world = { commitCount: 9, culprit: 5, shift: 0.2, noise: () => 0.01 * normal() };
    expect(search({ ...world, broken: new Set([4, 5]) }).suspects).toEqual([4, 5, 6]);
    expect(search({ ...world, broken: new Set([2, 3, 8]) }).suspects).toEqual([5]);
    expect(search({ ...world, broken: new Set([9]) }).suspects).toBeUndefined();
  });

  it("that is cut short keeps the culprit among its suspects", () => {
    const world = { commitCount: 12, culprit: 7, shift: 0.1, noise: () => 0.02 * normal() };
    const { suspects = [] } = search({ ...world, maxVisits: 6 });
    expect(suspects).toContain(7);
    expect(suspects.length).toBeGreaterThan(1);
  });

  it("knows the only commit there is", () => {
    expect(search({ commitCount: 1, culprit: 1, shift: 0.1, noise: () => 0.01 * normal() }).suspects).toEqual([1]);
  });
});
