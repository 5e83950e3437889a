import type { Json } from "../evaluate.ts";
import type { Outcome } from "../run-job.ts";
import type { HeadChange } from "./repository.ts";

/** What has to be there after a rehearsal, besides the results of the jobs. */
export interface Traces {
  /** Lines of the history branch. */
  readonly nights: number;
  /** Open issues of the repository. */
  readonly issues: number;
  /** Pull requests of the website. */
  readonly sitePulls: number;
  /** Comments on the pull request that was measured. */
  readonly comments: number;
  /** Published releases beside that of the dataset that nights measure on. */
  readonly newReleases: number;
}

/** A run that is rehearsed, and what must become of it. */
export interface Scenario {
  readonly event: "schedule" | "pull_request" | "workflow_dispatch";
  readonly description: string;
  readonly workflow: string;
  readonly change: HeadChange;
  readonly inputs?: Readonly<Record<string, Json>>;
  readonly hasDataset?: boolean;
  /** By the id of a job; every other job is skipped. */
  readonly results: Readonly<Record<string, Outcome>>;
  readonly traces: Partial<Traces>;
  /** Run when the first is done, as on `workflow_run`. */
  readonly followedBy?: { readonly workflow: string; readonly results: Readonly<Record<string, Outcome>> };
}

const CI = ".github/workflows/benchmark-ci.yml";
const MEASURED = { plan: "success", measure: "success", judge: "success" } as const;
const RECORDED = { ...MEASURED, record: "success" } as const;
const PUBLISHED = { ...RECORDED, export: "success", publish: "success" } as const;

const BISECTED = { bisect: "success", culprit: "success" } as const;

/** Slower by far more than the rule allows, so that a busy machine finds it too. */
const SLOWER: HeadChange = { workMs: 160 };
const FAILING: HeadChange = { exitCode: 1 };

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  green: {
    event: "schedule",
    description: "a night in which nothing became slower",
    ...{ workflow: CI, change: {}, results: { ...PUBLISHED, green: "success" } },
    traces: { nights: 1, sitePulls: 1 },
  },
  regression: {
    event: "schedule",
    description: "a night whose newest commit is slower",
    ...{ workflow: CI, change: SLOWER, results: { ...PUBLISHED, regression: "failure", ...BISECTED } },
    traces: { nights: 1, sitePulls: 1, issues: 1 },
  },
  invalid: {
    event: "schedule",
    description: "a night whose newest commit cannot be measured",
    ...{ workflow: CI, change: FAILING, results: { ...PUBLISHED, unjudged: "failure" } },
    traces: { nights: 1, sitePulls: 1 },
  },
  "no-dataset": {
    event: "schedule",
    description: "a night whose dataset was never released",
    ...{ workflow: CI, change: {}, hasDataset: false, results: { ...PUBLISHED, green: "success" } },
    traces: { nights: 1, sitePulls: 1 },
  },
  "pull-request": {
    event: "pull_request",
    description: "a pull request that is slower, from a fork, and its comment",
    ...{ workflow: CI, change: SLOWER, results: MEASURED },
    traces: { nights: 0, comments: 1 },
    followedBy: { workflow: ".github/workflows/benchmark-comment.yml", results: { comment: "success" } },
  },
  publish: {
    event: "workflow_dispatch",
    description: "a run by hand that publishes, with a regression that somebody accepts",
    ...{ workflow: CI, change: SLOWER, results: { ...PUBLISHED, accepted: "success" } },
    inputs: {
      ...{ dataset_version: "1.0.0", tier: "200", run_count: "", base: "", publish: true },
      allow_regression: "worth it: $(touch pwned) `id` \"'",
    },
    traces: { nights: 2, sitePulls: 1 },
  },
  "dataset-release": {
    event: "workflow_dispatch",
    description: "a release of the dataset",
    workflow: ".github/workflows/benchmark-dataset-release.yml",
    ...{ change: {}, results: { build: "success", release: "success" } },
    inputs: { dataset_version: "1.1.0", count: "12", seed: "7", tiers: "2,6", sources_file: "" },
    traces: { newReleases: 1 },
  },
};
