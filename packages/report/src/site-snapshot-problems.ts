import { type Comparison, pairOf, type Summary } from "@forgebench/artifacts";
import type { SiteSnapshotRequest } from "./site-snapshot.ts";
import { summaryRows } from "./summary-rows.ts";

/** Why a snapshot cannot be made: a field of the head summary, and what is wrong with it. */
export interface SnapshotProblem {
  readonly path: string;
  readonly message: string;
}

type Published = Pick<SiteSnapshotRequest, "head" | "source" | "headline" | "comparison">;

/**
 * Figures that the site shows and the summary lacks, what the summary records otherwise than it is published, and
 * verdicts by evidence that cannot be believed.
 */
export function findSnapshotProblems(request: Published): SnapshotProblem[] {
  return [...findUnbelievable(request.comparison), ...findContradictions(request), ...findMissingFigures(request.head)];
}

/** Under the evidence policy an invalid outcome means that nothing was proved: not even the changes can be shown. */
function findUnbelievable({ policy, outcome, cells, controls }: Comparison): SnapshotProblem[] {
  if (policy !== "evidence") return [];
  if (cells === undefined || outcome === undefined) {
    const missing = cells === undefined ? "cells" : "outcome";
    const message = "is missing in the comparison by evidence; compare the summaries anew";
    return [{ path: `comparison.${missing}`, message }];
  }
  if (outcome !== "invalid") return [];
  const { status, reason } = controls ?? {};
  const why = status === "red" || status === "missed" ? `: ${reason}` : "";
  return [{ path: "comparison.outcome", message: `is "invalid"${why}; its verdicts cannot be believed` }];
}

function findContradictions({ head, source, headline }: Published): SnapshotProblem[] {
  const { profileId, scenario } = headline;
  const name = `${profileId}/${scenario}`;
  const shown = pairOf(head, profileId, scenario);
  if (shown === undefined) {
    const known = summaryRows(head).map(({ pair }) => pair);
    const message = `holds no ${JSON.stringify(name)} for the headline; it holds ${known.slice(0, 6).join(", ") || "no pair"}`;
    return [{ path: "profileScenarioSummaries", message }];
  }
  return [
    ...contradiction("dataset.tierId", head.dataset?.tierId, "--tier", source.tier),
    ...contradiction(
      "dataset.datasetVersion",
      head.dataset?.datasetVersion,
      "--dataset-version",
      source.datasetVersion,
    ),
    // A summary announces a number of runs; with adaptive sampling, what counts is how many the headline pair had.
    ...(head.benchmark.runCount === source.runCount
      ? []
      : contradiction(`runCount of ${name}`, shown.runCount, "--run-count", source.runCount)),
  ];
}

function contradiction<T>(path: string, recorded: T | undefined, flag: string, given: T): SnapshotProblem[] {
  if (recorded === undefined || recorded === given) return [];
  return [{ path, message: `is ${JSON.stringify(recorded)}, but ${flag} says ${JSON.stringify(given)}` }];
}

function findMissingFigures(head: Summary): SnapshotProblem[] {
  return Object.entries(head.profileScenarioSummaries).flatMap(([profileId, scenarios]) =>
    Object.entries(scenarios).flatMap(([scenario, pair]) => {
      const missing = [
        ...(pair.cold === null ? ["cold"] : []),
        ...(pair.warm === null ? ["warm"] : []),
        ...(pair.cold !== null && pair.warm !== null && pair.speedup === null ? ["speedup"] : []),
      ];
      const path = `profileScenarioSummaries.${profileId}.${scenario}`;
      return missing.map((figure) => ({
        path: `${path}.${figure}`,
        message: "is missing; the site shows every figure of every pair, so run bench:run anew, with both phases",
      }));
    }),
  );
}

/** What must not be published: the forms of the usual tokens, and the home folders of people. */
const SECRETS = /\b(gh[pousr]_\w{6,}|github_pat_\w{6,}|glpat-[\w-]{6,}|AKIA[0-9A-Z]{12,}|sk-[\w-]{16,})/;
const HOMES = /(^|[^\w.:/-])(\/(home|root|Users)\b|[A-Za-z]:[\\/]Users\b)/;

/** Texts anywhere in a document that hold a token or name a person's folder; the texts themselves are not repeated. */
export function findPrivateTexts(value: unknown, path = ""): SnapshotProblem[] {
  if (typeof value === "string") {
    if (SECRETS.test(value)) return [{ path, message: "holds what looks like a token; it would be published" }];
    if (HOMES.test(value)) return [{ path, message: "names a home folder; it would be published" }];
    return [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => findPrivateTexts(part, path === "" ? key : `${path}.${key}`));
}
