/**
 * Purpose: records a night in the history, or that a person accepts one, or keeps its snapshot there, or checks the history.
 * Reads: an evidence bundle or a snapshot; the history, in a folder or on a branch of a git repository.
 * Writes: one line to the history, nights/NNNNNN.jsonl, or one file, snapshots/ID.json: in the folder, or as a commit that is
 *   pushed to the branch.
 * Network: the git repository that --store names, if it is not a local one.
 * Secrets: the variable that --token-env names, a token that may push to that repository; renewed where it was made.
 * Rerun: safe; a run that is recorded already is left alone.
 * Example: npm run bench:history -- --failed "the build of head failed" --store .tmp/bench/history --run-id 1 --ref-name main --head-sha 0123456789012345678901234567890123456789
 */
import path from "node:path";
import { type NightRecord, nightCadences, nightEvents, siteSnapshot } from "@forgebench/artifacts";
import { counted, OperationError, UsageError } from "@forgebench/errors";
import { checkEvidence, type ReadEvidence, readEvidenceBundle } from "@forgebench/evidence";
import {
  acceptanceOf,
  appendToStore,
  type History,
  type HistoryDraft,
  KEPT_SNAPSHOTS,
  keepSnapshot,
  parseStorePlace,
  readStore,
  recordOfEvidence,
  recordOfFailure,
  type StoreAccess,
  type StorePlace,
  storeCredential,
} from "@forgebench/history";
import {
  choiceFlag,
  EXIT,
  type FlagValues,
  launch,
  optionalInteger,
  optionalPath,
  optionalText,
  printOutputs,
  readArtifact,
  requiredText,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  switchFlag,
  tokenEnvFlag,
} from "@forgebench/io";

const commit = { placeholder: "SHA", pattern: /^[0-9a-f]{40}$/, expected: "40 lower-case hexadecimal digits" };
const line = { pattern: /^\P{Cc}{1,500}$/u, expected: "one line of at most 500 characters" };

