/**
 * Purpose: says which commit the head is compared with: for a night the last one that was green or accepted.
 * Reads: a git repository; the history, in a folder or on a branch of a git repository.
 * Writes: nothing.
 * Network: the git repository that --history names, if it is not a local one.
 * Secrets: the variable that --token-env names, a token that may read that repository; renewed where it was made.
 * Rerun: safe; the same history and repository give the same answer.
 * Example: see docs/artifacts/night-record.md
 */
import { nightCadences, nightEvents } from "@forgebench/artifacts";
import { OperationError, UsageError } from "@forgebench/errors";
import {
  type BaseAnswer,
  type BaseQuestion,
  type HistoryEntry,
  parseStorePlace,
  Repository,
  readStore,
  resolveBase,
  storeCredential,
} from "@forgebench/history";
import {
  choiceFlag,
  EXIT,
  type FlagValues,
  launch,
  oneLineText,
  optionalPath,
  optionalText,
  printOutputs,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  textFlag,
  tokenEnvFlag,
} from "@forgebench/io";
import { escapeTerminal } from "@forgebench/report";

const commit = { placeholder: "SHA", pattern: /^[0-9a-f]{7,40}$/, expected: "7 to 40 lower-case hexadecimal digits" };

const flags = {
  event: choiceFlag({ choices: nightEvents, fallback: "local", description: "what started the run" }),
  history: optionalText({
    placeholder: "STORE",
    description: "a folder, or REMOTE#BRANCH (branch: forgebench-data); needed for a schedule",
  }),
  repo: optionalPath({ placeholder: "DIR", description: "the checkout, with all commits (the working folder)" }),
  head: textFlag({
    placeholder: "SHA",
    pattern: /^(HEAD|[0-9a-f]{7,40})$/,
    expected: "HEAD, or 7 to 40 lower-case hexadecimal digits",
    fallback: "HEAD",
    description: "the commit that is judged",
  }),
  "dispatch-base": optionalText({ ...commit, description: "of a workflow_dispatch: the base that was asked for" }),
  "acceptance-reason": optionalText({
    ...oneLineText,
    description: "of a workflow_dispatch: why a regression will be accepted; only checked, before anything is measured",
  }),
  "pull-request-base": optionalText({ ...commit, description: "of a pull_request: the tip of its base branch" }),
  before: optionalText({ ...commit, description: "of a push: the commit that its branch was at before, or zeros" }),
  cadence: choiceFlag({
    choices: nightCadences,
    fallback: "night",
    description:
      "release: compare with the last tag vX.Y.Z on the history of head, or the commit that was accepted since",
  }),
  "token-env": tokenEnvFlag("the variable with the token for a repository behind https"),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:base --",
  purpose: "Says which commit the head is compared with: for a night the last one that was green or accepted.",
  flags,
  outputs: {
    BASE_SHA: "the commit to compare with",
    BASE_REASON: "why that one, on one line",
    BASE_CADENCE: "for bench:history --cadence: release if head is compared with a release, else night",
  },
  notes: [
    "Only scheduled nights of the cadence night that were green, or that a person accepted, move the base. If head is\nitself the last of them, the one before it is the base. If there is none, the base is that of the oldest night, else the\nlast release, else the first parent of head. Nights whose commit is not on the history of head are skipped with a note.\nIf there is no release, --cadence release is like night.",
    "A push is compared with the commit of --before, so that all of its commits are judged together. If --before is\nzeros (a new branch) or not in the repository (a rewritten branch), it is ignored with a note. With --cadence release,\na release is used instead of it.",
    "The history is not read for a pull request, for a push with its --before, nor if a base is asked for.\nExit 3: there is nothing to compare with.",
  ],
  examples: [
    "pnpm run bench:base -- --event schedule --history .tmp/bench/history",
    "pnpm run bench:base -- --event pull_request --pull-request-base 7d1a8c2be0f94b5d8d3cf0a1b2c3d4e5f6071829",
    "pnpm run bench:base -- --event push --before 7d1a8c2be0f94b5d8d3cf0a1b2c3d4e5f6071829",
    "pnpm run bench:base -- --event schedule --cadence release --history .tmp/bench/history",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => answer(values, io));
}

