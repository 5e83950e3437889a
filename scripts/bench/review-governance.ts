/**
 * Purpose: reviews the website's published figures once a month, and keeps one issue that lists the open points.
 * Reads: latest.json and history.json on the website's default branch, the pull request that carried the latest snapshot
 *   and its reviews; with --history the nights of the month, and which are missing; with --page-url the page and what it links to.
 * Writes: governance-review.json and .md, by default in .tmp/bench/governance; an issue and its comment in --repo.
 * Network: the API of GitHub (--api-url), the history's git repository; the page and its links, without a token.
 * Secrets: IMAGEFORGE_SITE_SYNC_TOKEN, or what --token-env names: contents and pull requests: read on the website's
 *   repository, issues: write on --repo; renewed where it was made.
 * Rerun: safe; the period's issue and its comment are found again and brought up to date.
 * Example: pnpm run bench:governance -- --help
 */
import { type GovernanceReview, governanceReview, parseSuite, type SiteSnapshot } from "@forgebench/artifacts";
import { printableLine, UsageError } from "@forgebench/errors";
import {
  apiUrlFlag,
  findCarrier,
  type GitHub,
  gitHubClient,
  type KeptIssue,
  keepIssue,
  listCommitAuthors,
  listReviews,
  type MergedPullRequest,
  previewKeptIssue,
  readPublishedPage,
  readPublishedSite,
  repoFlag,
} from "@forgebench/github";
import { parseStorePlace, readStore, storeCredential } from "@forgebench/history";
import {
  credentialIn,
  EXIT,
  type FlagValues,
  integerFlag,
  launch,
  listFlag,
  optionalText,
  pathFlag,
  printOutputs,
  readInputText,
  refuseSharedPaths,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  switchFlag,
  textFlag,
  tokenEnvFlag,
  writeArtifact,
  writeFileAtomic,
} from "@forgebench/io";
import {
  canonicalText,
  describeGovernance,
  type GovernanceFacts,
  governanceMarker,
  type PullRequestFacts,
  reviewGovernance,
  SITE_SYNC_MARKER,
  usualPeriod,
} from "@forgebench/site";
import { addressProblem } from "@forgebench/transfer";

const DEFAULT_TOKEN_ENV = "IMAGEFORGE_SITE_SYNC_TOKEN";
const LABEL = "benchmark-governance";

