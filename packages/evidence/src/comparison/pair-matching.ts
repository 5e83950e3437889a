import { type ProfileScenarioSummary, pairOf, type Summary } from "@forgebench/artifacts";

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

function scenariosOf(side: Summary, profileId: string): string[] {
  const announced = announcedProfiles(side).includes(profileId)
    ? side.benchmark.scenarios.map((scenario) => (typeof scenario === "string" ? scenario : scenario.name))
    : [];
  const measured = new Map(Object.entries(side.profileScenarioSummaries)).get(profileId) ?? {};
  return [...announced, ...Object.keys(measured)];
}

function announcedProfiles(side: Summary): string[] {
  return side.benchmark.profiles.map((profile) => (typeof profile === "string" ? profile : profile.id));
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
