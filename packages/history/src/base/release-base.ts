import { acceptedReleaseNights } from "./base-candidates.ts";
import {
  type BaseAnswer,
  type BaseQuestion,
  distinct,
  isBefore,
  type Repo,
  refuseShallow,
  short,
} from "./base-question.ts";
import { acceptedNight, nightBase } from "./night-base.ts";
import { findRelease, type Release } from "./releases.ts";

/**
 * The last release, or a later commit that was compared with a release and that a person accepted. If there is no release
 * yet, it is the base of a night, and the answer says so.
 */
export async function releaseBase(repo: Repo, head: string, question: BaseQuestion): Promise<BaseAnswer> {
  const release = await findRelease(repo, head);
  if (release !== undefined) return sinceRelease(repo, head, release, question);
  await refuseShallow(repo, `no release before ${short(head)} was found`);
  const answer = await nightBase(repo, head, question);
  return { ...answer, reason: `no release is before head yet, so as a night: ${answer.reason}` };
}

async function sinceRelease(
  repo: Repo,
  head: string,
  release: Release,
  { readEntries }: BaseQuestion,
): Promise<BaseAnswer> {
  const notes: string[] = [];
  for (const { night, acceptance } of acceptedReleaseNights((await readEntries?.()) ?? [])) {
    const { headSha } = night;
    // A release that is newer than the accepted commit is itself the base.
    if (headSha === head || headSha === release.sha || !(await isBefore(repo, headSha, head, notes))) continue;
    if (!(await repo.isAncestor(release.sha, headSha))) continue;
    const reason = `the last comparison with a release that ${acceptedNight(night, acceptance)}, after ${release.tag}`;
    return { sha: headSha, cadence: "release", reason, notes: distinct(notes) };
  }
  return { sha: release.sha, cadence: "release", reason: `the last release, ${release.tag}`, notes: distinct(notes) };
}
