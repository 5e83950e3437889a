import { type Comparison, comparison, type Summary, summary, type Thresholds } from "@forgebench/artifacts";
import { OperationError } from "@forgebench/errors";
import {
  carriesEvidence,
  compareByEvidence,
  compareByThreshold,
  RunLogReader,
  type ThresholdComparisonRequest,
  whyNoEvidence,
  withAcceptance,
} from "@forgebench/evidence";
import {
  findMeasuredRuns,
  inputReference,
  type MeasuredRuns,
  type ReadArtifact,
  readArtifact,
  writeArtifact,
  writeFileAtomic,
} from "@forgebench/io";
import { comparisonHeadline, formatComparisonMarkdown } from "@forgebench/report";
import { type GateAnswer, type GateMode, gateAnswer } from "@forgebench/verdict";
import { type StepIo, tell } from "./step-io.ts";

/** The compared files, the policy, and the place of the comparison. All files by absolute path. */
export interface CompareRequest {
  readonly baseSummary: string;
  readonly headSummary: string;
  readonly outJson: string;
  readonly outMd: string;
  /** `auto`: by evidence if the runs allow it, else by thresholds. */
  readonly policy: "auto" | "evidence" | "threshold";
  readonly gateMode: GateMode;
  readonly thresholds: Thresholds;
  /** The person who accepts a regression, if there is one. */
  readonly acceptance?: Comparison["acceptance"];
}

/** A comparison as it was written, in one sentence, and the exit code of the gate. */
export interface Compared {
  readonly comparison: Comparison;
  readonly headline: string;
  readonly answer: GateAnswer;
}

/**
 * Compares head with base and writes the comparison and its Markdown report.
 * @throws {ArtifactError} for an input that is wrong, {OperationError} when evidence is asked for and the runs have none
 *   (exit 3), or an output cannot be written.
 */
export async function compareStep(request: CompareRequest, io: StepIo): Promise<Compared> {
  const base = await readArtifact(summary, request.baseSummary);
  const head = await readArtifact(summary, request.headSummary);
  const measured = await findEvidence(request.policy, base, head, io);
  const judged = await judge(thresholdRequest(request, base, head, io), measured, request, io);
  const made = withAcceptance(judged, request.acceptance);
  const sides = { base: base.value, head: head.value };
  await writeArtifact(comparison, request.outJson, made);
  await writeFileAtomic(request.outMd, formatComparisonMarkdown(made, sides));
  if (request.acceptance !== made.acceptance) tell(io, "note: nothing regressed, so there is nothing to accept");
  return {
    comparison: made,
    headline: comparisonHeadline(made, sides),
    answer: gateAnswer(made.outcome ?? "invalid", request.gateMode),
  };
}

function thresholdRequest(
  { thresholds, gateMode, outJson }: CompareRequest,
  base: ReadArtifact<Summary>,
  head: ReadArtifact<Summary>,
  { now, cwd }: StepIo,
): ThresholdComparisonRequest {
  return {
    base: { summary: base.value, sha256: base.sha256 },
    head: { summary: head.value, sha256: head.sha256 },
    thresholds,
    gateMode,
    generatedAt: now().toISOString(),
    inputs: [
      { role: "base", ...inputReference(base, outJson, cwd) },
      { role: "head", ...inputReference(head, outJson, cwd) },
    ],
  };
}

/** By evidence where the runs are given. */
async function judge(
  request: ThresholdComparisonRequest,
  measured: MeasuredRuns | undefined,
  { outJson }: CompareRequest,
  { cwd }: StepIo,
): Promise<Comparison> {
  if (measured === undefined) return compareByThreshold(request);
  const { context, read } = measured;
  const reader = new RunLogReader(context);
  const files = (await read((run) => reader.add(run))).map((file) => inputReference(file, outJson, cwd));
  return compareByEvidence({ ...request, context, log: reader.end(), inputs: [...request.inputs, ...files] });
}

/** The runs to be judged by evidence; undefined when fixed thresholds are to decide. */
async function findEvidence(
  policy: CompareRequest["policy"],
  base: ReadArtifact<Summary>,
  head: ReadArtifact<Summary>,
  io: StepIo,
): Promise<MeasuredRuns | undefined> {
  if (policy === "threshold") return undefined;
  // A night that was sampled for evidence never falls back to thresholds by itself.
  const wanted = policy === "evidence" || [base, head].some(({ value }) => value.sampling?.mode === "evidence");
  if (!wanted && [base, head].some(({ value }) => value.design !== "blocked")) return undefined;
  const found = await findMeasuredRuns(base, head);
  if (typeof found !== "string" && carriesEvidence(found.context)) return found;
  const obstacle = typeof found === "string" ? found : whyNoEvidence(found.context);
  if (wanted) {
    if (typeof found !== "string" && obstacle === undefined) return found;
    throw noEvidence(obstacle);
  }
  // The fixed protocol never has evidence, so a note would be useless. Lost runs of an evidence night need one.
  if (typeof found === "string") tell(io, `note: compared by fixed thresholds, since ${found}`);
  return undefined;
}

function noEvidence(obstacle: string | undefined): OperationError {
  return new OperationError("unjudged", `Cannot compare by evidence: ${obstacle}`, {
    details: [
      {
        label: "try",
        text: "bench:run with --base-cli-path and without --run-count, then compare its summaries in place",
      },
      { label: "or", text: "--policy threshold, which needs only the summaries" },
    ],
  });
}
