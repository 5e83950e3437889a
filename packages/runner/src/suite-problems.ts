import type { Suite } from "@forgebench/artifacts";
import { ArtifactError, type ArtifactIssue, nearestName } from "@forgebench/errors";
import { metrics, REPORTED_DURATION } from "@forgebench/series";
import { findOwnMetricProblems } from "./own-metrics.ts";
import { findPhaseProblems, phaseNames } from "./phases.ts";
import { PLACES } from "./subject-command.ts";
import { findInputProblems, findUnplacedArguments } from "./suite-input-problems.ts";
import { findRuleProblems } from "./validity.ts";

/**
 * Makes sure of a suite, before the first run, that all it names is known and nothing is there twice: a metric that nobody
 * knows would be missed at the end of the measurement, and a cell that is there twice would never be finished.
 * @throws {ArtifactError} with each place, what is wrong there and the nearest name that is known (exit 65).
 */
export function assertSuiteRunnable(suite: Suite, suitePath: string): void {
  const issues = [
    ...findRuleProblems(suite),
    ...findUnknownMetrics(suite),
    ...findOwnMetricProblems(suite),
    ...findPhaseProblems(suite),
    ...findUnknownPhases(suite),
    ...findUnknownPlaceholders(suite),
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
  // Without a report there is nothing that the subject could have said of its own time.
  const builtIn = metrics.map(({ id }) => id).filter((id) => id !== REPORTED_DURATION || subject.report !== undefined);
  const known = [...builtIn, ...ownMetrics.map(({ id }) => id)];
  return [
    ...unknownNames("metrics", measured, known, "metric"),
    ...unknownNames("gateChanged", gateChanged, measured, "metric of this suite"),
  ];
}

/** What else stands in braces is a mistake, unless they are doubled. */
function findUnknownPlaceholders({
  subject,
  profiles,
  arms,
  phases,
  cachePaths,
  plantCommand,
}: Suite): ArtifactIssue[] {
  return [
    ...strangeBraces("subject.argv", subject.argv, [...PLACES, "profile", "arm"]),
    ...strangeBraces("arms.head.arguments", arms?.head.arguments ?? [], PLACES),
    ...strangeBraces("arms.base.arguments", arms?.base.arguments ?? [], PLACES),
    ...profiles.flatMap((profile, index) => strangeBraces(`profiles[${index}].arguments`, profile.arguments, PLACES)),
    ...strangeBraces("cachePaths", cachePaths, ["outDir", "manifest"]),
    ...Object.entries(phases).flatMap(([name, { removes = [], prepare = [] }]) => [
      ...strangeBraces(`phases.${name}.removes`, removes, ["outDir", "manifest"]),
      ...strangeBraces(`phases.${name}.prepare`, prepare, PLACES),
    ]),
    ...strangeBraces("plantCommand", plantCommand ?? [], ["factor", "command", "suiteDir"]),
  ];
}

function strangeBraces(path: string, texts: readonly string[], known: readonly string[]): ArtifactIssue[] {
  return texts.flatMap((text, index) =>
    [...text.matchAll(/(?<!\{)\{(\w+)\}(?!\})/g)].flatMap(([, name = ""]) =>
      known.includes(name)
        ? []
        : [
            {
              path: `${path}[${index}]`,
              message: `"{${name}}" is no place${meant(name, known, "{}")}; known: ${known.map((one) => `{${one}}`).join(", ")}; doubled braces, {{${name}}}, are kept as {${name}}`,
            },
          ],
    ),
  );
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
    return [{ path: `${path}[${index}]`, message: `${JSON.stringify(name)} is there already, as ${path}[${first}]` }];
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

function meant(name: string, known: readonly string[], [open = "", close = ""] = '""'): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? "" : `, ${open}${nearest}${close} is meant?`;
}
