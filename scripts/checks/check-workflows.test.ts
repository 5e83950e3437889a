import { PROJECT_ROOT } from "@forgebench/io";
import { expect, it } from "vitest";
import { checkWorkflow, checkWorkflows } from "./check-workflows.ts";
import { readText } from "./source-tree.ts";

const FILE = ".github/workflows/benchmark-ci.yml";
const written = readText(PROJECT_ROOT, FILE);

const nothing = async () => [];

async function problems(text: string, foreignRules?: typeof nothing): Promise<string> {
  const found = await checkWorkflow(PROJECT_ROOT, { file: FILE, text }, foreignRules);
  return found.map(({ line, message }) => `${line} ${message}`).join("\n");
}

/** The workflow with one mistake planted into it, in the job that is named, else in the first place. */
function planted(from: string | RegExp, to: string, job?: string): string {
  const start = job === undefined ? 0 : written.indexOf(`\n  ${job}:\n`);
  const rest = written.slice(start);
  const made = rest.replace(from, to);
  if (made === rest) throw new Error(`"${from}" is not there any more`);
  return written.slice(0, start) + made;
}

it("accepts the workflows of this project", { timeout: 60_000 }, async () => {
  expect(await checkWorkflows(PROJECT_ROOT)).toEqual([]);
});

/** Where an expression begins. */
const OPEN = "${{";
const CHECKOUT = "actions/checkout@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0 # v7.0.0";
const title = "github.event.pull_request.title";

