import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { messageOf } from "@forgebench/errors";
import { type Contexts, evaluate, evaluateTexts, textOfJson } from "./evaluate.ts";
import { LOCAL_ACTIONS } from "./local-actions.ts";
import { parseRunnerFile } from "./runner-files.ts";
import type { Stage } from "./stage.ts";
import type { WorkflowStep } from "./workflow.ts";

/** Where the steps of one job work. */
export interface JobPlace {
  readonly workspace: string;
  /** Logs, scripts and the files that a runner gives to steps. */
  readonly files: string;
  readonly artifacts: string;
  readonly remote: string;
  readonly sha: string;
}

/** A step, with all that it runs with. */
export interface StepRun {
  readonly step: WorkflowStep;
  /** Its place in the job, from 0. */
  readonly index: number;
  readonly contexts: Contexts;
  readonly env: Readonly<Record<string, string>>;
  readonly place: JobPlace;
  readonly stage: Stage;
}

/** The result of a step, and its data for the later steps. */
export interface StepResult {
  readonly isSuccess: boolean;
  readonly outputs: Readonly<Record<string, string>>;
  /** Variables for the steps that follow. */
  readonly exported: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly logFile: string;
  /** What stood for an action. */
  readonly replacedBy?: string;
  readonly exitCode?: number | undefined;
}

/** Runs one step as a runner does: its script by bash, or the local equivalent of its action. Never throws for what a step does. */
export async function runStep(run: StepRun): Promise<StepResult> {
  const { step, index, place } = run;
  const base = path.join(place.files, `${String(index + 1).padStart(2, "0")}-${step.id.replace(/[^\w-]/g, "_")}`);
  return step.uses === undefined ? runScript(run, base) : runAction(run, step.uses, base);
}

async function runScript(run: StepRun, base: string): Promise<StepResult> {
  const { step, contexts, place } = run;
  const script = `${base}.sh`;
  const files = { GITHUB_OUTPUT: `${base}.output`, GITHUB_ENV: `${base}.env`, GITHUB_STEP_SUMMARY: `${base}.summary` };
  await writeFile(script, textOfJson(evaluate(step.run, contexts)));
  for (const file of Object.values(files)) await writeFile(file, "");
  const logFile = `${base}.log`;
  const env = { ...run.env, ...files, GITHUB_WORKSPACE: place.workspace };
  const exitCode = await runBash({ ...run, env }, script, logFile);
  const read = async (file: string) => readFile(file, "utf8");
  try {
    const outputs = parseRunnerFile(await read(files.GITHUB_OUTPUT));
    const exported = parseRunnerFile(await read(files.GITHUB_ENV));
    const summary = await read(files.GITHUB_STEP_SUMMARY);
    return { isSuccess: exitCode === 0, exitCode, outputs, exported, summary, logFile };
  } catch (error) {
    await writeFile(logFile, `\nerror: ${messageOf(error)}\n`, { flag: "a" });
    return { isSuccess: false, exitCode, outputs: {}, exported: {}, summary: "", logFile };
  }
}

/** As a runner's default shell: what a step does not handle ends it. */
async function runBash({ env, place, stage }: StepRun, script: string, logFile: string): Promise<number | undefined> {
  const log = await open(logFile, "a");
  try {
    const child = spawn("bash", ["-e", script], {
      cwd: place.workspace,
      env,
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
    });
    return await ended(child, stage);
  } finally {
    await log.close();
  }
}

/** The exit code, once it ends or is ended with all that it started; nothing when a signal ended it. */
async function ended(child: ChildProcess, { stepTimeoutMs, signal }: Stage): Promise<number | undefined> {
  const end = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  };
  const timer = setTimeout(end, stepTimeoutMs);
  signal?.addEventListener("abort", end);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve(code ?? undefined));
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
}

async function runAction({ step, contexts, place, stage }: StepRun, uses: string, base: string): Promise<StepResult> {
  const [name = ""] = uses.split("@");
  const local = LOCAL_ACTIONS[name];
  const lines: string[] = [];
  const nothing = { outputs: {}, exported: {}, summary: "", logFile: `${base}.log` };
  let isSuccess = local !== undefined;
  try {
    if (local === undefined) throw new Error(`"${name}" has no local equivalent`);
    const inputs = Object.fromEntries(
      Object.entries(evaluateTexts(step.with, contexts)).filter(([, value]) => value !== ""),
    );
    await mkdir(place.artifacts, { recursive: true });
    const { artifactsOfRuns, signal } = stage;
    await local.run({ ...place, inputs, artifactsOfRuns, signal, log: (line) => lines.push(line) });
  } catch (error) {
    isSuccess = false;
    lines.push(`error: ${messageOf(error)}`);
  }
  await writeFile(nothing.logFile, `${lines.join("\n")}\n`);
  return { ...nothing, isSuccess, replacedBy: local?.description ?? "nothing" };
}
