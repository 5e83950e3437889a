import type { Metric, SeriesPair } from "@forgebench/series";
import { median } from "@forgebench/stats";
import type { CellRule } from "../rules.ts";
import { validValues } from "./obstacles.ts";
import { differenceOf, type PairedValues } from "./paired-values.ts";

/** The differences of blocks and the rule for them, on one scale. */
interface Scaled {
  readonly differences: readonly number[];
  readonly rule: CellRule;
}

/**
 * Ratios as natural logarithms. Plain differences in parts of the level of base (the median of its values), so that
 * margins in per cent mean the same for both.
 */
export function onScale(metric: Metric, pair: SeriesPair, values: readonly PairedValues[], rule: CellRule): Scaled {
  const level = metric.effect === "ratio" ? 1 : Math.abs(median(validValues(pair.base?.samples ?? []))) || 1;
  const differences = values.map((value) => differenceOf(metric, value) / level);
  return { differences, rule: { ...rule, ...effectsOf(metric, rule) } };
}

/** The margin and the least effect of a metric's differences; a rule has them as logarithms of ratios. */
export function effectsOf(
  { effect }: Pick<Metric, "effect">,
  { margin, minEffect }: Pick<CellRule, "margin" | "minEffect">,
): Pick<CellRule, "margin" | "minEffect"> {
  return effect === "ratio" ? { margin, minEffect } : { margin: Math.expm1(margin), minEffect: Math.expm1(minEffect) };
}

/** A difference as it is published: in per cent of base, of a proportion in percentage points. */
export function toPercent({ effect }: Pick<Metric, "effect">, difference: number): number {
  return 100 * (effect === "ratio" ? Math.expm1(difference) : difference);
}

/** The inverse of {@link toPercent}. */
export function fromPercent({ effect }: Pick<Metric, "effect">, percent: number): number {
  return effect === "ratio" ? Math.log1p(percent / 100) : percent / 100;
}
