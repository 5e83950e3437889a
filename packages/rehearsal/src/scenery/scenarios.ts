import type { Fault } from "@forgebench/github-stand-in";
import type { Json } from "../evaluate.ts";
import type { Outcome } from "../run-job.ts";
import type { HeadChange } from "./repository.ts";

/** The expected traces of a rehearsal, besides the results of the jobs. */
export interface Traces {
  /** Lines of the history branch. */
  readonly nights: number;
  /** Of these, nights that were measured on another tier than nights are. */
  readonly nightsOnOtherTiers: number;
  /** Open issues of the repository. */
  readonly issues: number;
  /** Open pull requests of the website. */
  readonly sitePulls: number;
  /** Open issues of the website. */
  readonly siteIssues: number;
  /** Comments on the repository's first issue or pull request. */
  readonly comments: number;
  /** Published releases beside that of the dataset that nights measure on. */
  readonly newReleases: number;
}

/** What may start a rehearsal from the command line; `workflow_run` follows from other runs. */
export const EVENTS = ["schedule", "pull_request", "workflow_dispatch"] as const;

/** One run of a workflow, and what must become of its jobs. */
export interface Act {
  readonly workflow: string;
  readonly event: (typeof EVENTS)[number] | "workflow_run";
  /** The line of `cron` that started it. */
  readonly schedule?: string;
  readonly inputs?: Readonly<Record<string, Json>>;
  /** The failed jobs of the act before are run again, as its next attempt. */
  readonly isRerun?: boolean;
  /** Jobs whose machine is taken away before they begin: `ID`, of a matrix `ID-INDEX`. */
  readonly cancelled?: readonly string[];
  /** The artifacts of the act before are gone. */
  readonly isExpired?: boolean;
  /** The failures of requests to GitHub. */
  readonly faults?: readonly Fault[];
  /** The branch that it runs on; `main` when absent. */
  readonly branch?: string;
  /** Before it begins, a commit repairs the newest one. */
  readonly isMended?: boolean;
  /** Before it begins, a person reviews and merges the pull request of the website. */
  readonly isSiteMerged?: boolean;
  /** By the id of a job; every other job is skipped. */
  readonly results: Readonly<Record<string, Outcome>>;
}

