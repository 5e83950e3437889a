import type { Comparison, RawRun, RunContext, Summary } from "@forgebench/artifacts";
import { EVIDENCE_METHOD } from "@forgebench/verdict";
import { withAcceptance } from "../comparison/acceptance.ts";
import { compareByEvidence, whyNoEvidence } from "../comparison/compare-by-evidence.ts";
import { compareByThreshold } from "../comparison/compare-by-threshold.ts";
import { asComparison1 } from "../comparison/comparison-1.ts";
import { readRunLog } from "../comparison/run-log.ts";
import { differenceOf, documentDifferences, type EvidenceDifference } from "./difference.ts";
import { RAW_RUNS } from "./logged-run.ts";

const COMPARE = "compare.json";

/** The input of a comparison, with the hashes of the files. */
export interface ComparedFiles {
  readonly comparison: Comparison;
  /** The bytes of `compare.json`, as text. */
  readonly comparisonText: string;
  readonly head: Summary;
  readonly base: Summary;
  readonly context: RunContext;
  readonly runs: readonly RawRun[];
  readonly sha256: Readonly<
    Record<"raw-runs.jsonl" | "run-context.json" | "summary.json" | "base-summary.json", string>
  >;
}

/** The rules that a comparison was made by when they are not those of this version; undefined when they are. */
export function foreignMethod({ evidence }: Pick<Comparison, "evidence">): string | undefined {
  return evidence === undefined || evidence.method === EVIDENCE_METHOD ? undefined : evidence.method;
}

/** Where a comparison is not, to the byte, what its summaries and runs give. */
export function checkComparison(files: ComparedFiles): EvidenceDifference[] {
  const { comparison, comparisonText, context } = files;
  const inputs = checkInputs(files);
  const obstacle = comparison.policy === "evidence" ? whyNoEvidence(context) : undefined;
  if (obstacle !== undefined) {
    const none = { stored: '"evidence"', recomputed: `no evidence: ${obstacle}` };
    return [...inputs, { member: COMPARE, about: "", field: "policy", ...none }];
  }
  const again = compareAgain(files);
  if (`${JSON.stringify(again, null, 2)}\n` === comparisonText) return inputs;
  const found = documentDifferences(COMPARE, asWritten(comparisonText), again);
  if (found.length > 0) return [...inputs, ...found];
  const sameValues = { stored: "the same values, written differently", recomputed: "as bench:compare writes it" };
  return [...inputs, { member: COMPARE, about: "", field: "bytes", ...sameValues }];
}

function compareAgain(files: ComparedFiles): Comparison {
  const { comparison, comparisonText, head, base, context, runs, sha256 } = files;
  // Taken as they stand there: a schema puts the keys in its own order.
  const { thresholds, inputs = [], acceptance, sampling } = asWritten(comparisonText) as Comparison;
  const request = {
    head: { summary: head, sha256: sha256["summary.json"] },
    base: { summary: base, sha256: sha256["base-summary.json"] },
    thresholds,
    inputs,
    gateMode: comparison.gateMode,
    generatedAt: comparison.generatedAt,
  };
  const made =
    comparison.policy === "evidence"
      ? compareByEvidence({ ...request, log: readRunLog(runs, context), context })
      : compareByThreshold(request);
  const ofVersion = comparison.version.startsWith("1.") ? asComparison1(made, request) : made;
  return withAcceptance(sampling === undefined ? withoutSampling(ofVersion) : ofVersion, acceptance);
}

/** As comparisons were written before they said what limited the blocks. */
function withoutSampling({ sampling: _, ...made }: Comparison): Comparison {
  return made;
}

function asWritten(text: string): unknown {
  return JSON.parse(text.replace(/^\uFEFF/, ""));
}

/** The files that a comparison names are the ones beside it. */
function checkInputs({ comparison, sha256 }: ComparedFiles): EvidenceDifference[] {
  const inputs = comparison.inputs ?? [];
  const check = (name: string, found: string | undefined, expected: string) =>
    differenceOf({ member: COMPARE, about: "", field: `inputs, sha256 of ${name}` }, found, expected);
  const ofRole = (role: "head" | "base") => inputs.find((input) => input.role === role)?.sha256;
  const named = (name: "raw-runs.jsonl" | "run-context.json") =>
    check(name, inputs.find(({ path }) => path.split("/").at(-1) === name)?.sha256, sha256[name]);
  return [
    ...check("summary.json", ofRole("head"), sha256["summary.json"]),
    ...check("base-summary.json", ofRole("base"), sha256["base-summary.json"]),
    ...(comparison.policy === "evidence" ? [...named(RAW_RUNS), ...named("run-context.json")] : []),
  ];
}
