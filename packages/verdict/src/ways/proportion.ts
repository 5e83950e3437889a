import type { SeriesPair } from "@forgebench/series";
import { judgeBlockedOutcomes } from "./blocked-proportion.ts";
import { blockedOutcomes, outcomesOf } from "./outcomes.ts";
import { judgeSharedTasks } from "./shared-tasks.ts";
import { judgeOtherTasks } from "./unshared-tasks.ts";
import { openAnswer, type WayAnswer, type WayRule } from "./way.ts";

/**
 * Judges success counts: samples of 0 or 1, each of a task. What was measured in blocks is judged block by block, at any
 * time; the same tasks on both sides task by task; other tasks, or none named, as two rates. A fraction between 0 and 1 is a
 * success in part. Tasks stand for more tasks like them, except in blocks, where the answer is about those tasks.
 */
export function proportion(pair: SeriesPair, rule: WayRule): WayAnswer {
  const outcomes = outcomesOf(pair);
  const { base, head, shared, isForeign } = outcomes;
  const count = Math.min(base.length, head.length);
  if (isForeign) return openAnswer(count, { reason: "values other than 0 to 1 are no successes and failures" });
  if (count === 0) {
    return openAnswer(0, {
      reason: `${base.length === 0 ? "base" : "head"} has no valid sample`,
      remedy: "measure both sides",
    });
  }
  const blocked = blockedOutcomes(pair);
  if (blocked !== null) return judgeBlockedOutcomes(blocked, rule);
  // Where most tasks are of one side only, those of both are a choice that nobody made.
  const all = base.length + head.length - shared.length;
  if (2 * shared.length < all) return judgeOtherTasks(outcomes, rule);
  const isKnownDesign = pair.base?.design !== "unknown" && pair.head?.design !== "unknown";
  const answer = judgeSharedTasks(shared, { ...rule, canBeSame: rule.canBeSame && isKnownDesign });
  const left = all - shared.length;
  return left === 0 ? answer : { ...answer, reason: withLeft(answer.reason, left) };
}

function withLeft(reason: string | undefined, left: number): string {
  return [reason, `${left} tasks that one side alone has are left out`].filter(Boolean).join("; ");
}
