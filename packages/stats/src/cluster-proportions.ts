/** A mean with its standard error and the degrees of freedom of that; ends of an interval are mean ± t · error. */
export interface AdjustedMean {
  readonly mean: number;
  readonly error: number;
  readonly freedom: number;
}

/** What is kept of differences, one per task, each in [−1, 1]. */
export interface DifferenceSums {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
  /** How many are not 0. */
  readonly discordant: number;
}

/**
 * The mean of differences between two success rates, one difference per task: Bonett and Price's (2012) adjusted Wald
 * interval for paired proportions, which adds one pair that got better and one that got worse, carried over to tasks that
 * were tried several times. There the two that are added are as large as those seen (their root mean square), and 1 where
 * none was seen, so that the error is never 0. With one try a task this is their interval, with t for z.
 */
export function pairedDifference({ count, sum, squares, discordant }: DifferenceSums): AdjustedMean {
  const added = discordant === 0 ? 1 : squares / discordant;
  return meanOf(sum, squares + 2 * added, count + 2);
}

/** The sums of differences. */
export function differenceSums(differences: readonly number[]): DifferenceSums {
  let [sum, squares, discordant] = [0, 0, 0];
  for (const difference of differences) {
    sum += difference;
    squares += difference * difference;
    if (difference !== 0) discordant += 1;
  }
  return { count: differences.length, sum, squares, discordant };
}

/**
 * The difference head − base of two success rates over different tasks, from the success rate of each task: Agresti and
 * Caffo's (2000) interval, which adds a success and a failure to each arm, with tasks in place of single trials; the
 * variance is that between tasks, so that repeats of one task are not counted as independent (Donner and Klar 2000,
 * chapter 6). Degrees of freedom by Welch (1947).
 */
export function unpairedDifference(base: readonly number[], head: readonly number[]): AdjustedMean {
  const [a, b] = [adjustedRate(base), adjustedRate(head)];
  const [ownA, ownB] = [a.error ** 2, b.error ** 2];
  const freedom = (ownA + ownB) ** 2 / (ownA ** 2 / a.freedom + ownB ** 2 / b.freedom);
  return { mean: b.mean - a.mean, error: Math.sqrt(ownA + ownB), freedom };
}

function adjustedRate(rates: readonly number[]): AdjustedMean {
  let [sum, squares] = [0, 0];
  for (const rate of rates) {
    sum += rate;
    squares += rate * rate;
  }
  return meanOf(sum + 1, squares + 1, rates.length + 2);
}

function meanOf(sum: number, squares: number, count: number): AdjustedMean {
  const mean = sum / count;
  const variance = Math.max(0, squares - count * mean * mean) / (count - 1);
  return { mean, error: Math.sqrt(variance / count), freedom: count - 1 };
}
