/**
 * Purpose: says which commit the head is compared with: for a night the last one that was green or accepted.
 * Reads: a git repository; the history, in a folder or on a branch of a git repository.
 * Writes: nothing.
 * Network: the git repository that --history names, if it is not a local one.
 * Secrets: the variable that --token-env names, a token that may read that repository; renewed where it was made.
 * Rerun: safe; the same history and repository give the same answer.
 * Example: see docs/artifacts/night-record.md
 */
import { nightEvents } from "@forgebench/artifacts";
import { UsageError } from "@forgebench/errors";
import { type History, parseStorePlace, Repository, readStore, resolveBase } from "@forgebench/history";
import {
  choiceFlag,
  EXIT,
  type FlagValues,
  launch,
  optionalPath,
  optionalText,
  printOutputs,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  textFlag,
  tokenEnvFlag,
  tokenOf,
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
  "pull-request-base": optionalText({ ...commit, description: "of a pull_request: the tip of its base branch" }),
  cadence: choiceFlag({
    choices: ["night", "release"],
    fallback: "night",
    description: "release: compare with the last tag vX.Y.Z on the history of head",
  }),
  "token-env": tokenEnvFlag("the variable with the token for a repository behind https"),
};

const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:base --",
  purpose: "Says which commit the head is compared with: for a night the last one that was green or accepted.",
  flags,
  outputs: { BASE_SHA: "the commit to compare with", BASE_REASON: "why that one, on one line" },
  notes: [
    "Only scheduled nights that were green, or that a person accepted, move the base. When head is itself the last of\nthem, the one before is taken; without any the last release, else the first parent of head. Nights whose commit is not on\nthe history of head are passed over with a note. Exit 3: there is nothing to compare with.",
  ],
  examples: [
    "pnpm run bench:base -- --event schedule --history .tmp/bench/history",
    "pnpm run bench:base -- --event pull_request --pull-request-base 7d1a8c2be0f94b5d8d3cf0a1b2c3d4e5f6071829",
    "pnpm run bench:base -- --event schedule --cadence release",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => answer(values, io));
}

async function answer(values: Flags, io: ScriptIo): Promise<number> {
  refuseMisplaced("dispatch-base", values.dispatchBase, "workflow_dispatch", values.event);
  refuseMisplaced("pull-request-base", values.pullRequestBase, "pull_request", values.event);
  const repository = await Repository.open(values.repo ?? io.cwd, { env: io.env, signal: io.signal });
  const history = await readHistory(values, io);
  const { event, cadence, head, dispatchBase, pullRequestBase } = values;
  const question = { event, cadence, head, dispatchBase, pullRequestBase, entries: history?.entries };
  const { sha, reason, notes } = await resolveBase(question, repository);
  for (const note of notes) io.stderr.write(`note: ${escapeTerminal(note)}\n`);
  await printOutputs(io, { BASE_SHA: sha, BASE_REASON: reason });
  return EXIT.ok;
}

async function readHistory({ history, tokenEnv }: Flags, io: ScriptIo): Promise<History | undefined> {
  if (history === undefined) return undefined;
  const token = tokenOf(io.env, tokenEnv);
  const place = parseStorePlace(history, "history", io.cwd);
  const found = await readStore(place, { env: io.env, signal: io.signal, now: () => io.now(), token });
  if (found.tail === "cut") io.stderr.write("note: the last line of the history is cut and left out\n");
  return found;
}

function refuseMisplaced(flag: string, value: string | undefined, needed: string, event: string): void {
  if (value === undefined || event === needed) return;
  throw new UsageError(`--${flag} is for --event ${needed}, but the event is ${event}`);
}

await launch(import.meta.url, main);