/** A mistake as somebody might make it: what is replaced by what, in which job, and what is said of it. */
const MISTAKES: readonly (readonly [name: string, from: string | RegExp, to: string, said: string, job?: string])[] = [
  ["a wrong output of a step", "steps.base.outputs.BASE_SHA", "steps.base.outputs.BASE_COMMIT", "BASE_COMMIT"],
  ["an output of another step", "steps.base.outputs.BASE_SHA", "steps.bases.outputs.BASE_SHA", 'step "bases"'],
  ["a wrong output of a job", "needs.judge.outputs.RUN_ATTEMPT", "needs.judge.outputs.ATTEMPT", '"ATTEMPT"'],
  ["a need that is missing", "needs: [plan, measure]", "needs: [measure]", 'which job "judge" does not need', "judge"],
  ["a need that is nobody", "needs: [plan, measure]", "needs: [plan, measured]", "measured", "judge"],
  ["an entry that is not there", "bench:compare", "bench:comparison", '"bench:comparison"'],
  ["a flag that is not there", "--base-summary", "--baseline-summary", "--baseline-summary", "judge"],
  ["a required flag that is missing", '--store "', '"', "no --store", "record"],
  [
    "a verdict that nobody keeps",
    "sh .github/keep-verdict.sh npm run --silent bench:compare",
    "npm run --silent bench:compare",
    "VERDICT_EXIT",
  ],
  [
    "a secret where code of others runs",
    /BASE_SHA: .*/,
    `S: ${OPEN} secrets.S }}`,
    "has a secret and runs on pull requests",
    "measure",
  ],
  ["a secret without an environment", /environment: .*\n {4}/, "", "secret without an environment", "publish"],
  ["a write permission on pull requests", "contents: read #", "contents: write #", "may write contents", "measure"],
  [
    "a condition that lets pull requests in",
    "if: ${{ !cancelled() && (github.event_name == 'schedule' ||",
    "if: ${{ !cancelled() && (github.event_name != 'push' ||",
    "runs on pull requests",
    "record",
  ],
  [
    "a stranger's commit where writing is allowed",
    "persist-credentials: false",
    `persist-credentials: false\n          ref: ${OPEN} env.HEAD_SHA }}`,
    "checks out another ref",
    "record",
  ],
  [
    "an attestation of what a pull request made",
    "(github.event_name == 'schedule' ||",
    "(github.event_name != 'push' ||",
    "may write id-token, attestations and runs on pull requests",
    "attest",
  ],
  ["an attestation at another commit", /actions\/attest@\w+/, "actions/attest@v4", '"v4"', "attest"],
  ["an attestation of nothing", "needs: judge\n", "needs: plan\n", 'downloads "night"', "attest"],
  ["an action by its tag", CHECKOUT, "actions/checkout@v7", '"v7"'],
  ["an action at another commit", CHECKOUT, `actions/checkout@${"a".repeat(40)} # v7.0.0`, "aaaaaaaa"],
  ["an action without its version", CHECKOUT, CHECKOUT.replace(" # v7.0.0", ""), "does not say the version"],
  ["another action", CHECKOUT, `octo/thing@${"a".repeat(40)} # v1`, 'uses "octo/thing"'],
  ["a token that stays", "persist-credentials: false", "persist-credentials: true", "leaves the token"],
  ["a cache", "package-manager-cache: false", "cache: npm", "restores a cache"],
  ["an artifact that nobody uploads", "name: night\n", "name: nights\n", '"nights"', "record"],
  ["a pattern that nobody uploads", "pattern: shard-*", "pattern: part-*", '"part-*"'],
  ["an upload that a failure leaves out", /if: always\(\)\n {8}with/, "with", "does not upload after a failure"],
  [
    "a failure that is hidden",
    "- run: npm run build",
    "- continue-on-error: true\n        run: npm run build",
    "continue-on-error",
  ],
  ["a title in a shell text", "- run: npm run build", `- run: echo "\${{ ${title} }}"`, "has an expression"],
  ["a variable without quotes", '--shard "$SHARD"', "--shard $SHARD", "$SHARD without quotes"],
  ["permissions for all", "permissions: {}", "permissions: write-all", "does not begin with no permissions"],
  ["a permission without a reason", / # reads the commits.*/, "", "has no reason"],
  [
    "a job without permissions",
    /permissions:\n {6}contents: read # reads the commits.*\n {4}/,
    "",
    "says no permissions",
  ],
  ["a job without an end", "timeout-minutes: 10\n    ", "", "has no timeout"],
  ["a workflow without concurrency", /concurrency:\n(?: +.*\n)+/, "", "has no concurrency group"],
  [
    "an approval that other runs are cancelled for",
    "|| github.run_id }}",
    "|| github.ref }}",
    "which other runs share",
  ],
  [
    "a job that waits in a group of all runs",
    "environment: benchmark-site",
    "concurrency: benchmark-site\n    environment: benchmark-site",
    "concurrency group benchmark-site, which other runs share",
    "publish",
  ],
  [
    "a job that waits in a group of all runs, written below",
    "environment: benchmark-site",
    "concurrency:\n      group: benchmark-site\n      cancel-in-progress: false\n    environment: benchmark-site",
    "concurrency group benchmark-site, which other runs share",
    "publish",
  ],
  [
    "the history in the place of the code",
    "path: .tmp/bench/history\n          persist",
    "persist",
    "checks out another ref",
    "publish",
  ],
  ["another branch beside the code", "ref: forgebench-data", "ref: gh-pages", "checks out another ref", "publish"],
  ["pull_request_target", "  pull_request:\n", "  pull_request_target:\n", "pull_request_target"],
  ["a secret in a condition", "if: steps.dataset.outputs.DATASET_MISSING == '1'", "if: secrets.S != ''", "secrets"],
  ["a misspelled key", "timeout-minutes: 10", "timeout-minute: 10", "timeout-minute"],
  ["a time that never comes", "43 2 * * *", "43 26 * * *", "CRON"],
  ["two steps of one name", "id: evidence", "id: compare", "compare"],
];

/** What only others see: GitHub's language service and actionlint. */
const OTHERS = new Set(["a time that never comes", "two steps of one name"]);

it.each(MISTAKES.map((mistake) => [mistake[0], mistake] as const))(
  "finds %s",
  async (name, [, from, to, said, job]) => {
    const text = planted(from, to, job);
    expect(await (OTHERS.has(name) ? problems(text) : problems(text, nothing))).toContain(said);
  },
);

it("says where a file is not a workflow at all, and goes on where actionlint breaks down", async () => {
  expect(await problems("on: push\njobs: 7\n", nothing)).toContain("Unexpected value '7'");
  expect(await problems(planted("permissions: {}", "permissions: write-all"))).toContain("does not begin with");
});