/** Runs that are rehearsed one after the other on one GitHub. */
export interface Scenario {
  readonly description: string;
  readonly change: HeadChange;
  readonly hasDataset?: boolean;
  /** Settings of the repository. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly acts: readonly [Act, ...Act[]];
  readonly traces: Partial<Traces>;
}

const NIGHTLY = "43 2 * * *";
const WEEKLY = "43 10 * * 0";
const BENCHMARK = { workflow: ".github/workflows/benchmark-ci.yml" } as const;
const NIGHT = { ...BENCHMARK, event: "schedule", schedule: NIGHTLY } as const;
const COMMENT = { workflow: ".github/workflows/benchmark-comment.yml", event: "workflow_run" } as const;
const GOVERNANCE = { workflow: ".github/workflows/benchmark-governance.yml", event: "schedule" } as const;
const BY_HAND = {
  ...BENCHMARK,
  event: "workflow_dispatch",
  inputs: {
    dataset_version: "1.0.0",
    tier: "200",
    run_count: "",
    base: "",
    publish: false,
    allow_regression: "",
  },
} as const;

const MEASURED = { plan: "success", measure: "success", judge: "success" } as const;
const RECORDED = { ...MEASURED, record: "success" } as const;
const PUBLISHED = { ...RECORDED, publish: "success" } as const;
const BISECTED = { bisect: "success", culprit: "success" } as const;
const NOT_MEASURED = { plan: "success", measure: "failure", record: "success", infrastructure: "failure" } as const;

const LOST = { unjudged: "failure", infrastructure: "failure" } as const;

/** Slower by far more than the rule allows, so that a busy machine finds it too. */
const SLOWER: HeadChange = { workMs: 160 };

/** GitHub limits the requests in the middle of a job's work. */
const SAYS_LATER: Fault = {
  match: /^(POST|PATCH) .*\/(issues|pulls)/,
  how: { kind: "secondary-limit", retryAfterSeconds: 1 },
};

/** All that `npm run rehearse` can play, by the name that is given to it. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  green: {
    description: "a night in which nothing became slower; the website merges it, and the month is reviewed",
    change: {},
    acts: [
      { ...NIGHT, results: { ...PUBLISHED, green: "success" } },
      // The night has no controls, so that what they would tell of the month is unknown.
      { ...GOVERNANCE, isSiteMerged: true, results: { review: "failure" } },
    ],
    traces: { nights: 1, siteIssues: 1 },
  },
  regression: {
    description: "a night whose newest commit is slower, while GitHub limits the requests once",
    change: SLOWER,
    acts: [{ ...NIGHT, faults: [SAYS_LATER], results: { ...PUBLISHED, regression: "failure", ...BISECTED } }],
    traces: { nights: 1, sitePulls: 1, issues: 1 },
  },
  invalid: {
    description: "a night whose newest commit cannot be measured, and a second attempt that changes nothing",
    change: { exitCode: 1 },
    acts: [
      { ...NIGHT, results: { ...PUBLISHED, unjudged: "failure" } },
      { ...NIGHT, isRerun: true, results: { ...PUBLISHED, unjudged: "failure" } },
    ],
    traces: { nights: 1, sitePulls: 1 },
  },
  "no-dataset": {
    description:
      "a night of one machine whose newest commit is slower, on images made on the spot: nothing is searched",
    change: SLOWER,
    hasDataset: false,
    vars: { BENCH_FALLBACK_IMAGES: "240", BENCH_SHARDS: '["1/1"]' },
    acts: [{ ...NIGHT, results: { ...PUBLISHED, regression: "failure", bisect: "success" } }],
    traces: { nights: 1, sitePulls: 1, issues: 1 },
  },
  mended: {
    description: "a night whose newest commit is slower, and the next one, which is good again: the issue is closed",
    change: SLOWER,
    acts: [
      { ...NIGHT, results: { ...PUBLISHED, regression: "failure", ...BISECTED } },
      { ...NIGHT, isMended: true, results: { ...PUBLISHED, green: "success" } },
    ],
    // It is commented on when it is closed.
    traces: { nights: 2, sitePulls: 1, comments: 1 },
  },
  branch: {
    description: "a run by hand on another branch, which is slower: red, and nothing is written anywhere",
    change: SLOWER,
    vars: { BENCH_ATTEST: "true" },
    acts: [{ ...BY_HAND, branch: "topic", results: { ...MEASURED, regression: "failure" } }],
    traces: {},
  },
  weekly: {
    description: "the week's comparison with the last release, which is worse; nothing is published, nothing searched",
    change: SLOWER,
    acts: [{ ...NIGHT, schedule: WEEKLY, results: { ...RECORDED, regression: "failure" } }],
    traces: { nights: 1, issues: 1 },
  },
  "lost-shard": {
    description: "a night that loses a machine, and the second attempt, which measures only what is missing",
    change: {},
    acts: [
      { ...NIGHT, cancelled: ["measure-1"], results: { ...PUBLISHED, measure: "cancelled", ...LOST } },
      { ...NIGHT, isRerun: true, results: { ...PUBLISHED, green: "success" } },
    ],
    traces: { nights: 2, sitePulls: 1 },
  },
  "shard-twice": {
    description: "a night whose settings name one shard twice",
    change: {},
    vars: { BENCH_SHARDS: '["1/2", "1/2"]' },
    acts: [{ ...NIGHT, results: { ...RECORDED, judge: "failure", infrastructure: "failure" } }],
    traces: { nights: 1 },
  },
  "base-broken": {
    description: "a night whose base cannot be built",
    change: { isBaseBroken: true },
    acts: [{ ...NIGHT, results: { ...NOT_MEASURED, judge: "failure" } }],
    traces: { nights: 1 },
  },
  "pull-request": {
    description:
      "a pull request that is slower, from a fork, its comment, and the comment again when the artifacts are gone",
    change: SLOWER,
    acts: [
      { ...BENCHMARK, event: "pull_request", results: MEASURED },
      { ...COMMENT, results: { comment: "success" } },
      { ...COMMENT, isExpired: true, results: { comment: "success" } },
    ],
    traces: { comments: 1 },
  },
  publish: {
    description: "a run by hand that publishes, with a regression that somebody accepts, and attested evidence",
    change: SLOWER,
    vars: { BENCH_ATTEST: "true" },
    acts: [
      {
        ...BY_HAND,
        results: { ...PUBLISHED, attest: "success", accepted: "success" },
        inputs: { ...BY_HAND.inputs, publish: true, allow_regression: "worth it: $(touch pwned) `id` \"'" },
      },
    ],
    traces: { nights: 2, sitePulls: 1 },
  },
  "dataset-release": {
    description: "a release of the dataset",
    change: {},
    acts: [
      {
        workflow: ".github/workflows/benchmark-dataset-release.yml",
        event: "workflow_dispatch",
        results: { build: "success", release: "success" },
        inputs: { dataset_version: "1.1.0", count: "12", seed: "7", tiers: "2,6", sources_file: "" },
      },
    ],
    traces: { newReleases: 1 },
  },
};
