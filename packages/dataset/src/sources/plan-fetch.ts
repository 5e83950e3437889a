import type { RegisterEntry, Source } from "@forgebench/artifacts";
import { blankResult, type FetchOutcome, type FetchResult } from "./fetch-results.ts";

/** What of the register is taken although something is missing. */
export interface FetchWaivers {
  readonly allowUnpinnedSources: boolean;
  readonly allowPartial: boolean;
}

/** A source to fetch, or an entry that is settled without. */
type FetchPlan = { readonly source: Source; readonly blank: FetchResult } | { readonly settled: FetchOutcome };

/** What is to be done with an entry of the register. */
export function planFetch(entry: RegisterEntry, waivers: Pick<FetchWaivers, "allowUnpinnedSources">): FetchPlan {
  const blank = blankResult(entry);
  const problems = "problems" in entry ? entry.problems.join("; ") : null;
  if (!entry.enabled) return { settled: { result: { ...blank, status: "disabled", reason: problems } } };
  if (!("source" in entry)) {
    return { settled: { result: { ...blank, failureCategory: "schema-invalid", reason: problems } } };
  }
  if (entry.source.sha256 === null && !waivers.allowUnpinnedSources) {
    const reason = "the register has no sha256 for it";
    return { settled: { result: { ...blank, failureCategory: "missing-hash", reason } } };
  }
  return { source: entry.source, blank };
}
