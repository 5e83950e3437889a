import type { RunContext, Suite, Summary } from "@forgebench/artifacts";
import { type ComparedFiles, checkComparison } from "./check-comparison.ts";
import { checkIdentity, shardsOf } from "./check-identity.ts";
import { checkBlocks, checkOrder, type OrderRules } from "./check-order.ts";
import { checkPlanting } from "./check-planting.ts";
import { checkSampling, type SamplingRules } from "./check-sampling.ts";
import { checkValidity } from "./check-validity.ts";
import { differenceOf, documentDifferences, type EvidenceDifference } from "./difference.ts";
import { byShard, type LoggedRun, RAW_RUNS } from "./logged-run.ts";

/** All members of a bundle, read. */
export interface StoredEvidence extends ComparedFiles {
  readonly suite: Suite;
  readonly suiteSha256: string;
  /** Whether the last line of the runs was cut by a kill. */
  readonly isCut: boolean;
}

/** The values that the measuring side computes from the same files. */
export interface ComputedAgain {
  readonly head: Summary;
  readonly base: Summary;
  readonly family: RunContext["family"];
  readonly declaredMetrics: RunContext["declaredMetrics"];
  /** What the order seed of each shard draws, and when its cells are finished, by the index of the shard. */
  readonly shards: ReadonlyMap<number, ShardRules>;
}

/**
 * The differences in evidence: hashes, runs that are not those that were drawn, figures, the family, and every verdict.
 * Empty if all of it is computed as it is stored.
 */
export function verifyEvidence(stored: StoredEvidence, again: ComputedAgain): EvidenceDifference[] {
  const { context } = stored;
  return [
    ...checkLinks(stored),
    ...checkRuns(stored, again),
    ...documentDifferences("run-context.json", whatIsJudged(context), whatIsJudged(again)),
    ...checkPlanting(context, stored.suite),
    ...documentDifferences("summary.json", stored.head, again.head),
    ...documentDifferences("base-summary.json", stored.base, again.base),
    ...checkComparison(stored),
  ];
}

/** A context of the fixed protocol by an older version has no family, and then nothing is shared over it. */
function whatIsJudged({ family, declaredMetrics }: Pick<RunContext, "family" | "declaredMetrics">) {
  return { family, ...(declaredMetrics === undefined ? {} : { declaredMetrics }) };
}

function checkLinks({ head, base, sha256, isCut }: StoredEvidence): EvidenceDifference[] {
  const ofRuns = (member: string, { inputs = [] }: Summary) => {
    const named = inputs.find(({ path }) => path.split("/").at(-1) === RAW_RUNS)?.sha256;
    return differenceOf({ member, about: "", field: `inputs, sha256 of ${RAW_RUNS}` }, named, sha256[RAW_RUNS]);
  };
  return [
    ...ofRuns("summary.json", head),
    ...ofRuns("base-summary.json", base),
    ...differenceOf({ member: RAW_RUNS, about: "", field: "last line" }, isCut ? "cut" : "whole", "whole"),
  ];
}

function checkRuns({ runs, context, suite, head }: StoredEvidence, again: ComputedAgain): EvidenceDifference[] {
  const imageCounts = imageCountsOf(head);
  const shards = byShard(runs, context.shard.index);
  const known = new Set(shardsOf(context).map(({ index }) => index));
  const all = [...shards.values()].flat();
  const perShard = (check: (own: readonly LoggedRun[], rules: ShardRules) => EvidenceDifference[]) =>
    [...shards].flatMap(([index, own]) => {
      const rules = again.shards.get(index);
      return rules === undefined || !known.has(index) ? [] : check(own, rules);
    });
  // What is missing first: it explains much of what differs in single runs.
  const wrongBlocks = perShard(checkBlocks);
  return [
    ...wrongBlocks,
    ...perShard(checkSampling),
    ...checkIdentity(all, context),
    ...perShard((own, rules) => checkOrder(own, rules, wrongBlocks.length === 0)),
    ...checkValidity(all, { suite, imageCounts }),
  ];
}

type ShardRules = OrderRules & SamplingRules;

/** Images by scenario, as a summary tells them. */
export function imageCountsOf({ benchmark }: Pick<Summary, "benchmark">): Map<string, number> {
  return new Map(
    benchmark.scenarios.flatMap((own) =>
      typeof own === "string" || own.expectedTotal === undefined ? [] : [[own.name, own.expectedTotal] as const],
    ),
  );
}
