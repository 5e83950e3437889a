import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { InterruptedError, InvariantError, OperationError } from "@forgebench/errors";
import { PROJECT_ROOT } from "@forgebench/io";
import type { StepIo } from "../step-io.ts";
import { type MeasuringReply, toError } from "./run-messages.ts";
import type { RunRequest, RunResult } from "./run-request.ts";

const PROGRAM = path.join(PROJECT_ROOT, "scripts", "launcher", "measuring-process.mjs");

/** Variables that a measurement has no use for. */
const SECRET = /TOKEN|SECRET|PASSWORD|CREDENTIAL|_KEY$/i;

/**
 * Runs a command, or two in turn, from a process that does nothing but the measurement: a large one would start the
 * subject more slowly, and its other work would disturb the runs. Its progress goes to our stderr.
 * @throws what `measureStep` throws, with the same message and exit code; {InvariantError} when the process ends without
 *   an answer.
 */
export async function runStep(request: RunRequest, io: StepIo): Promise<RunResult> {
  io.signal.throwIfAborted();
  const reply = await ask(startProcess(io), request, io);
  io.signal.throwIfAborted();
  if ("error" in reply) throw toError(reply.error);
  const invalid = reply.invalid === undefined ? undefined : toError(reply.invalid);
  if (invalid !== undefined && !(invalid instanceof OperationError)) throw invalid;
  return { ...reply.result, baseSummary: reply.result.baseSummary, invalid };
}

function startProcess({ cwd, env, stderr }: StepIo): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM], {
    cwd,
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !SECRET.test(name))),
    // A terminal is passed on, so that the bar moves there.
    stdio: ["ignore", "ignore", stderr.isTerminal ? "inherit" : "pipe", "ipc"],
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => stderr.write(text));
  return child;
}

/** Sends the request and waits for the answer; a signal is passed on, and the process then keeps what it has. */
async function ask(child: ChildProcess, request: RunRequest, { signal }: StepIo): Promise<MeasuringReply> {
  const interrupt = () => {
    const { reason } = signal;
    child.kill(reason instanceof InterruptedError ? reason.signal : "SIGTERM");
  };
  signal.addEventListener("abort", interrupt, { once: true });
  try {
    return await new Promise<MeasuringReply>((resolve, reject) => {
      let reply: MeasuringReply | undefined;
      child.once("message", (message) => {
        reply = message as MeasuringReply;
      });
      child.once("error", reject);
      child.once("close", (exitCode, endSignal) => {
        if (reply !== undefined) resolve(reply);
        else reject(noAnswer(exitCode, endSignal, request));
      });
      child.send(request, (error) => error !== null && reject(error));
    });
  } finally {
    signal.removeEventListener("abort", interrupt);
  }
}

/** From outside, for example by a system without memory, it is ended by a signal; any other end is a bug. */
function noAnswer(exitCode: number | null, endSignal: string | null, { workspace }: RunRequest): Error {
  if (endSignal === null) return new InvariantError(`the measuring process ended without an answer (exit ${exitCode})`);
  return new OperationError("unjudged", `Cannot go on: the measuring process was ended by ${endSignal}`, {
    details: [
      { label: "kept", text: `the finished runs, in "${workspace}"` },
      { label: "try", text: "the same command with --resume; after SIGKILL check whether memory was short" },
    ],
  });
}