const flags = {
  store: requiredText({ placeholder: "STORE", description: "a folder, or REMOTE#BRANCH (branch: forgebench-data)" }),
  bundle: optionalPath({ placeholder: "FILE", description: "records the night of this evidence bundle" }),
  unverified: switchFlag({
    description:
      "with --bundle: record without recomputing, for bundles of another tool version; it never becomes a base",
  }),
  failed: optionalText({
    ...line,
    placeholder: "REASON",
    description: "records a night that ended without a comparison",
  }),
  accept: optionalText({
    placeholder: "RUN",
    pattern: /^[A-Za-z0-9][\w-]{0,63}$/,
    expected: "the id of a run, or a full commit",
    description: "records that a person accepts the nights of a run or commit",
  }),
  snapshot: optionalPath({
    placeholder: "FILE",
    description: "keeps this snapshot of a night until the website has it",
  }),
  verify: switchFlag({ description: "only checks every line of the history" }),
  event: choiceFlag({ choices: nightEvents, fallback: "local", description: "what started the run" }),
  cadence: choiceFlag({
    choices: nightCadences,
    fallback: "night",
    description: "BASE_CADENCE of bench:base; a night of the cadence release never becomes a base",
  }),
  "ref-name": optionalText({
    pattern: /^(?![/.-])(?!.*(\.\.|@\{|\/\/))[^\s~^:?*[\\]+$/,
    expected: "the name of a branch or tag",
    description: "the branch or tag of head; needed for a night",
  }),
  "head-sha": optionalText({ ...commit, description: "the commit of head; needed when the bundle does not say it" }),
  "base-sha": optionalText({ ...commit, description: "the commit of base" }),
  "base-reason": optionalText({ ...line, description: "why that base: BASE_REASON of resolve-base" }),
  "run-id": optionalText({
    placeholder: "ID",
    pattern: /^[A-Za-z0-9][\w-]{0,63}$/,
    expected: "1 to 64 letters, digits, - and _",
    description: "the run's id; needed with --failed",
  }),
  "run-attempt": optionalInteger({
    min: 1,
    max: 1_000_000,
    unit: "attempts",
    description: "which attempt; 1 with --failed",
  }),
  by: optionalText({ ...line, placeholder: "NAME", description: "who accepts" }),
  reason: optionalText({ ...line, description: "why it is accepted" }),
  "token-env": tokenEnvFlag("the variable with the token for a repository behind https"),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:history --",
  purpose:
    "Records a night in the history, or that a person accepts one, or keeps its snapshot there, or checks the history.",
  flags,
  notes: [
    "Before a bundle is recorded, everything in it is computed again from its runs, as by bench:verify; exit 65 with the first\ndifferences.",
    `Snapshots are beside the nights, in snapshots/RUN.ATTEMPT.json. The ${KEPT_SNAPSHOTS} newest by time of measurement are kept; older\nones are removed. If a run has two snapshots, the one that was exported later counts.`,
  ],
  outputs: {
    HISTORY_PARTS: "the parts of the history, by their paths in the store, with commas; not with --snapshot",
    HISTORY_SNAPSHOT: "with --snapshot: its path in the store",
    HISTORY: "appended, replaced (a snapshot by a later one), unchanged (it was there) or verified",
  },
  examples: [
    "pnpm run bench:history -- --store .tmp/bench/history --bundle evidence-1.1.tar.zst --event schedule --ref-name main",
    'pnpm run bench:history -- --store https://HOST/OWNER/NAME.git# --token-env TOKEN --accept 22036204221 --by Ann --reason "worth it"',
    "pnpm run bench:history -- --store .tmp/bench/history --snapshot .tmp/bench/site/site-benchmark-snapshot.json",
    "pnpm run bench:history -- --store .tmp/bench/history --verify",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => history(values, io));
}

async function history(values: Flags, io: ScriptIo): Promise<number> {
  const place = parseStorePlace(values.store, "store", io.cwd);
  const access: StoreAccess = {
    env: io.env,
    signal: io.signal,
    now: () => io.now(),
    credential: storeCredential(place, io.env, values.tokenEnv),
  };
  const mode = modeOf(values);
  if (mode === "verify") return verify(await readStore(place, access, { mustExist: true }), io);
  if (values.snapshot !== undefined) return keep(values.snapshot, place, access, io);
  const draft = mode === "accept" ? draftAcceptance(values, io) : await draftNight(values, io);
  const plan = await appendToStore(place, access, (found) => {
    sayTail(found, io);
    return draft(found);
  });
  await printOutputs(io, { HISTORY_PARTS: plan.partPaths.join(","), HISTORY: plan.status });
  return EXIT.ok;
}

const MODES = ["bundle", "failed", "accept", "snapshot", "verify"] as const;

function modeOf(values: Flags): (typeof MODES)[number] {
  const given = MODES.filter((mode) => values[mode] !== undefined && values[mode] !== false);
  const [mode, ...more] = given;
  if (values.unverified && values.bundle === undefined) throw new UsageError("--unverified: goes with --bundle");
  if (mode !== undefined && more.length === 0) return mode;
  throw new UsageError(
    mode === undefined ? "nothing to do" : `${given.map((name) => `--${name}`).join(" and ")} exclude one another`,
    [{ label: "expected", text: "one of --bundle FILE, --failed REASON, --accept RUN, --snapshot FILE, --verify" }],
  );
}

async function keep(file: string, place: StorePlace, access: StoreAccess, io: ScriptIo): Promise<number> {
  const { value } = await readArtifact(siteSnapshot, file);
  const { status, path: kept, removed } = await keepSnapshot(place, access, value);
  for (const old of removed) io.stderr.write(`note: ${old} is removed: only the ${KEPT_SNAPSHOTS} newest are kept\n`);
  const isTooOld = status === "too old";
  if (isTooOld) io.stderr.write(`note: ${kept} is not kept: ${KEPT_SNAPSHOTS} newer ones are\n`);
  await printOutputs(io, isTooOld ? { HISTORY: "unchanged" } : { HISTORY_SNAPSHOT: kept, HISTORY: status });
  return EXIT.ok;
}

async function verify(found: History, io: ScriptIo): Promise<number> {
  if (found.tail !== "none") {
    throw new OperationError(
      "data",
      `The history "${found.name}" ends in a ${found.tail === "cut" ? "cut line" : "line without its newline"}`,
      {
        details: [{ label: "try", text: "nothing else is wrong; the next night that is recorded repairs it" }],
      },
    );
  }
  const count = (type: string) => found.entries.filter((entry) => entry.type === type).length;
  io.stderr.write(
    `history    ${counted(count("night"), "night")} and ${counted(count("acceptance"), "acceptance")}, every line in its place\n`,
  );
  await printOutputs(io, { HISTORY_PARTS: found.partPaths.join(","), HISTORY: "verified" });
  return EXIT.ok;
}

function sayTail({ tail }: History, io: ScriptIo): void {
  if (tail === "none") return;
  const what =
    tail === "cut" ? "a cut last line, left by a killed writer, is removed" : "the last line gets its newline";
  io.stderr.write(`note: ${what}\n`);
}

function draftAcceptance({ accept, by, reason }: Flags, io: ScriptIo): (found: History) => HistoryDraft {
  const acceptance = {
    target: accept ?? "",
    by: needed(by, "by", "accept"),
    reason: needed(reason, "reason", "accept"),
    recordedAt: io.now().toISOString(),
  };
  return (found) => ({ type: "acceptance", value: acceptanceOf(found, acceptance) });
}

async function draftNight(values: Flags, io: ScriptIo): Promise<() => HistoryDraft> {
  if (values.bundle === undefined) return draftOf(failedNight(values, io));
  const evidence = await readEvidenceBundle(values.bundle);
  const value = comparedNight(evidence, values, io);
  if (values.unverified) io.stderr.write("note: recorded without computing it again; it never becomes a base\n");
  else checkEvidence(evidence.members, values.bundle);
  return draftOf(value);
}

function draftOf(value: NightRecord): () => HistoryDraft {
  return () => ({ type: "night", value });
}

function failedNight(values: Flags, io: ScriptIo): NightRecord {
  const run = { runId: needed(values.runId, "run-id", "failed"), runAttempt: values.runAttempt ?? 1 };
  const headSha = needed(values.headSha, "head-sha", "failed");
  return recordOfFailure(run, values.failed ?? "", { ...factsOf(values, io), headSha });
}

function comparedNight(evidence: ReadEvidence, values: Flags, io: ScriptIo): NightRecord {
  const { runId, runAttempt, headSha, baseSha } = evidence.bundle;
  refuseOther("run-id", values.runId, runId);
  refuseOther("run-attempt", values.runAttempt, runAttempt);
  refuseOther("head-sha", values.headSha, headSha);
  refuseOther("base-sha", values.baseSha, baseSha);
  const facts = {
    ...factsOf(values, io),
    headSha: needed(headSha ?? values.headSha, "head-sha", "bundle"),
    baseSha: baseSha ?? values.baseSha ?? null,
    ...(values.unverified ? { verified: false as const } : {}),
  };
  return recordOfEvidence(evidence, path.basename(values.bundle ?? ""), facts);
}

function factsOf(values: Flags, io: ScriptIo) {
  return {
    recordedAt: io.now().toISOString(),
    event: values.event,
    cadence: values.cadence,
    refName: needed(values.refName, "ref-name", values.bundle === undefined ? "failed" : "bundle"),
    baseSha: values.baseSha ?? null,
    baseReason: values.baseReason ?? null,
  };
}

function needed(value: string | undefined, flag: string, mode: string): string {
  if (value !== undefined) return value;
  throw new UsageError(`missing --${flag}, which --${mode} needs`, [{ label: "see", text: "--help" }]);
}

function refuseOther<T>(flag: string, given: T | undefined, inBundle: T | undefined): void {
  if (given === undefined || inBundle === undefined || given === inBundle) return;
  throw new UsageError(`--${flag}: "${given}" is not the "${inBundle}" of the bundle`, [
    { label: "try", text: "leave out the flag, or give the bundle of that run" },
  ]);
}

await launch(import.meta.url, main);
