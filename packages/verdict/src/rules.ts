import type { EvidencePolicy, RunContext } from "@forgebench/artifacts";
import { PRIMARY_METRIC, readSeriesName, seriesName } from "@forgebench/series";
import type { Alternative } from "@forgebench/stats";

/** Names these rules; a change that can give the same runs another verdict gives them another name. */
export const EVIDENCE_METHOD = "sign-bets-1";

/** The chance that a night without any change names one anyway, over all its cells and all stopping times. */
export const ALPHA = 0.01;

/**
 * How the error is shared. The null control has its own part of α; of the rest the gating cells have four fifths and
 * the secondary metrics one. A false alarm of a planted slowdown does no harm, so it has its own level outside α.
 */
export const SHARES = { null: 0.002, primary: 0.0064, secondary: 0.0016, planted: 0.05 } as const;

/** Of each interval: the chance that it ever misses the truth. */
export const INTERVAL_ALPHA = 0.05;

/** Of `same`, for each cell: the chance to be called so at the margin or beyond it. */
export const SAME_ALPHA = 0.05;

/** `same` is looked for from this block on: below, it would rest on a run of luck, and nights run more blocks anyway. */
export const SAME_MIN_BLOCKS = 10;

/** `same` is not said while a bet that something changed stands at this or more: it may be about to win. */
export const SAME_MAX_CHANGE_WEALTH = 10;

/** The limits that decide a cell; differences are natural logarithms of head/base. */
export interface CellRule {
  /** The logarithm of the wealth that a bet must reach, on either side. */
  readonly logNeeded: number;
  /** The equivalence margin δ. */
  readonly margin: number;
  /** A change below this is not worth an alert, and waits to be proved `same`. */
  readonly minEffect: number;
  /** False for planted slowdowns, which are found or missed. */
  readonly canBeSame: boolean;
}

interface Margins {
  readonly equivalencePct: number;
  readonly minEffectPct: number;
}

/**
 * The margins of a suite that sets none: a change within ±5 % may be called `same`, and one below 2 % raises no alert.
 */
export const DEFAULT_MARGINS: Margins = { equivalencePct: 5, minEffectPct: 2 };

/** The part of the error that a cell draws on; see {@link SHARES}. */
export type RuleName = keyof typeof SHARES;

/**
 * The rule of a cell that shares `alpha` with a family of `count`: two bets are made, so each needs 2 · count / alpha. What
 * was planted can only be slower: there one bet is made.
 */
export function ruleOf(name: RuleName, count: number, margins: Margins): CellRule {
  const betCount = name === "planted" ? 1 : 2;
  return {
    logNeeded: Math.log((betCount * Math.max(1, count)) / SHARES[name]),
    margin: Math.log1p(margins.equivalencePct / 100),
    minEffect: Math.log1p(margins.minEffectPct / 100),
    canBeSame: name !== "planted",
  };
}

/**
 * What the bets expect of a change: about the margin or twice it most of the time, now and then much more. It decides only how
 * soon a change is found, never how often one is seen where none is.
 */
export function alternativesOf(margin: number): Alternative[] {
  return [
    { distance: margin, weight: 0.58 },
    { distance: 2 * margin, weight: 0.29 },
    { distance: 8 * margin, weight: 0.08 },
    { distance: 32 * margin, weight: 0.05 },
  ];
}

/** The ends of an interval may lie close to the truth: small distances count too. */
export function intervalAlternatives(margin: number): Alternative[] {
  return [0.25, 0.5, 1, 2, 8].map((factor) => ({ distance: factor * margin, weight: 1 }));
}

/** Seen from the margin, "nothing changed" is exactly one margin away. */
export function sameAlternatives(margin: number): Alternative[] {
  return [{ distance: margin, weight: 1 }];
}

type Family = RunContext["family"];

/** The cells that do not gate: there the primary metric itself is a secondary one. */
export function ungatedCells(family: Family): Set<string> {
  const names = (family?.secondary ?? []).map(readSeriesName);
  return new Set(names.filter(({ metric }) => metric === PRIMARY_METRIC).map(({ cell }) => cell));
}

/** The series of the exact metrics of every cell of a family. */
export function exactMembers(family: Family): string[] {
  const members = [...(family?.primary ?? []), ...(family?.secondary ?? [])];
  const cells = new Set(members.map((name) => readSeriesName(name).cell));
  return [...cells].flatMap((cell) => (family?.exactMetrics ?? []).map((metric) => seriesName(cell, metric)));
}

/**
 * The rules of a night as a comparison publishes them. Exact metrics count as secondary ones: those that vary are judged
 * like them, and must not spend an error that nobody gave them.
 */
export function policyOf({ family }: Pick<RunContext, "family">): EvidencePolicy {
  return {
    method: EVIDENCE_METHOD,
    alpha: ALPHA,
    shares: { ...SHARES },
    intervalAlpha: INTERVAL_ALPHA,
    family: {
      primaryCount: family?.primary.length ?? 0,
      secondaryCount: (family?.secondary.length ?? 0) + exactMembers(family).length,
    },
    margins: { ...(family?.margins ?? DEFAULT_MARGINS) },
  };
}

/** The rule of each family of a night; every shard has a null control, and they share what the null may err. */
export function rulesOf(
  policy: EvidencePolicy,
  { shard, shards }: Partial<Pick<RunContext, "shard" | "shards">>,
): Readonly<Record<RuleName, CellRule>> {
  const { family, margins } = policy;
  return {
    primary: ruleOf("primary", family.primaryCount, margins),
    secondary: ruleOf("secondary", family.secondaryCount, margins),
    null: ruleOf("null", Math.max(shards?.length ?? 1, shard?.count ?? 1), margins),
    planted: ruleOf("planted", 1, margins),
  };
}

/** Above this a slowdown is major, if no other limit is given; per cent. */
export const USUAL_MAJOR_PCT = 10;

/** How bad a change is, by its size alone, in whichever direction; both in per cent of base. */
export function severityOf(changePct: number, majorPct: number): "minor" | "major" {
  return Math.abs(changePct) > majorPct ? "major" : "minor";
}
