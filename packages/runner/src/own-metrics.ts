import { createContext, runInContext } from "node:vm";
import type { OwnMetric, RunContext, Suite } from "@forgebench/artifacts";
import type { ArtifactIssue } from "@forgebench/errors";
import { declareMetric, findMetric, type Metric } from "@forgebench/series";
import type { RunResult } from "./executor.ts";
import { lookUp } from "./subject-report.ts";

/** People can hardly read a longer expression. */
const MAX_REGEX_LENGTH = 500;
/** An expression comes from a file, and may take forever: its text and its time are limited. */
const MAX_SEARCHED_CHARACTERS = 256 * 1024;
const MAX_SEARCH_MS = 1000;
const MAX_QUOTED_CHARACTERS = 60;

/** The metrics that a suite declares, as the verdict knows them. */
export function declaredMetricsOf({ ownMetrics }: Pick<Suite, "ownMetrics">): Metric[] {
  return metricsDeclaredIn({ declaredMetrics: declarationsOf({ ownMetrics }) });
}

/** The same as a context records them. */
export function declarationsOf({ ownMetrics }: Pick<Suite, "ownMetrics">): NonNullable<RunContext["declaredMetrics"]> {
  return ownMetrics.map(({ id, unit, better, kind, noise }) => ({ id, unit, better, kind, noise }));
}

/** The metrics of a measurement that its suite declared, read from its context. */
export function metricsDeclaredIn({ declaredMetrics = [] }: Pick<RunContext, "declaredMetrics">): Metric[] {
  return declaredMetrics.map(({ id, unit, better, kind, noise }) => declareMetric({ id, unit, better, kind, noise }));
}

/** The problems of the metrics that a suite declares. */
export function findOwnMetricProblems({ ownMetrics, metrics }: Suite): ArtifactIssue[] {
  return ownMetrics.flatMap(({ id, from }) => {
    const place = `metrics[${metrics.lastIndexOf(id)}]`;
    const known =
      findMetric(id) === undefined
        ? []
        : [`${JSON.stringify(id)} is a metric of every measurement; choose another name`];
    const regex = "regex" in from ? problemOfRegex(from.regex) : undefined;
    return [
      ...known.map((message) => ({ path: `${place}.id`, message })),
      ...(regex === undefined
        ? []
        : [{ path: `${place}.from.regex`, message: `${JSON.stringify("regex" in from ? from.regex : "")} ${regex}` }]),
    ];
  });
}

function problemOfRegex(source: string): string | undefined {
  if (source.length > MAX_REGEX_LENGTH) return `has ${source.length} characters, the limit is ${MAX_REGEX_LENGTH}`;
  try {
    // With an empty alternative it matches anything, and says how many groups it has.
    const groupCount = (new RegExp(`${source}|`, "m").exec("")?.length ?? 1) - 1;
    return groupCount > 0 ? undefined : "has no group; put the number into one: took ([0-9.]+) ms";
  } catch (error) {
    return `is no regular expression: ${error instanceof Error ? error.message : error}`;
  }
}

type Output = Pick<RunResult, "stdout" | "stdoutBytes" | "stdoutOverflowed" | "stderr">;

/** The values of the metrics that a suite declares, in what a run printed. */
interface OwnValues {
  /** Null where there is none. */
  readonly metrics: Record<string, number | null>;
  /** Why there is none, of each metric without one. */
  readonly problems: Record<string, string>;
}

/**
 * Reads the declared metrics from what one run printed. A value that is missing or wrong is null and has its reason in
 * `problems`; nothing is thrown, since the run itself may be valid.
 * @param maxSearchMs after how long the search with an expression of the suite is given up
 */
export function readOwnMetrics(
  declared: readonly OwnMetric[],
  output: Output,
  maxSearchMs: number = MAX_SEARCH_MS,
): OwnValues {
  const read = declared.map(({ id, from }) => [id, readValue(from, output, maxSearchMs)] as const);
  return {
    metrics: Object.fromEntries(read.map(([id, value]) => [id, typeof value === "number" ? value : null])),
    problems: Object.fromEntries(
      read.flatMap(([id, value]) => (typeof value === "string" ? [[id, value] as const] : [])),
    ),
  };
}

/** The value, or a sentence about why there is none. */
function readValue(from: OwnMetric["from"], output: Output, maxSearchMs: number): number | string {
  const isStdout = "json" in from || from.stream === "stdout";
  if (isStdout && output.stdoutOverflowed) {
    return `the stdout of ${(output.stdoutBytes / 1e6).toFixed(1)} MB is too large to keep`;
  }
  if ("json" in from) return valueOfJson(output.stdout, from.json);
  return valueOfMatch(output[from.stream], from.regex, maxSearchMs);
}

/** From the last line that is a JSON object with that path, or from all that was printed when that is one. */
function valueOfJson(text: string, path: string): number | string {
  const lines = text.split("\n").reverse();
  for (const candidate of [...lines, text]) {
    if (!candidate.trimStart().startsWith("{")) continue;
    const found = lookUp(parsed(candidate), path);
    if (found === undefined) continue;
    if (typeof found === "number" && Number.isFinite(found)) return found;
    return `${quoted(typeof found === "number" ? String(found) : JSON.stringify(found))} at ${path} is no number`;
  }
  return `no line of stdout is a JSON object with ${path}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The form of a number in a text; `0x10` and `1,234` are none. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The first group of the last match, in the last part of the text; nothing where that takes too long. */
function valueOfMatch(text: string, source: string, maxSearchMs: number): number | string {
  const context = createContext({ text: text.slice(-MAX_SEARCHED_CHARACTERS), source });
  try {
    // Another context can be ended by a time limit, even during a match.
    const code = `Array.from(text.matchAll(new RegExp(source, "gm"))).at(-1)?.[1]`;
    const found: unknown = runInContext(code, context, { timeout: maxSearchMs });
    if (typeof found !== "string") return "nothing matches the expression";
    const value = DECIMAL.test(found.trim()) ? Number(found) : Number.NaN;
    return Number.isFinite(value) ? value : `${quoted(found)} is no decimal number such as 1234.5`;
  } catch {
    return `the expression took longer than ${maxSearchMs / 1000} s`;
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED_CHARACTERS ? `${text.slice(0, MAX_QUOTED_CHARACTERS)}…` : text);
}
