/**
 * Purpose: keeps one issue open for a series of nights while it is red: opened, updated, closed when green.
 * Reads: compare.json, and if given the two summaries.
 * Writes: nothing here; an issue of the repository and comments on it.
 * Network: the API of GitHub, or of --api-url.
 * Secrets: GITHUB_TOKEN, or what --token-env names (issues: write); of a job it ends with the job.
 * Rerun: safe; each night comments once, and an older night changes nothing that a newer one wrote.
 * Example: pnpm run bench:alert -- --help
 */
import { type Comparison, comparison, contradictedCommit, summary } from "@forgebench/artifacts";
import { ArtifactError, printableLine, UsageError } from "@forgebench/errors";
import { assertOutcomeFollows } from "@forgebench/evidence";
import {
  type AlertChange,
  type AlertPlace,
  apiUrlFlag,
  endAlert,
  type GitHub,
  gitHubClient,
  ownLogin,
  raiseAlert,
  repoFlag,
} from "@forgebench/github";
import {
  credentialIn,
  EXIT,
  type FlagValues,
  launch,
  optionalNumber,
  optionalPath,
  optionalText,
  printOutputs,
  readArtifact,
  requiredPath,
  requiredText,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  switchFlag,
  textFlag,
  tokenEnvFlag,
} from "@forgebench/io";
import {
  type AlertFacts,
  alertMarkers,
  comparisonHeadline,
  formatGreenNight,
  formatRegression,
  runIdOfAlert,
} from "@forgebench/report";

const DEFAULT_TOKEN_ENV = "GITHUB_TOKEN";
const RUN_URL = /^https?:\/\/[\w.:[\]-]+\/[\w.-]+\/[\w.-]+\/actions\/runs\/(\d{1,15})(?:\/attempts\/\d+)?$/;

const SUSPECTS = /^([0-9a-f]{40})\.\.([0-9a-f]{40})$/;

const flags = {
  compare: requiredPath({ placeholder: "FILE", description: "compare.json of the night" }),
  "head-summary": optionalPath({ placeholder: "FILE", description: "the head's summary, for machine and failed runs" }),
  "base-summary": optionalPath({ placeholder: "FILE", description: "the base's summary, for its commit" }),
  repo: repoFlag("the repository that has the issue"),
  "run-url": requiredText({
    placeholder: "URL",
    pattern: RUN_URL,
    expected: "https://github.com/OWNER/NAME/actions/runs/NUMBER",
    description: "the run that measured",
  }),
  line: textFlag({
    fallback: "nightly",
    placeholder: "NAME",
    pattern: /^[a-z0-9]+(-[a-z0-9]+)*$/,
    expected: "such as nightly",
    description: "the name of a series of nights; each has its own issue",
  }),
  label: textFlag({
    fallback: "benchmark-regression",
    pattern: /^[\w.-]{1,50}$/,
    expected: "1 to 50 letters, digits, dashes",
    description: "the label of the issue; made if it is missing",
  }),
  "base-sha": shaFlag("the commit that was compared with"),
  "head-sha": shaFlag("the commit that was measured"),
  "culprit-sha": shaFlag("the CULPRIT_SHA that bench:bisect printed"),
  suspects: optionalText({
    placeholder: "SHA..SHA",
    pattern: SUSPECTS,
    expected: "two full hashes of 40 hexadecimal digits, OLDEST..NEWEST",
    description: "instead: the SUSPECTS that bench:bisect printed",
  }),
  confidence: optionalNumber({
    min: 0,
    max: 1,
    unit: "from 0 to 1",
    description: "the CONFIDENCE that bench:bisect printed",
  }),
  "close-when-green": switchFlag({ description: "after a green night, comment on the open issue and close it" }),
  author: optionalText({
    placeholder: "LOGIN",
    description: "with the token of an app: the login of its issues; default: asked, else that of GitHub Actions",
  }),
  "token-env": tokenEnvFlag(`the variable with the token; default ${DEFAULT_TOKEN_ENV}`),
  "api-url": apiUrlFlag(),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:alert --",
  purpose: "Keeps one issue open for a series of nights while it is red: opened, updated, closed when green.",
  flags,
  outputs: {
    ALERT: "opened, updated, unchanged, closed, later (a later night wrote or closed it), or none",
    ISSUE_URL: "the issue, unless there is none",
  },
  notes: [
    "Exit 0 for every outcome of the night: the gate is bench:compare. An undecided or invalid night changes nothing.",
    "A night's report replaces the issue's text; each red night after the first comments with its answer. Run again with\n--culprit-sha or --suspects after a bisection: the text then names what it found.",
    "A green night closes only the issue of its own --line.",
  ],
  examples: [
    'pnpm run bench:alert -- --compare compare.json --repo octo-org/tool --run-url "$RUN_URL" --close-when-green',
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => report(values, io));
}

