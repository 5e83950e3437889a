import { once } from "node:events";
import { InterruptedError, InvariantError } from "@forgebench/errors";
import { EXIT, type ScriptIo } from "@forgebench/io";
import { measureStep } from "./measure-step.ts";
import { type MeasuringReply, toErrorMessage } from "./run-messages.ts";
import type { RunRequest } from "./run-request.ts";

/**
 * The whole of the measuring process: takes a request from the process that started it, measures, and sends the result.
 * It ends with its parent, even if that was killed: nobody would read its measurement.
 */
export async function main(_argv: readonly string[], io: ScriptIo): Promise<number> {
  if (process.send === undefined) throw new InvariantError("only runStep may start the measuring process");
  const parentGone = new AbortController();
  process.once("disconnect", () => parentGone.abort(new InterruptedError("SIGTERM")));
  const [request] = (await once(process, "message")) as [RunRequest];
  const reply = await measure(request, { ...io, signal: AbortSignal.any([io.signal, parentGone.signal]) });
  if (process.connected) {
    await new Promise((resolve) => process.send?.(reply, resolve));
    process.disconnect();
  }
  return EXIT.ok;
}

async function measure(request: RunRequest, io: ScriptIo): Promise<MeasuringReply> {
  try {
    const { invalid, ...result } = await measureStep(request, io);
    return { result, invalid: invalid === undefined ? undefined : toErrorMessage(invalid) };
  } catch (error) {
    return { error: toErrorMessage(error) };
  }
}
