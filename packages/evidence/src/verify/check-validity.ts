import type { RawRun, Suite } from "@forgebench/artifacts";
import { holdsRule } from "@forgebench/runner";
import type { EvidenceDifference } from "./difference.ts";
import { type LoggedRun, placeOf } from "./logged-run.ts";

interface ValidityRules {
  readonly suite: Pick<Suite, "validity" | "subject">;
  /** Images by scenario, as far as they are known. */
  readonly imageCounts: ReadonlyMap<string, number>;
}

/**
 * Where a run is called valid although its own figures say no, or not valid without a reason. Facts that only the measurement
 * could see, for example a process that was left behind, are accepted.
 */
export function checkValidity(runs: readonly LoggedRun[], rules: ValidityRules): EvidenceDifference[] {
  return runs.flatMap((logged) => {
    const { valid, failures = [] } = logged.run;
    if (valid === undefined) return [difference(logged, "nothing", "true or false")];
    const objections = objectionsTo(logged.run, rules);
    if (valid && failures.length > 0) return [difference(logged, "true", `false: ${failures[0]}`)];
    if (valid && objections.length > 0) return [difference(logged, "true", `false: ${objections[0]}`)];
    if (!valid && failures.length === 0) return [difference(logged, "false", "true: it names no failure")];
    return [];
  });
}

/** Runs whose failure nothing in their own figures shows. */
export function countUnexplained(runs: readonly LoggedRun[], rules: ValidityRules): number {
  return runs.filter(({ run }) => run.valid === false && objectionsTo(run, rules).length === 0).length;
}

function difference(logged: LoggedRun, stored: string, recomputed: string): EvidenceDifference {
  return { ...placeOf(logged), field: "valid", stored, recomputed };
}

function objectionsTo(run: RawRun, rules: ValidityRules): string[] {
  const { exitCode, signal, timedOut } = run;
  return [
    ...(exitCode === 0 ? [] : [`exitCode is ${exitCode}`]),
    ...(signal === null || signal === undefined ? [] : [`ended by ${signal}`]),
    ...(timedOut === true ? ["ended by the time limit"] : []),
    // Who is asked for no report says nothing that could be wrong.
    ...(rules.suite.subject.report === undefined ? [] : objectionsToReport(run, rules)),
  ];
}

function objectionsToReport(run: RawRun, { suite, imageCounts }: ValidityRules): string[] {
  const { jsonParseError, failed, errorsLength, total } = run;
  const imageCount = imageCounts.get(run.scenario);
  return [
    ...(jsonParseError === null ? [] : ["there is no report"]),
    ...(failed === 0 ? [] : [`failed is ${failed}`]),
    ...(errorsLength === 0 ? [] : [`errorsLength is ${errorsLength}`]),
    ...(imageCount === undefined || total === imageCount ? [] : [`total is ${total} of ${imageCount}`]),
    ...(suite.validity[run.phase] ?? [])
      .filter((rule) => !holdsRule(rule, figuresOf(run)))
      .map((rule) => `not ${rule}`),
  ];
}

/** The report's figures by the names that rules have for them. */
function figuresOf({ total, processed, cached, failed, errorsLength, ...run }: RawRun) {
  const bytes = { originalBytes: run.totalOriginalSize, processedBytes: run.totalProcessedSize };
  return { total, processed, cached, failed, errorsLength, ...bytes };
}
