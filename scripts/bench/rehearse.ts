/**
 * Purpose: runs the steps of the real workflows on this machine, against a GitHub and a git server of this machine.
 * Reads: .github/workflows, the project's files, with changes that are not committed.
 * Writes: logs and artifacts in a temporary folder, kept when something is wrong or with --keep.
 * Network: loopback; the npm registry if packages are missing.
 * Secrets: none; the tokens are made up.
 * Rerun: safe; each rehearsal begins with an empty GitHub.
 * Example: npm run rehearse -- --help
 */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { UsageError } from "@forgebench/errors";
import {
  EXIT,
  type FlagValues,
  launch,
  optionalText,
  PROJECT_ROOT,
  printOutputs,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  switchFlag,
} from "@forgebench/io";
import { EVENTS, LOCAL_ACTIONS, type Performance, SCENARIOS, type Scenario } from "@forgebench/rehearsal";

const flags = {
  event: optionalText({
    placeholder: EVENTS.join("|"),
    pattern: new RegExp(`^(${EVENTS.join("|")})$`),
    expected: EVENTS.join(", "),
    description: "the event that starts the run; its first scenario is played; default: schedule",
  }),
  scenario: optionalText({ placeholder: "NAME", description: "instead of --event: one of the scenarios below" }),
  keep: switchFlag({ description: "keep logs, artifacts and repositories" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run rehearse --",
  purpose: "Runs the steps of the real workflows on this machine, and checks the result of every job.",
  flags,
  outputs: {
    REHEARSAL: "passed, or failed: a job or its results are wrong (exit 2)",
    REHEARSAL_DIR: "logs and artifacts, where they are kept",
  },
  notes: [
    `Scenarios:\n${Object.entries(SCENARIOS)
      .map(([name, { acts, description }]) => `  ${name.padEnd(15)}  ${acts[0].event}: ${description}`)
      .join("\n")}`,
    `Actions are replaced:\n${Object.entries(LOCAL_ACTIONS)
      .map(([name, { description }]) => `  ${name.padEnd(25)}  ${description}`)
      .join("\n")}`,
    "Jobs run one after the other. Timeouts of jobs, concurrency groups and approvals are not rehearsed.",
  ],
  examples: ["npm run rehearse -- --event schedule", "npm run rehearse -- --scenario regression --keep"],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => rehearse(values, io));
}

async function rehearse(values: Flags, io: ScriptIo): Promise<number> {
  const scenario = scenarioOf(values);
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), "rehearsal-")));
  let isKept = true;
  try {
    const onProgress = (line: string) => void io.stderr.write(`${line}\n`);
    const env = runnerEnvironment(io.env);
    const { perform } = await import("@forgebench/rehearsal/perform");
    const performance = await perform(scenario, {
      projectRoot: PROJECT_ROOT,
      folder,
      env,
      signal: io.signal,
      onProgress,
    });
    isKept = values.keep || performance.problems.length > 0;
    for (const line of describe(performance)) io.stderr.write(`${line}\n`);
    const isPassed = performance.problems.length === 0;
    await printOutputs(io, {
      REHEARSAL: isPassed ? "passed" : "failed",
      ...(isKept ? { REHEARSAL_DIR: folder } : {}),
    });
    return isPassed ? EXIT.ok : EXIT.gate;
  } catch (error) {
    isKept = values.keep || !io.signal.aborted;
    if (isKept) io.stderr.write(`logs and artifacts are kept in ${folder}\n`);
    throw error;
  } finally {
    if (!isKept) await rm(folder, { recursive: true, force: true });
  }
}

function scenarioOf({ event, scenario: name }: Flags): Scenario {
  if (event !== undefined && name !== undefined) throw new UsageError("--event and --scenario exclude one another");
  const found = Object.entries(SCENARIOS).find(([key, { acts }]) =>
    name === undefined ? acts[0].event === (event ?? "schedule") : key === name,
  );
  if (found !== undefined) return found[1];
  throw new UsageError(`--scenario: there is no "${name}"`, [
    { label: "expected", text: Object.keys(SCENARIOS).join(", ") },
  ]);
}

/** The environment of a fresh runner: where programs and packages are, and nothing else of this person's. */
function runnerEnvironment(env: ScriptIo["env"]): Record<string, string> {
  const isPassedOn = (name: string) => /^(PATH|HOME|LANG|TMPDIR|npm_config_\w+|NODE_EXTRA_CA_CERTS)$/i.test(name);
  const entries = Object.entries(env).filter(([name, value]) => isPassedOn(name) && value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? ""]));
}

function describe({ runs, problems, traces }: Performance): string[] {
  const jobs = runs.flatMap(({ workflow, jobs, durationMs }) => [
    `${workflow}, ${(durationMs / 1000).toFixed(0)} s`,
    ...jobs.map(
      ({ name, result, durationMs }) =>
        `  ${result.padEnd(8)}  ${(durationMs / 1000).toFixed(1).padStart(6)} s  ${name}`,
    ),
  ]);
  const left = Object.entries(traces).map(([name, number]) => `${name} ${number}`);
  return [...jobs, `left behind: ${left.join(", ")}`, ...problems.map((problem) => `wrong: ${problem}`)];
}

await launch(import.meta.url, main);
