import { type ComparisonWarning, type Incomparable, originText, rawRun, type Summary } from "@forgebench/artifacts";
import type { Fact } from "@forgebench/series";
import { differingFacts, shownFact } from "@forgebench/verdict";
import type { MatchedPair } from "./pair-matching.ts";
import { describeFailures, hasFailed } from "./validation.ts";

/**
 * Which of the two summaries of a comparison; a file is taken for the side that it is given as, whatever it says
 * itself.
 */
export type Side = "base" | "head";

/** A summary that is compared, with the SHA-256 of its file. */
export interface ComparedSummary {
  readonly summary: Summary;
  readonly sha256: string;
}

/** The two sides of a comparison. */
export type Sides = Readonly<Record<Side, ComparedSummary>>;

/** The problems of the comparison as a whole; each of them makes all of its deltas invalid. */
export function findDifferences({ base, head }: Sides): Incomparable[] {
  return differingFacts(factsOf(base.summary), factsOf(head.summary)).map((difference) => {
    const { what, base: ofBase, head: ofHead } = difference;
    return {
      profileId: "",
      scenario: "",
      reason: REASONS[what] ?? "different-suite",
      message: `Cannot compare: base has another ${what} (${shownFact(ofBase)}) than head (${shownFact(ofHead)})`,
      remedy: ofBase.remedy ?? "",
    };
  });
}

const REASONS: Readonly<Record<string, Incomparable["reason"]>> = {
  dataset: "different-dataset",
  suite: "different-suite",
  "hardware class": "different-machine",
};

/** The facts of a summary that both sides must have in common. */
function factsOf(summary: Summary): Fact[] {
  const { dataset, suite, machine } = summary;
  const oneRun = "one bench:run with --base-cli-path does";
  const facts: readonly (Fact | undefined)[] = [
    dataset && {
      what: "dataset",
      id: dataset.sha256,
      name: describeDataset(summary),
      remedy: `measure both sides on the same tier manifest: ${oneRun}`,
    },
    suite && {
      what: "suite",
      id: suite.sha256,
      name: suite.name,
      remedy: "measure both sides with the same suite file",
    },
    machine && {
      what: "hardware class",
      id: machine.id,
      remedy: `measure both sides on one machine: ${oneRun}`,
    },
  ];
  return facts.filter((fact) => fact !== undefined);
}

function describeDataset({ dataset }: Summary): string {
  return dataset === undefined ? "" : `${dataset.tierId} ${dataset.datasetVersion}, ${originText(dataset)}`;
}

/** Validation that failed although every pair of that side passed: something outside the pairs went wrong. */
export function findUnexplainedFailures(sides: Sides, pairs: readonly MatchedPair[]): Incomparable[] {
  return (["base", "head"] as const).flatMap((side) => {
    const { summary } = sides[side];
    const explained = pairs.some((pair) => pair[side]?.validation.passed === false);
    if (!hasFailed(summary) || explained) return [];
    return [
      {
        profileId: "",
        scenario: "",
        reason: "validation-failed" as const,
        message: `Cannot compare: the validation of ${side} failed${describeFailures(summary.validation.failures)}`,
        remedy: `look at the failed lines of raw-runs.jsonl of ${side}, mend the cause and run bench:run again`,
      },
    ];
  });
}

/** The facts about the two sides that a reader must know before using the answer. */
export function findWarnings(sides: Sides): ComparisonWarning[] {
  const { base, head } = sides;
  const [a, b] = [base.summary, head.summary];
  const warnings: (ComparisonWarning | undefined)[] = [
    base.sha256 === head.sha256
      ? {
          code: "same-file",
          message: "the same file was given for both sides, so nothing can differ",
          remedy: "give the summary of the other side",
        }
      : undefined,
    warnOfArms(a, b),
    a.subject !== undefined && a.subject.id === b.subject?.id && base.sha256 !== head.sha256
      ? {
          code: "same-subject",
          message: "both sides ran the same build, so that an alert can only be noise",
          remedy: "take this as a check of the measurement, or compare two different builds",
        }
      : undefined,
    warnOfUnknown("unknown-dataset", "dataset", a.dataset, b.dataset),
    warnOfUnknown("unknown-suite", "suite", a.suite, b.suite),
    warnOfUnknown("unknown-machine", "machine", a.machine, b.machine),
    a.benchmark.runCount === b.benchmark.runCount
      ? undefined
      : {
          code: "different-run-count",
          message: `base has ${a.benchmark.runCount} runs of each pair, head has ${b.benchmark.runCount}: their percentiles are not alike`,
          remedy: "measure both sides with the same --run-count",
        },
    ...warnOfMeasuring(sides),
  ];
  return warnings.filter((warning) => warning !== undefined);
}

/** The known facts about the measurement of the sides that make a difference between them doubtful. */
function warnOfMeasuring({ base, head }: Sides): (ComparisonWarning | undefined)[] {
  const [a, b] = [base.summary, head.summary];
  const inPlace = (["base", "head"] as const).filter((side) => ({ base: a, head: b })[side].slots?.mode === "in-place");
  return [
    base.sha256 !== head.sha256 && !wereInTurn(a, b)
      ? {
          code: "not-measured-in-turn",
          message:
            "the sides were not measured in turn: what changed on the machine in between looks like a difference",
          remedy: "measure both sides by one bench:run with --base-cli-path",
        }
      : undefined,
    inPlace.length === 0
      ? undefined
      : {
          code: "builds-in-place",
          message: `the build of ${inPlace.join(" and ")} was run where it is, not from one of two equal copies: its folder alone can make a difference`,
          remedy: "see slots.reason in run-context.json for why it was not copied, mend that and run bench:run again",
        },
    a.meter === undefined || b.meter === undefined || a.meter === b.meter
      ? undefined
      : {
          code: "different-meter",
          message: `base was measured with the meter ${JSON.stringify(a.meter)}, head with ${JSON.stringify(b.meter)}: their times do not include the same`,
          remedy: "measure both sides by one bench:run with --base-cli-path",
        },
  ];
}

/** Whether the sides are arms of one blocked measurement, as far as they tell. */
function wereInTurn(base: Summary, head: Summary): boolean {
  const [a, b] = [rawRunsOf(base), rawRunsOf(head)];
  const isOneRun = a === undefined || b === undefined || a === b;
  return isOneRun && [base, head].every(({ design = "blocked" }) => design === "blocked");
}

/** The SHA-256 of the runs that a summary was made from. */
function rawRunsOf({ inputs = [] }: Summary): string | undefined {
  return inputs.find(({ path }) => path.split("/").at(-1) === rawRun.fileName)?.sha256;
}

function warnOfArms(base: Summary, head: Summary): ComparisonWarning | undefined {
  const wrong = [
    base.arm === "head" ? "the summary given as base was measured as head" : "",
    head.arm === "base" ? "the summary given as head was measured as base" : "",
  ].filter((text) => text !== "");
  if (wrong.length === 0) return undefined;
  return {
    code: "arms-swapped",
    message: wrong.join(", and "),
    remedy: "check whether --base-summary and --head-summary are swapped",
  };
}

function warnOfUnknown(
  code: ComparisonWarning["code"],
  what: string,
  base: object | undefined,
  head: object | undefined,
): ComparisonWarning | undefined {
  if (base !== undefined && head !== undefined) return undefined;
  const silent =
    base === undefined && head === undefined
      ? "neither side says"
      : `${base === undefined ? "base" : "head"} does not say`;
  return {
    code,
    message: `${silent} which ${what} it had: a difference would go unnoticed`,
    remedy: "make sure of it yourself, or measure both sides with bench:run, which records it",
  };
}