function shaFlag(description: string) {
  const form = { placeholder: "SHA", pattern: /^[0-9a-f]{40}$/, expected: "a full hash of 40 hexadecimal digits" };
  return optionalText({ ...form, description });
}

async function report(values: Flags, io: ScriptIo): Promise<number> {
  const { apiUrl } = values;
  const facts = factsOf(values);
  const credential = credentialIn(io.env, values.tokenEnv ?? DEFAULT_TOKEN_ENV, apiUrl);
  const { value: compared } = await readArtifact(comparison, values.compare);
  assertOutcomeFollows(compared, values.compare);
  const onWait = (message: string) => note(io, message);
  const github = gitHubClient({ apiUrl, credential, signal: io.signal, onWait });
  const { change, issue } = await act(github, { compared, facts, values }, io);
  io.stderr.write(`${change === "none" ? "no issue is open" : `issue ${change}`}\n`);
  await printOutputs(io, { ALERT: change, ...(issue === undefined ? {} : { ISSUE_URL: issue.url }) });
  return EXIT.ok;
}

interface Night {
  readonly compared: Comparison;
  readonly facts: AlertFacts;
  readonly values: Flags;
}

async function act(github: GitHub, { compared, facts, values }: Night, io: ScriptIo): Promise<AlertChange> {
  const { outcome = "invalid" } = compared;
  const summaries = await readSummaries(values);
  io.stderr.write(`${comparisonHeadline(compared, summaries)}\n`);
  const isGreen = outcome === "green" && values.closeWhenGreen;
  if (outcome !== "regression" && !isGreen) {
    note(
      io,
      outcome === "green"
        ? "green; without --close-when-green nothing is closed"
        : `${outcome}: the issue is not changed`,
    );
    return { change: "none" };
  }
  const login = values.author ?? (await ownLogin(github, values.repo));
  const place = placeOf(facts, { login, label: values.label });
  if (isGreen) return endAlert(github, values.repo, { place, comment: formatGreenNight(compared, summaries, facts) });
  return raiseAlert(github, values.repo, { place, message: formatRegression(compared, summaries, facts) });
}

function placeOf(facts: AlertFacts, { login, label }: { readonly login: string; readonly label: string }): AlertPlace {
  const { issue: marker, night: timeMarker } = alertMarkers(facts);
  return {
    label,
    marker,
    timeMarker,
    login,
    compare: (text) => {
      const other = runIdOfAlert(facts.line, text) ?? 0;
      return other === facts.runId ? "this" : other > facts.runId ? "later" : "earlier";
    },
  };
}

function factsOf(values: Flags): AlertFacts {
  const { line, runUrl, baseSha: baseCommit, headSha: headCommit } = values;
  const runId = Number(RUN_URL.exec(runUrl)?.[1]);
  return { line, runUrl, runId, baseCommit, headCommit, culprit: culpritOf(values) };
}

function culpritOf({ culpritSha, suspects, confidence }: Flags): AlertFacts["culprit"] {
  if (culpritSha !== undefined && suspects !== undefined) {
    throw new UsageError("--culprit-sha and --suspects exclude one another", [
      { label: "expected", text: "the one that bench:bisect prints" },
    ]);
  }
  if ((culpritSha ?? suspects) === undefined && confidence === undefined) return undefined;
  const [, oldest, newest] = SUSPECTS.exec(suspects ?? "") ?? [];
  if (confidence !== undefined && culpritSha !== undefined) return { commit: culpritSha, confidence };
  if (confidence !== undefined && oldest !== undefined && newest !== undefined) return { oldest, newest, confidence };
  throw new UsageError("--confidence and one of --culprit-sha, --suspects are given together", [
    { label: "expected", text: "both, as bench:bisect prints them, or neither" },
  ]);
}

async function readSummaries({ headSummary, baseSummary, headSha, baseSha }: Flags) {
  const read = async (arm: "head" | "base", file: string | undefined, claimed: string | undefined) => {
    if (file === undefined) return undefined;
    const { value } = await readArtifact(summary, file);
    const found = contradictedCommit(value.subject, claimed);
    if (found === undefined) return value;
    const message = `${arm} was built from "${found}", but --${arm}-sha says "${claimed}"`;
    const details = [{ label: "try", text: `the ${arm} commit of these runs, or no --${arm}-sha` }];
    const issues = [{ path: "subject.commit", message }];
    throw new ArtifactError({ path: file, kind: summary.kind, action: "Cannot use", issues, details });
  };
  const head = await read("head", headSummary, headSha);
  const base = await read("base", baseSummary, baseSha);
  return { ...(head && { head }), ...(base && { base }) };
}

function note(io: ScriptIo, message: string): void {
  io.stderr.write(`note: ${printableLine(message, 400)}\n`);
}

await launch(import.meta.url, main);