async function answer(values: Flags, io: ScriptIo): Promise<number> {
  refuseMisplaced("dispatch-base", values.dispatchBase, "workflow_dispatch", values.event);
  refuseMisplaced("acceptance-reason", values.acceptanceReason, "workflow_dispatch", values.event);
  refuseMisplaced("pull-request-base", values.pullRequestBase, "pull_request", values.event);
  refuseMisplaced("before", values.before, "push", values.event);
  const repository = await Repository.open(values.repo ?? io.cwd, { env: io.env, signal: io.signal });
  const { event, head, dispatchBase, pullRequestBase } = values;
  const question = { event, cadence: values.cadence, head, dispatchBase, pullRequestBase };
  const asked = { ...question, readEntries: historyReader(values, io) };
  const { sha, cadence, reason, notes } = await choose(asked, values.before, repository);
  for (const note of notes) io.stderr.write(`note: ${escapeTerminal(note)}\n`);
  await printOutputs(io, { BASE_SHA: sha, BASE_REASON: reason, BASE_CADENCE: cadence });
  return EXIT.ok;
}

async function choose(question: BaseQuestion, before: string | undefined, repository: Repository): Promise<BaseAnswer> {
  if (before === undefined) return resolveBase(question, repository);
  if (question.cadence === "release") {
    const released = await resolveBase(question, repository);
    if (released.cadence === "release") return released;
  }
  const sha = /^0+$/.test(before) ? undefined : await repository.commitOf(before);
  if (sha === undefined) return withoutBefore(question, before, repository);
  const { notes, ...answer } = await resolveBase({ ...question, dispatchBase: sha }, repository);
  const isRewritten = !(await repository.isAncestor(sha, question.head));
  const rewritten = `the push took ${sha.slice(0, 12)} from its branch; head is compared with it anyway`;
  return { ...answer, reason: "the commit before the push", notes: isRewritten ? [...notes, rewritten] : notes };
}

/** A shallow clone may lack a commit only because it was not fetched. */
async function withoutBefore(question: BaseQuestion, before: string, repository: Repository): Promise<BaseAnswer> {
  const isNew = /^0+$/.test(before);
  if (!isNew && (await repository.isShallow())) {
    throw new OperationError("data", `--before: "${before}" is missing in the shallow clone "${repository.folder}"`, {
      details: [{ label: "try", text: "git fetch --unshallow --tags, or fetch-depth: 0 in the checkout step" }],
    });
  }
  const why = isNew ? "the branch is new" : `the commit before the push, "${before}", is missing`;
  const answer = await resolveBase(question, repository);
  return { ...answer, notes: [`${why}, so ${answer.reason}`, ...answer.notes] };
}

/** Flags are checked at once; the store, which may be damaged or slow, is read only if it is needed. */
function historyReader(
  { history, tokenEnv }: Flags,
  io: ScriptIo,
): (() => Promise<readonly HistoryEntry[]>) | undefined {
  if (history === undefined) return undefined;
  const place = parseStorePlace(history, "history", io.cwd);
  const credential = storeCredential(place, io.env, tokenEnv);
  return async () => {
    const { entries, tail } = await readStore(place, {
      env: io.env,
      signal: io.signal,
      now: () => io.now(),
      credential,
    });
    if (tail === "cut") io.stderr.write("note: the last line of the history is cut and left out\n");
    return entries;
  };
}

function refuseMisplaced(flag: string, value: string | undefined, needed: string, event: string): void {
  if (value === undefined || event === needed) return;
  throw new UsageError(`--${flag} is for --event ${needed}, but the event is ${event}`);
}

await launch(import.meta.url, main);
