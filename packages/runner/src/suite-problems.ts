import { findMisspelledFields, type Suite } from "@forgebench/artifacts";
import { ArtifactError, type ArtifactIssue, nearestName } from "@forgebench/errors";
import { findMetric, metrics, REPORTED_DURATION } from "@forgebench/series";
import { declaredMetricsOf, findOwnMetricProblems } from "./own-metrics.ts";
import { findPhaseProblems, phaseNames } from "./phases.ts";
import { findInputProblems, findUnplacedArguments } from "./suite-input-problems.ts";
import { findWordProblems } from "./suite-word-problems.ts";
import { findRuleProblems } from "./validity.ts";

/**
 * Makes sure of a suite, before the first run, that all it names is known and nothing is there twice: a metric that nobody
 * knows would be missed at the end of the measurement, and a cell that is there twice would never be finished.
 * @throws {ArtifactError} with each place, what is wrong there and the nearest name that is known (exit 65).
 */
export function assertSuiteRunnable(suite: Suite, suitePath: string): void {
  const issues = [
    ...findMisspelledFields(suite),
    ...findRuleProblems(suite),
    ...findUnknownMetrics(suite),
    ...findOwnMetricProblems(suite),
    ...findPhaseProblems(suite),
    ...findUnknownPhases(suite),
    ...findWordProblems(suite),
    ...findDoubles(suite),
    ...findStrangeHeadline(suite),
    ...findInputProblems(suite),
    ...findUnplacedArguments(suite),
  ];
  if (issues.length > 0) throw new ArtifactError({ path: suitePath, kind: "suite", issues });
}

function findUnknownPhases(suite: Suite): ArtifactIssue[] {
  const known = phaseNames(suite);
  return [
    ...suite.scenarios.flatMap(({ phases }, index) =>
      unknownNames(`scenarios[${index}].phases`, phases, known, "phase of this suite"),
    ),
    ...Object.keys(suite.validity).flatMap((name) =>
      unknownName(`validity.${name}`, name, known, "phase of this suite"),
    ),
  ];
}

function findUnknownMetrics({ metrics: measured, gateChanged, subject, ownMetrics }: Suite): ArtifactIssue[] {
  const known = [...metrics, ...declaredMetricsOf({ ownMetrics })];
  const judged = known.filter(({ noise }) => noise !== "derived").map(({ id }) => id);
  const problemOf = (id: string) => {
    if (findMetric(id)?.noise === "derived") {
      return "is never judged, because it follows from the time of a run: use wall, or declare a metric of your own";
    }
    if (id !== REPORTED_DURATION || subject.report?.durationMs !== undefined) return undefined;
    return "is the time that the subject itself reports: add subject.report with durationMs, or leave it out";
  };
  return [
    ...measured.flatMap((id, index) => {
      const [path, problem] = [`metrics[${index}]`, problemOf(id)];
      if (problem === undefined) return unknownName(path, id, judged, "metric");
      return [{ path, message: `${JSON.stringify(id)} ${problem}` }];
    }),
    ...gateChanged.flatMap((id, index) => {
      const [path, metric] = [`gateChanged[${index}]`, known.find((own) => own.id === id)];
      if (!measured.includes(id) || metric?.noise !== "noisy") {
        return unknownName(path, id, measured, "metric of this suite");
      }
      const message = `${JSON.stringify(id)} is noisy: a proved regression of it is an alert anyway. This list is only for exact metrics, such as output_bytes; leave it out`;
      return [{ path, message }];
    }),
  ];
}

function findDoubles({ profiles, scenarios, metrics: measured }: Suite): ArtifactIssue[] {
  return [
    ...doubles(
      "profiles",
      profiles.map(({ id }) => id),
    ),
    ...doubles(
      "scenarios",
      scenarios.map(({ name }) => name),
    ),
    ...scenarios.flatMap(({ phases }, index) => doubles(`scenarios[${index}].phases`, phases)),
    ...doubles("metrics", measured),
  ];
}

function doubles(path: string, names: readonly string[]): ArtifactIssue[] {
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (first === index) return [];
    return [{ path: `${path}[${index}]`, message: `${JSON.stringify(name)} is listed already, as ${path}[${first}]` }];
  });
}

function findStrangeHeadline({ headline, profiles, scenarios }: Suite): ArtifactIssue[] {
  if (headline === undefined) return [];
  return [
    ...unknownName(
      "headline.profileId",
      headline.profileId,
      profiles.map(({ id }) => id),
      "profile of this suite",
    ),
    ...unknownName(
      "headline.scenario",
      headline.scenario,
      scenarios.map(({ name }) => name),
      "scenario of this suite",
    ),
  ];
}

function unknownNames(path: string, names: readonly string[], known: readonly string[], noun: string): ArtifactIssue[] {
  return names.flatMap((name, index) => unknownName(`${path}[${index}]`, name, known, noun));
}

function unknownName(path: string, name: string, known: readonly string[], noun: string): ArtifactIssue[] {
  if (known.includes(name)) return [];
  const message = `${JSON.stringify(name)} is no ${noun}${meant(name, known)}; known: ${known.join(", ")}`;
  return [{ path, message }];
}

function meant(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? "" : `, "${nearest}" is meant?`;
}
