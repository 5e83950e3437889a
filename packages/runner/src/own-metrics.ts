import { createContext, runInContext } from "node:vm";
import type { OwnMetric, RunContext, Suite } from "@forgebench/artifacts";
import type { ArtifactIssue } from "@forgebench/errors";
import { declareMetric, findMetric, type Metric } from "@forgebench/series";
import type { RunResult } from "./executor.ts";
import { lookUp } from "./subject-report.ts";

/** A longer expression is hardly one that somebody can read. */
const MAX_REGEX_LENGTH = 500;
/** An expression comes from a file, and may be one that takes for ever: it is given so much text, and so long. */
const MAX_SEARCHED_CHARACTERS = 256 * 1024;
const MAX_SEARCH_MS = 1000;

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

/** What is wrong with the metrics that a suite declares. */
export function findOwnMetricProblems({ ownMetrics, metrics }: Suite): ArtifactIssue[] {
  return ownMetrics.flatMap(({ id, from }) => {
    const place = `metrics[${metrics.lastIndexOf(id)}]`;
    const known =
      findMetric(id) === undefined
        ? []
        : [`${JSON.stringify(id)} is what every measurement has; give yours another name`];
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
  if (source.length > MAX_REGEX_LENGTH) return `has ${source.length} characters, at most ${MAX_REGEX_LENGTH} are taken`;
  try {
    // With an empty alternative it matches anything, and says how many groups it has.
    const groupCount = (new RegExp(`${source}|`, "m").exec("")?.length ?? 1) - 1;
    return groupCount > 0 ? undefined : "has no group; put the number into one: took ([0-9.]+) ms";
  } catch (error) {
    return `is no regular expression: ${error instanceof Error ? error.message : error}`;
  }
}

type Output = Pick<RunResult, "stdout" | "stderr">;

/** The value of each metric that a suite declares, in what a run printed; null where it is not there. */
export function readOwnMetrics(declared: readonly OwnMetric[], output: Output): Record<string, number | null> {
  return Object.fromEntries(
    declared.map(({ id, from }) => {
      const value =
        "json" in from ? numberOfJson(output.stdout, from.json) : numberOfMatch(output[from.stream], from.regex);
      return [id, typeof value === "number" && Number.isFinite(value) ? value : null];
    }),
  );
}

/** From the last line that is a JSON object with that path, or from all that was printed when that is one. */
function numberOfJson(text: string, path: string): unknown {
  const lines = text.split("\n").reverse();
  for (const candidate of [...lines, text]) {
    if (!candidate.trimStart().startsWith("{")) continue;
    const found = lookUp(parsed(candidate), path);
    if (found !== undefined) return found;
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The first group of the last match, in the last part of the text; nothing where that takes too long. */
function numberOfMatch(text: string, source: string): number | undefined {
  const context = createContext({ text: text.slice(-MAX_SEARCHED_CHARACTERS), source });
  try {
    // Another context can be ended by a time limit, even in the midst of a match.
    const code = `Array.from(text.matchAll(new RegExp(source, "gm"))).at(-1)?.[1]`;
    const found: unknown = runInContext(code, context, { timeout: MAX_SEARCH_MS });
    return typeof found === "string" && found.trim() !== "" ? Number(found) : undefined;
  } catch {
    return undefined;
  }
}
