import type { Suite } from "@forgebench/artifacts";
import type { ArtifactIssue } from "@forgebench/errors";
import type { Phase } from "./cells.ts";
import type { RunResult } from "./executor.ts";
import type { SubjectReport } from "./subject-report.ts";

/** The report fields that a rule may name. */
const FIELDS = ["total", "processed", "cached", "failed", "errorsLength", "originalBytes", "processedBytes"] as const;
const RULE = /^\s*([a-zA-Z]+)\s*(=|!=|<=|>=|<|>)\s*([a-zA-Z]+|\d+)\s*$/;

const HOLDS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** The rules of a suite that cannot be checked. */
export function findRuleProblems(suite: Suite): ArtifactIssue[] {
  return Object.entries(suite.validity).flatMap(([phase, rules]) =>
    rules.flatMap((rule, index) =>
      parseRule(rule) === undefined
        ? [
            {
              path: `validity.${phase}[${index}]`,
              message: `${JSON.stringify(rule)} is not a relation of ${FIELDS.join(", ")} and whole numbers, such as "cached = 0"`,
            },
          ]
        : [],
    ),
  );
}

function parseRule(rule: string) {
  const [, left = "", operator = "", right = ""] = RULE.exec(rule) ?? [];
  const isField = (name: string) => FIELDS.some((field) => field === name);
  const isKnown = isField(left) && (isField(right) || /^\d+$/.test(right));
  return isKnown ? { left, operator, right } : undefined;
}

/** The conditions that a run must satisfy. */
interface Expectation {
  readonly suite: Suite;
  readonly phase: Phase;
  /** The images of the input; undefined if it is no tier of images: then the subject's total may count anything. */
  readonly imageCount: number | undefined;
}

/** Why a run does not count, one sentence each; empty when it is valid. */
export function findFailures(result: RunResult, report: SubjectReport, expected: Expectation): string[] {
  const { suite, phase, imageCount } = expected;
  const ending = describeEnding(result);
  const left = result.leftBehindCount;
  // If a run ended badly and printed nothing, its ending is reason enough.
  const isSilentEnd = ending !== undefined && result.stdoutBytes === 0;
  const hasReport = suite.subject.report !== undefined && report.parseError === null;
  return [
    ...(ending === undefined ? [] : [ending]),
    ...(left === 0 ? [] : [`left ${left} ${left === 1 ? "process" : "processes"} behind`]),
    ...(report.parseError === null || isSilentEnd ? [] : [report.parseError]),
    ...(hasReport ? judgeReport(report, imageCount) : []),
    ...(hasReport ? (suite.validity[phase] ?? []).flatMap((rule) => judgeRule(rule, report)) : []),
  ];
}

/** How a process ended that did not end well; undefined for one that did. */
export function describeEnding({ timedOut, signal, exitCode, wallMs }: RunResult): string | undefined {
  if (timedOut) return `ended by the time limit after ${(wallMs / 1000).toFixed(1)} s`;
  if (signal !== null) return `ended by ${signal}`;
  return exitCode === 0 ? undefined : `exit ${exitCode}`;
}

function judgeReport(
  { total, failed, errorsLength, firstError }: SubjectReport,
  imageCount: number | undefined,
): string[] {
  return [
    ...(imageCount === undefined || total === imageCount
      ? []
      : [`total is ${shown(total)}, expected the ${imageCount} of the input`]),
    ...(failed === 0 ? [] : [`failed is ${shown(failed)}, expected 0`]),
    ...(errorsLength === 0
      ? []
      : [`errors: ${shown(errorsLength)}, expected none${firstError === null ? "" : `; the first: ${firstError}`}`]),
  ];
}

function judgeRule(rule: string, figures: ReportFigures): string[] {
  const { left = "", right = "" } = parseRule(rule) ?? {};
  if (holdsRule(rule, figures)) return [];
  const [a, b] = [figureOf(left, figures), figureOf(right, figures)];
  return [`${left} is ${shown(a)}, expected ${rule}${isNumber(right) ? "" : ` (${right} is ${shown(b)})`}`];
}

/** The values that rules use: the figures that a subject reports; null if it did not. */
type ReportFigures = Readonly<Record<(typeof FIELDS)[number], number | null>>;

/** Whether a rule of a suite holds for what was reported; one that cannot be parsed never holds. */
export function holdsRule(rule: string, figures: ReportFigures): boolean {
  const { left = "", operator = "", right = "" } = parseRule(rule) ?? {};
  const [a, b] = [figureOf(left, figures), figureOf(right, figures)];
  return a !== null && b !== null && HOLDS[operator]?.(a, b) === true;
}

function figureOf(name: string, figures: ReportFigures): number | null {
  return isNumber(name) ? Number(name) : (figures[name as (typeof FIELDS)[number]] ?? null);
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}

function shown(value: number | null): string {
  return value === null ? "missing" : String(value);
}
