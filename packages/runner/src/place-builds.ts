import path from "node:path";
import type { RunContext, SubjectFingerprint } from "@forgebench/artifacts";
import { type Build, type CliPlaces, cliPlacesInPlace, copyBuilds } from "./build-folder.ts";
import type { Arm } from "./cells.ts";
import {
  askVersion,
  fingerprintCommand,
  fingerprintSubject,
  isFaithfulCopy,
  type VersionQuestion,
} from "./subject-probe.ts";
import { commandFactsOf, hashProgram, type SuitePlace } from "./suite-program-folder.ts";

/** The build of the head and, with two arms, of the base. */
export interface Builds {
  readonly head: Build;
  readonly base?: Build;
}

/** The places of the builds, and their identities. */
export interface PlacedBuilds {
  /** Both absent where the command has no CLI: there is nothing to place. */
  readonly cliPlaces?: CliPlaces;
  readonly slots?: NonNullable<RunContext["slots"]>;
  readonly subjects: RunContext["subjects"];
}

/**
 * Copies the builds to slots of equal paths below `folder` and fingerprints them. Where a build is too large to copy, or
 * its copy does not answer to `--version` as the original does, all are run where they are, and the reason is recorded.
 */
export async function placeBuilds(
  builds: Builds,
  folder: string,
  question: VersionQuestion & SuitePlace,
): Promise<PlacedBuilds> {
  const arms = builds.base === undefined ? (["head"] as const) : (["head", "base"] as const);
  const obstacle = builds.head.obstacle ?? builds.base?.obstacle;
  const copies = obstacle === undefined ? await copyBuilds(path.join(folder, "slots"), builds) : undefined;
  let reason = obstacle;
  const subjects = new Map<Arm, SubjectFingerprint>();
  for (const arm of arms) {
    const build = builds[arm] ?? builds.head;
    const answer = await askVersion(question, build.cliFile);
    const copy = copies?.A[arm];
    if (copy !== undefined && !isFaithfulCopy(answer, await askVersion(question, copy))) {
      reason ??= `a copy of the ${arm}'s folder does not answer to --version as the original does`;
    }
    subjects.set(arm, await fingerprintSubject(build, answer, await commandFactsOf(question, arm)));
  }
  const [head, base] = [subjects.get("head"), subjects.get("base")];
  if (head === undefined) throw new RangeError("there is no head");
  return {
    cliPlaces: copies === undefined || reason !== undefined ? cliPlacesInPlace(builds) : copies,
    slots: reason === undefined ? { mode: "copied" } : { mode: "in-place", reason },
    subjects: base === undefined ? { head } : { head, base },
  };
}

/**
 * The subjects of a command without a CLI: with two arms where the suite gives each its own arguments.
 * @throws {ArtifactError} for a program or a file that is not there.
 */
export async function placeCommand(place: SuitePlace): Promise<PlacedBuilds> {
  const programSha256 = await hashProgram(place);
  const subjectOf = async (arm: Arm) => fingerprintCommand(programSha256, await commandFactsOf(place, arm));
  const head = await subjectOf("head");
  return { subjects: place.suite.arms === undefined ? { head } : { head, base: await subjectOf("base") } };
}
