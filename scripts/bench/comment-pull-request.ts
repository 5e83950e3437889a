/**
 * Purpose: comments on a pull request with the results of a run of its code: one comment, replaced by each run.
 * Reads: the artifact of the run, a folder with compare.json and, if there, summary.json and base-summary.json. The
 *   author of the pull request may have written all of it: its size is limited, it is checked and never run.
 * Writes: nothing here; a comment on the pull request.
 * Network: the API of GitHub, or of --api-url.
 * Secrets: GITHUB_TOKEN, or what --token-env names (pull requests: write); of a job it ends with the job.
 * Rerun: safe; the comment is found again. An older run never replaces a newer one's.
 * Example: pnpm run bench:comment -- --help
 */
import { existsSync } from "node:fs";
import { type ArtifactKind, comparison, parseArtifact, summary } from "@forgebench/artifacts";
import { printableLine } from "@forgebench/errors";
import { assertOutcomeFollows } from "@forgebench/evidence";
import {
  apiUrlFlag,
  findPullRequestOfRun,
  gitHubClient,
  keepComment,
  ownLogin,
  type PullRequest,
  repoFlag,
} from "@forgebench/github";
import {
  credentialIn,
  EXIT,
  type FlagValues,
  launch,
  optionalText,
  printOutputs,
  readUntrustedFolder,
  requiredInteger,
  requiredPath,
  requiredText,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  switchFlag,
  textFlag,
  tokenEnvFlag,
  type UntrustedFile,
} from "@forgebench/io";
import { COMMENT_MARKER, formatPullRequestComment, formatUnmeasuredComment, runIdOfComment } from "@forgebench/report";

const DEFAULT_TOKEN_ENV = "GITHUB_TOKEN";
const LIMITS = { maxEntries: 100, maxDepth: 4, maxFileBytes: 32 << 20, maxTotalBytes: 1 << 30 };

const flags = {
  artifact: requiredPath({ placeholder: "DIR", description: "the artifact of the run, unpacked; it is not trusted" }),
  repo: repoFlag("the repository that the pull request is for"),
  "run-id": requiredInteger({
    min: 1,
    max: 999_999_999_999_999,
    unit: "the number of a run",
    description: "of the event: workflow_run.id",
  }),
  "head-sha": requiredText({
    placeholder: "SHA",
    pattern: /^[0-9a-f]{40}$/,
    expected: "a full hash of 40 hexadecimal digits",
    description: "of the event: workflow_run.head_sha",
  }),
  "head-repo": repoFlag("of the event: workflow_run.head_repository.full_name"),
  "head-branch": requiredText({ placeholder: "BRANCH", description: "of the event: workflow_run.head_branch" }),
  event: textFlag({ fallback: "pull_request", description: "of the event: workflow_run.event" }),
  author: optionalText({
    placeholder: "LOGIN",
    description: "with the token of an app: the login of its comments; default: asked, else that of GitHub Actions",
  }),
  "allow-missing": switchFlag({
    description: "if the run left no artifact or no comparison, the comment says that it was not measured",
  }),
  "token-env": tokenEnvFlag(`the variable with the token; default ${DEFAULT_TOKEN_ENV}`),
  "api-url": apiUrlFlag(),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:comment --",
  purpose: "Comments on a pull request with the results of a run of its code: one comment, replaced by each run.",
  flags,
  outputs: {
    COMMENT: "created, updated, unchanged, newer (that of a later run stays), or skipped",
    COMMENT_URL: "the comment, unless skipped",
  },
  notes: [
    "For a second workflow on workflow_run, with the code of the default branch. The pull request is found by the head's\nowner and branch, and must be open with exactly the run's commit at its tip; else a note is printed, and the exit code is 0.",
    'Values from the event come in as environment variables, and as --head-branch="$BRANCH": a branch may begin with a dash.',
    "Exit 65 if the artifact has links or devices, is too large, is not a comparison, or contradicts its own outcome.",
  ],
  examples: [
    'pnpm run bench:comment -- --artifact artifact --repo octo-org/tool --run-id "$RUN_ID" --head-sha "$HEAD_SHA" --head-repo "$HEAD_REPO" --head-branch="$HEAD_BRANCH"',
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => comment(values, io));
}

async function comment(values: Flags, io: ScriptIo): Promise<number> {
  const { apiUrl } = values;
  const credential = credentialIn(io.env, values.tokenEnv ?? DEFAULT_TOKEN_ENV, apiUrl);
  const measured = isAbsent(values) ? undefined : await readMeasured(values.artifact);
  if (measured === undefined && !values.allowMissing)
    return skip(io, "the artifact has no compare.json: the run ended before it");
  if (values.event !== "pull_request") return skip(io, `the run was not for a pull request but "${values.event}"`);
  const onWait = (message: string) => note(io, message);
  const github = gitHubClient({ apiUrl, credential, signal: io.signal, onWait });
  const head = { repository: values.headRepo, branch: values.headBranch, commit: values.headSha };
  const found = await findPullRequestOfRun(github, values.repo, head);
  if ("absentBecause" in found) return skip(io, found.absentBecause);
  const { pull } = found;
  const body = textFor(pull, measured, values);
  const login = values.author ?? (await ownLogin(github, values.repo));
  const { id, change } = await keepComment(github, values.repo, {
    number: pull.number,
    marker: COMMENT_MARKER,
    body,
    login,
    // The results of a run stay when its artifact has expired.
    isNewer: (other) => (runIdOfComment(other) ?? 0) > values.runId - (measured === undefined ? 1 : 0),
  });
  io.stderr.write(`${change}: the comment on #${pull.number}\n`);
  await printOutputs(io, { COMMENT: change, COMMENT_URL: `${pull.url}#issuecomment-${id}` });
  return EXIT.ok;
}

function isAbsent({ artifact, allowMissing }: Flags): boolean {
  return allowMissing && !existsSync(artifact);
}

type Measured = NonNullable<Awaited<ReturnType<typeof readMeasured>>>;

async function readMeasured(folder: string) {
  const files = await readUntrustedFolder(folder, ["compare.json", "summary.json", "base-summary.json"], LIMITS);
  const file = files.get("compare.json");
  const compared = parsed(comparison, file);
  if (file === undefined || compared === undefined) return undefined;
  assertOutcomeFollows(compared, file.path);
  const [head, base] = [files.get("summary.json"), files.get("base-summary.json")].map((file) => parsed(summary, file));
  return { comparison: compared, summaries: { ...(head && { head }), ...(base && { base }) } };
}

function parsed<T>(kind: ArtifactKind<T>, file: UntrustedFile | undefined): T | undefined {
  return file === undefined ? undefined : parseArtifact(kind, file.text, file.path);
}

function textFor(pull: PullRequest, measured: Measured | undefined, { runId, headSha }: Flags): string {
  const runUrl = `${pull.url.replace(/\/pull\/\d+$/, "")}/actions/runs/${runId}`;
  const facts = { runId, runUrl, headCommit: headSha };
  if (measured === undefined) return formatUnmeasuredComment(facts);
  return formatPullRequestComment(measured.comparison, measured.summaries, facts);
}

async function skip(io: ScriptIo, why: string): Promise<number> {
  note(io, `${why}; no comment is made`);
  await printOutputs(io, { COMMENT: "skipped" });
  return EXIT.ok;
}

function note(io: ScriptIo, message: string): void {
  io.stderr.write(`note: ${printableLine(message, 400)}\n`);
}

await launch(import.meta.url, main);
