import { median, SeededRandom } from "@forgebench/stats";
import type { CellRule } from "../rules.ts";
import { judgeDifferences } from "./judge-differences.ts";

const PATH_COUNT = 40;
/** 5 % of them. */
const MAX_MISSED = 2;
const SEARCH_STEPS = 7;
/** Fewer blocks say too little of the noise. */
const MIN_BLOCKS = 6;

/**
 * The smallest slowdown, as a logarithm of a ratio, that would be found in 95 % of nights with noise like that of these differences
 * and up to `maxBlocks` blocks: the noise (sizes of the differences from their median, with signs drawn anew) is replayed
 * through the rules themselves with slowdowns planted. Which arm is which does not matter.
 * Null below 6 blocks, and when not even a tripling would be found.
 */
export function detectableChange(differences: readonly number[], maxBlocks: number, rule: CellRule): number | null {
  if (differences.length < MIN_BLOCKS) return null;
  const center = median(differences);
  const noise = differences.map((difference) => Math.abs(difference - center)).sort((a, b) => a - b);
  const random = new SeededRandom(`detectable/${differences.length}/${maxBlocks}`);
  let paths: readonly (readonly number[])[] = Array.from({ length: PATH_COUNT }, () =>
    Array.from({ length: maxBlocks }, () => random.pick(noise) * (random.chance(0.5) ? 1 : -1)),
  );
  const isFound = (slowdown: number) => {
    const missed = new Set<readonly number[]>();
    for (const path of paths) {
      const planted = path.map((difference) => difference + slowdown);
      if (judgeDifferences(planted, rule).direction !== "higher") missed.add(path);
      if (missed.size <= MAX_MISSED) continue;
      // Hard paths first: the next slowdown that is too small is known as such after a few of them.
      paths = [...missed, ...paths.filter((own) => !missed.has(own))];
      return false;
    }
    return true;
  };
  // Far below the margin a cell is proved `same` before a change could be found.
  let [missed, found] = [rule.margin / 4, Math.log(3)];
  if (!isFound(found)) return null;
  for (let step = 0; step < SEARCH_STEPS; step += 1) {
    // The middle of the logarithms: the precision that is wanted is relative.
    const middle = Math.sqrt(missed * found);
    if (isFound(middle)) found = middle;
    else missed = middle;
  }
  return found;
}
