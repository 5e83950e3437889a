import { type Comparison, pairOf } from "@forgebench/artifacts";
import { pairName } from "@forgebench/series";
import type { SiteSnapshotRequest } from "./site-snapshot.ts";
import { summaryRows } from "./summary-rows.ts";

/** Why a snapshot cannot be made: a field of the head summary, and what is wrong with it. */
export interface SnapshotProblem {
  readonly path: string;
  readonly message: string;
}

type Published = Pick<SiteSnapshotRequest, "head" | "source" | "headline" | "comparison">;

/** The differences between the summary and the snapshot, and the figures that a comparison by evidence lacks. */
export function findSnapshotProblems(request: Published): SnapshotProblem[] {
  return [...findUnsaid(request.comparison), ...findContradictions(request)];
}

function findUnsaid({ policy, outcome, cells }: Comparison): SnapshotProblem[] {
  if (policy !== "evidence" || (cells !== undefined && outcome !== undefined)) return [];
  const missing = cells === undefined ? "cells" : "outcome";
  const message = "is missing in the comparison by evidence; compare the summaries anew";
  return [{ path: `comparison.${missing}`, message }];
}

function findContradictions({ head, source, headline, comparison }: Published): SnapshotProblem[] {
  const { profileId, scenario } = headline;
  const name = pairName({ profileId, scenario });
  const shown = pairOf(head, profileId, scenario);
  if (shown === undefined) {
    const known = summaryRows(head).map(({ pair }) => pair);
    const message = `holds no ${JSON.stringify(name)} for the headline; it holds ${known.slice(0, 6).join(", ") || "no pair"}`;
    return [{ path: "profileScenarioSummaries", message }];
  }
  if (head.dataset?.source === "suite") {
    const message = "are the inputs of a suite; a snapshot needs a tier of images";
    return [{ path: "dataset.source", message }];
  }
  return [
    ...contradiction("dataset.tierId", head.dataset?.tierId, "--tier", source.tier),
    // A fallback has another version than the requested one, and its reason says so.
    ...(head.dataset?.source === "fallback"
      ? []
      : contradiction(
          "dataset.datasetVersion",
          head.dataset?.datasetVersion,
          "--dataset-version",
          source.datasetVersion,
        )),
    // With a fixed number of runs the summary has it; with adaptive sampling the runs of the headline pair are published.
    ...(comparison.policy === "evidence" || head.benchmark.runCount === source.runCount
      ? []
      : contradiction(`runCount of ${name}`, shown.runCount, "--run-count", source.runCount)),
  ];
}

function contradiction<T>(path: string, recorded: T | undefined, flag: string, given: T): SnapshotProblem[] {
  if (recorded === undefined || recorded === given) return [];
  return [{ path, message: `is ${JSON.stringify(recorded)}, but ${flag} says ${JSON.stringify(given)}` }];
}

/** Texts that must not be published: the forms of the usual tokens, and the home folders of people. */
const SECRETS = /\b(gh[pousr]_\w{6,}|github_pat_\w{6,}|glpat-[\w-]{6,}|AKIA[0-9A-Z]{12,}|sk-[\w-]{16,})/;
const HOMES = /(^|[^\w.:/-])(\/(home|root|Users)\b|[A-Za-z]:[\\/]Users\b)/;

/** Texts anywhere in a document that hold a token or name a person's folder; the texts themselves are not repeated. */
export function findPrivateTexts(value: unknown, path = ""): SnapshotProblem[] {
  if (typeof value === "string") {
    if (SECRETS.test(value)) return [{ path, message: "contains text that looks like a token; it would be published" }];
    if (HOMES.test(value)) return [{ path, message: "names a home folder; it would be published" }];
    return [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => findPrivateTexts(part, path === "" ? key : `${path}.${key}`));
}