const flags = {
  "site-repo": repoFlag("the repository of the website"),
  period: optionalText({
    placeholder: "YYYY-MM",
    pattern: /^\d{4}-(0[1-9]|1[0-2])$/,
    expected: "a month such as 2026-02",
    description:
      "the month that is reviewed; default: the month of yesterday in UTC, or of the first night if that is later",
  }),
  repo: optionalRepo("where the issue is kept; default: --site-repo"),
  history: optionalText({
    placeholder: "STORE",
    description: "the nights: a folder, or REMOTE#BRANCH (branch: forgebench-data)",
  }),
  "page-url": optionalText({ placeholder: "URL", description: "the page that shows the latest figures" }),
  tier: textFlag({
    placeholder: "tierN",
    pattern: /^tier\d+$/,
    expected: "a tier such as tier200",
    fallback: "tier200",
    description: "standard: the tier",
  }),
  "dataset-versions": listFlag({ fallback: ["1.0.0"], description: "standard: the versions of the dataset" }),
  runner: textFlag({ fallback: "ubuntu-24.04", description: "standard: the runner's image" }),
  suite: pathFlag({
    placeholder: "FILE",
    fallback: "suites/imageforge.yaml",
    description: "standard: the suite whose profiles are measured",
  }),
  "max-age-days": integerFlag({
    min: 1,
    max: 365,
    unit: "days",
    fallback: 14,
    description: "standard: how old the latest may be",
  }),
  "night-start": textFlag({
    placeholder: "HH:MM",
    pattern: /^([01]\d|2[0-3]):[0-5]\d$/,
    expected: "a time of day such as 02:43",
    fallback: "02:43",
    description: "standard: when a night starts each day, in UTC",
  }),
  "history-token-env": tokenEnvFlag("the variable with a token for a history behind https, if it needs one"),
  "token-env": tokenEnvFlag(`the variable with the token; default ${DEFAULT_TOKEN_ENV}`),
  "api-url": apiUrlFlag(),
  "out-json": pathFlag({
    placeholder: "FILE",
    fallback: ".tmp/bench/governance/governance-review.json",
    description: "where the review goes",
  }),
  "out-md": pathFlag({
    placeholder: "FILE",
    fallback: ".tmp/bench/governance/governance-review.md",
    description: "the same review for people, in Markdown",
  }),
  "dry-run": switchFlag({ description: "only print how the issue would change; nothing is written to it" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:governance --",
  purpose: "Reviews the website's published figures once a month, and keeps one issue that lists the open points.",
  flags,
  outputs: {
    GOVERNANCE_JSON: "the review",
    GOVERNANCE_ISSUE_URL: "the issue; with --dry-run only when it is there already",
    GOVERNANCE: "passed, failed, or unknown when a check had nothing to judge",
  },
  notes: [
    "Exit 2 if a check failed, 3 if one could not be judged, also because --history or --page-url is not given: a check that\nwas not made does not pass. The issue is closed when every check passes, and opened again when one does not.",
    "If the token's variable is missing or empty, a dry run asks without a token.",
  ],
  examples: [
    "pnpm run bench:governance -- --site-repo octo-org/site --dry-run",
    "pnpm run bench:governance -- --site-repo octo-org/site --page-url https://octo.example/benchmarks/latest --history .tmp/bench/history",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => reviewSite(values, io));
}

/** Like `--repo`, but optional. */
function optionalRepo(description: string) {
  const flag = repoFlag(description);
  const none = (): string | undefined => undefined;
  return { ...flag, required: false, parse: (text: string): string | undefined => flag.parse(text), fallback: none };
}

async function reviewSite(values: Flags, io: ScriptIo): Promise<number> {
  const { siteRepo, apiUrl, outJson, outMd, suite } = values;
  refuseSharedPaths({ suite }, { "out-json": outJson, "out-md": outMd });
  checkPageUrl(values.pageUrl);
  const isOptional = values.dryRun && values.tokenEnv === undefined;
  const credential = credentialIn(io.env, values.tokenEnv ?? DEFAULT_TOKEN_ENV, apiUrl, { isOptional });
  const onWait = (message: string) => note(io, message);
  const github = gitHubClient({ apiUrl, credential, signal: io.signal, onWait });
  const review = reviewGovernance(await gatherFacts(github, values, io));
  const text = describeGovernance(review);
  await writeArtifact(governanceReview, outJson, review);
  await writeFileAtomic(outMd, `# ${text.title}\n\n${text.comment}`);
  io.stderr.write(`${siteRepo}, ${review.period}: ${printableLine(review.summary, 500)}\n`);
  for (const { title, status, detail } of review.checks) {
    io.stderr.write(`  ${status.padEnd(8)} ${title}: ${printableLine(detail, 300)}\n`);
  }
  const issueUrl = await keep(github, { review, text }, values, io);
  const verdict = verdictOf(review);
  const url = issueUrl === undefined ? {} : { GOVERNANCE_ISSUE_URL: issueUrl };
  await printOutputs(io, { GOVERNANCE_JSON: outJson, ...url, GOVERNANCE: verdict });
  return { passed: EXIT.ok, failed: EXIT.gate, unknown: EXIT.unjudged }[verdict];
}

function note(io: ScriptIo, message: string): void {
  io.stderr.write(`note: ${printableLine(message, 400)}\n`);
}

function verdictOf({ checks }: GovernanceReview): "passed" | "failed" | "unknown" {
  const open = checks.filter(({ blocking, status }) => blocking && status !== "pass");
  if (open.length === 0) return "passed";
  return open.some(({ status }) => status === "fail") ? "failed" : "unknown";
}

function checkPageUrl(pageUrl: string | undefined): void {
  if (pageUrl === undefined) return;
  const problem = URL.canParse(pageUrl) ? addressProblem(new URL(pageUrl)) : "it is no address";
  if (problem === undefined) return;
  throw new UsageError(`--page-url: ${JSON.stringify(pageUrl)} cannot be asked: ${problem}`, [
    { label: "expected", text: "https://HOST/benchmarks/latest" },
  ]);
}

async function gatherFacts(github: GitHub, values: Flags, io: ScriptIo): Promise<GovernanceFacts> {
  const { siteRepo } = values;
  const profiles = await standardProfiles(values.suite);
  const nights = await scheduledNights(values, io);
  const site = await readPublishedSite(github, siteRepo);
  const { latest, history, unreadable } = site;
  const carrier = latest === undefined ? undefined : await findCarrier(github, siteRepo, search(site, latest));
  const ids = [latest, ...(history?.items ?? [])].flatMap((snapshot) => snapshot?.snapshotId ?? []);
  const page =
    values.pageUrl === undefined
      ? undefined
      : await readPublishedPage({ url: values.pageUrl, snapshotIds: ids, signal: io.signal });
  const { tier, maxAgeDays, datasetVersions, runner } = values;
  const now = io.now().toISOString();
  const nightStartMinutes = minutesOf(values.nightStart);
  const { period = usualPeriod({ now, nights, nightStartMinutes }) } = values;
  return {
    now,
    period,
    unreadable,
    nights,
    standard: { tier, maxAgeDays, nightStartMinutes, datasetVersions, runner, profiles },
    ...(latest === undefined ? {} : { latest }),
    ...(history === undefined ? {} : { history }),
    ...(carrier === undefined ? {} : { pullRequest: await pullRequestFacts(github, siteRepo, carrier) }),
    ...(page === undefined ? {} : { page }),
  };
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return 60 * hours + minutes;
}

function search(site: Awaited<ReturnType<typeof readPublishedSite>>, latest: SiteSnapshot) {
  const isSame = (snapshot: SiteSnapshot) => canonicalText(snapshot) === canonicalText(latest);
  return { site, isSame, marker: SITE_SYNC_MARKER };
}

/** The fixed values of a suite's profiles, as snapshots hold them. */
async function standardProfiles(file: string): Promise<NonNullable<GovernanceFacts["standard"]["profiles"]>> {
  const suite = parseSuite(await readInputText(file, "suite"), file);
  return suite.profiles.map(({ id, formats, quality, blur, widths }) => ({
    id,
    ...(formats === undefined ? {} : { formats, widths: widths ?? null }),
    ...(quality === undefined ? {} : { quality }),
    ...(blur === undefined ? {} : { blur }),
  }));
}

/** All scheduled nights, whatever the month; none without a history. */
async function scheduledNights(values: Flags, io: ScriptIo): Promise<GovernanceFacts["nights"]> {
  if (values.history === undefined) return [];
  const place = parseStorePlace(values.history, "history", io.cwd);
  // The website's token is not sent to the history, which may be on another host.
  const credential = storeCredential(place, io.env, values.historyTokenEnv);
  const { entries } = await readStore(place, { env: io.env, signal: io.signal, now: () => io.now(), credential });
  return entries.flatMap(({ type, value }) => (type === "night" && value.event === "schedule" ? [value] : []));
}

async function pullRequestFacts(github: GitHub, siteRepo: string, pull: MergedPullRequest): Promise<PullRequestFacts> {
  const { number, url, author, mergedBy, mergedAt, mergeCommit, headCommit } = pull;
  const reviews = await listReviews(github, siteRepo, number);
  const authors = await listCommitAuthors(github, siteRepo, number);
  return {
    url,
    author: author?.login ?? "",
    headCommit,
    reviews: reviews.map(({ reviewer, ...review }) => ({ ...reviewer, ...review })),
    commitAuthors: authors.map(({ login }) => login),
    ...(mergedBy === undefined ? {} : { mergedBy: mergedBy.login, isMergedByPerson: mergedBy.isPerson }),
    ...(mergedAt === undefined ? {} : { mergedAt }),
    ...(mergeCommit === undefined ? {} : { mergeCommit }),
  };
}

interface Reviewed {
  readonly review: GovernanceReview;
  readonly text: ReturnType<typeof describeGovernance>;
}

/** The address of the issue; nothing in a dry run if there is none yet. */
async function keep(github: GitHub, reviewed: Reviewed, values: Flags, io: ScriptIo): Promise<string | undefined> {
  const { period, passed } = reviewed.review;
  const { title, issue: body, comment } = reviewed.text;
  const kept: KeptIssue = {
    label: LABEL,
    title,
    body,
    comment,
    isDone: passed,
    marker: governanceMarker(period, "issue"),
    commentMarker: governanceMarker(period, "comment"),
  };
  const repository = values.repo ?? values.siteRepo;
  if (!values.dryRun) return (await keepIssue(github, repository, kept)).url;
  const { issue, steps } = await previewKeptIssue(github, repository, kept);
  for (const step of steps) io.stderr.write(`would: ${printableLine(step, 400)}\n`);
  return issue?.url;
}

await launch(import.meta.url, main);
