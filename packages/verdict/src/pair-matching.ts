import type { ProfileScenarioSummary, Summary } from "@forgebench/artifacts";

/** A profile × scenario that either side has or announces. */
export interface MatchedPair {
  readonly profileId: string;
  readonly scenario: string;
  /** Absent where that side has no figures of it. */
  readonly base: ProfileScenarioSummary | undefined;
  readonly head: ProfileScenarioSummary | undefined;
}

/**
 * Every pair that either summary has figures of or announces in its lists of profiles and scenarios: profiles in order,
 * scenarios in order within each, head's order first. A pair that a side lost is there, without its figures.
 */
export function matchPairs(base: Summary, head: Summary): MatchedPair[] {
  const sides = [head, base];
  const profileIds = unique(
    sides.flatMap((side) => [...announcedProfiles(side), ...Object.keys(side.profileScenarioSummaries)]),
  );
  return profileIds.flatMap((profileId) =>
    unique(sides.flatMap((side) => scenariosOf(side, profileId))).map((scenario) => ({
      profileId,
      scenario,
      base: pairOf(base, profileId, scenario),
      head: pairOf(head, profileId, scenario),
    })),
  );
}

/** The figures of one pair, if the summary has them. */
export function pairOf(summary: Summary, profileId: string, scenario: string): ProfileScenarioSummary | undefined {
  const scenarios = ownValue(summary.profileScenarioSummaries, profileId);
  return scenarios === undefined ? undefined : ownValue(scenarios, scenario);
}

function scenariosOf(side: Summary, profileId: string): string[] {
  const announced = announcedProfiles(side).includes(profileId)
    ? side.benchmark.scenarios.map((scenario) => (typeof scenario === "string" ? scenario : scenario.name))
    : [];
  return [...announced, ...Object.keys(ownValue(side.profileScenarioSummaries, profileId) ?? {})];
}

function announcedProfiles(side: Summary): string[] {
  return side.benchmark.profiles.map((profile) => (typeof profile === "string" ? profile : profile.id));
}

/** Names come from files: one may be `constructor`. */
function ownValue<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
