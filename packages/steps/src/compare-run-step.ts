import path from "node:path";
import { comparison } from "@forgebench/artifacts";
import { InvariantError } from "@forgebench/errors";
import { standardThresholds } from "@forgebench/verdict";
import { type Compared, type CompareRequest, compareStep } from "./compare-step.ts";
import type { RunResult } from "./run/run-request.ts";
import type { StepIo } from "./step-io.ts";

/** A comparison of the two arms of a run, with its files. */
export interface ComparedRun extends Compared {
  readonly headSummary: string;
  readonly baseSummary: string;
  /** The comparison as JSON. */
  readonly compare: string;
}

/**
 * Compares the two arms of a run, with the standard thresholds where the runs carry no evidence, and writes compare.json and
 * compare.md to a folder.
 * @throws what `compareStep` throws, {InvariantError} for a run of one arm.
 */
export async function compareRunStep(
  { headSummary, baseSummary }: Pick<RunResult, "headSummary" | "baseSummary">,
  { folder, policy, gateMode }: Pick<CompareRequest, "policy" | "gateMode"> & { readonly folder: string },
  io: StepIo,
): Promise<ComparedRun> {
  if (baseSummary === undefined) throw new InvariantError("one arm was measured: there is nothing to compare with");
  const compare = path.join(folder, comparison.fileName);
  const files = { headSummary, baseSummary, outJson: compare, outMd: path.join(folder, "compare.md") };
  const compared = await compareStep({ ...files, policy, gateMode, thresholds: standardThresholds }, io);
  return { ...compared, headSummary, baseSummary, compare };
}
