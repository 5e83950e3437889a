import type { Suite } from "@forgebench/artifacts";
import type { RunResult } from "./executor.ts";

/** The figures that a subject reports of itself; null: not there. */
export interface SubjectReport {
  readonly total: number | null;
  readonly processed: number | null;
  readonly cached: number | null;
  readonly failed: number | null;
  readonly durationMs: number | null;
  readonly originalBytes: number | null;
  readonly processedBytes: number | null;
  readonly errorsLength: number | null;
  /** The first of the errors, cut to what a person reads. */
  readonly firstError: string | null;
  /** The reason why there are no figures. */
  readonly parseError: string | null;
}

const NOTHING: Omit<SubjectReport, "parseError"> = {
  total: null,
  processed: null,
  cached: null,
  failed: null,
  durationMs: null,
  originalBytes: null,
  processedBytes: null,
  errorsLength: null,
  firstError: null,
};

/** Reads the JSON report that a subject printed, by the paths of the suite; without paths it is asked for none. */
export function readSubjectReport(
  result: Pick<RunResult, "stdout" | "stdoutBytes" | "stdoutOverflowed">,
  paths: Suite["subject"]["report"],
): SubjectReport {
  if (paths === undefined) return { ...NOTHING, parseError: null };
  if (result.stdoutOverflowed) {
    return {
      ...NOTHING,
      parseError: `the subject printed ${(result.stdoutBytes / 1e6).toFixed(1)} MB, too much to keep`,
    };
  }
  if (result.stdout.trim() === "") return { ...NOTHING, parseError: "the subject printed no report" };
  let document: unknown;
  try {
    document = JSON.parse(result.stdout);
  } catch (error) {
    return { ...NOTHING, parseError: `the subject's report is not JSON: ${(error as Error).message}` };
  }
  const count = (path: string) => asNumber(lookUp(document, path), Number.isSafeInteger);
  const figure = (path: string | undefined) =>
    path === undefined ? null : asNumber(lookUp(document, path), Number.isFinite);
  const errors = paths.errors === undefined ? [] : lookUp(document, paths.errors);
  return {
    total: count(paths.total),
    processed: count(paths.processed),
    cached: count(paths.cached),
    failed: count(paths.failed),
    durationMs: figure(paths.durationMs),
    originalBytes: figure(paths.originalBytes),
    processedBytes: figure(paths.processedBytes),
    errorsLength: Array.isArray(errors) ? errors.length : asNumber(errors, Number.isSafeInteger),
    firstError: Array.isArray(errors) && errors.length > 0 ? shownError(errors[0]) : null,
    parseError: null,
  };
}

function shownError(error: unknown): string {
  return (typeof error === "string" ? error : JSON.stringify(error)).slice(0, 200);
}

function asNumber(value: unknown, isRight: (value: number) => boolean): number | null {
  return typeof value === "number" && isRight(value) ? value : null;
}

/** The value at a dotted path; undefined if there is none. */
export function lookUp(document: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    return (value as Readonly<Record<string, unknown>>)[key];
  }, document);
}
