import { quietIo, type StepIo, tell } from "../step-io.ts";

/** Steps whose notes a person should see while they work; the report has the results of the others, unless they fail. */
const TALKATIVE = new Set(["subject", "images", "tier", "measure"]);

/** Does a step of the chain under its label and says how long it took. */
export type ShownStep = <Result>(label: string, work: (io: StepIo) => Promise<Result>) => Promise<Result>;

/** Shows the steps of a chain on stderr: their important notes, the time of each, and the one that failed. */
export function showSteps(io: StepIo): ShownStep {
  return async (label, work) => {
    const startedMs = performance.now();
    const held: string[] = [];
    try {
      const result = await work(TALKATIVE.has(label) ? io : quietIo(io, (text) => void held.push(text)));
      tell(io, `${label.padEnd(10)} done in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
      return result;
    } catch (error) {
      io.stderr.write(held.join(""));
      if (!io.signal.aborted) tell(io, `stopped    the step "${label}" failed:`);
      throw error;
    }
  };
}
