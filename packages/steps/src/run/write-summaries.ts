import { type Summary, summary } from "@forgebench/artifacts";
import { inputReference, referencePath, sha256OfFile, writeArtifact } from "@forgebench/io";
import { type Arm, type Measured, summarize } from "@forgebench/runner";
import type { StepIo } from "../step-io.ts";
import type { Job } from "./run-job.ts";

/** The summary of each arm; no base where there is one arm. */
export interface Summaries {
  readonly head: Summary;
  readonly base: Summary | undefined;
}

/** Sums up each arm that was measured and writes the summaries. */
export async function writeSummaries(job: Job, measured: Measured, io: StepIo): Promise<Summaries> {
  const { rawRuns } = job.files;
  const log = { path: rawRuns, sha256: await sha256OfFile(rawRuns) };
  const write = async (arm: Arm) => {
    const file = job.files.summary[arm];
    const made = summaryOf(arm, job, measured, { file, log, io });
    await writeArtifact(summary, file, made);
    return made;
  };
  const head = await write("head");
  return { head, base: measured.context.subjects.base === undefined ? undefined : await write("base") };
}

interface Place {
  /** Where the summary goes. */
  readonly file: string;
  readonly log: { readonly path: string; readonly sha256: string };
  readonly io: StepIo;
}

function summaryOf(arm: Arm, job: Job, measured: Measured, { file, log, io }: Place): Summary {
  const { task, bench } = job;
  const inputs = task.tier === undefined ? [log] : [log, task.tier];
  return summarize({
    ...measured,
    ...task,
    arm,
    imageCounts: bench.imageCounts,
    generatedAt: io.now().toISOString(),
    cliPath: cliOf(arm, job, file, io),
    tierManifestPath: task.tier && referencePath(task.tier.path, file, io.cwd),
    inputs: inputs.map((input) => inputReference(input, file, io.cwd)),
  });
}

/** The CLI of an arm, seen from a file; of a command without one its program, as the suite names it. */
function cliOf(arm: Arm, { task, bench, request }: Job, file: string, io: StepIo): string {
  const cliPath = arm === "base" ? (request.baseCliPath ?? request.cliPath) : request.cliPath;
  return cliPath === undefined
    ? bench.stage.shown(task.suite.subject.argv[0] ?? "")
    : referencePath(cliPath, file, io.cwd);
}
