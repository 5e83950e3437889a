import { Again, repeat } from "@forgebench/io";
import type { GitHub } from "../client/client.ts";
import { findDrafts, findRelease, findTag, listAssets, listDraftAssets } from "./find-releases.ts";
import type { ReleaseState, ReleaseWithAssets } from "./plan-release.ts";
import type { Release } from "./release-fields.ts";

/** A read between the moments of a tag and its release counts only if a second read agrees. */
const STATE_READS = 2;

/** Reads the tag, release and drafts of GitHub for a tag. @throws {OperationError} */
export async function readReleaseState(github: GitHub, repository: string, tag: string): Promise<ReleaseState> {
  return repeat<ReleaseState>(github.access.signal, async (read) => {
    const drafts = await findDrafts(github, repository, tag);
    const found = await findTag(github, repository, tag);
    const release = await findRelease(github, repository, tag);
    const isBetween = (found === undefined) !== (release === undefined);
    if (isBetween && read < STATE_READS) return new Again(github.access.retryBaseMs ?? 1000);
    return {
      tag: found,
      published: release === undefined ? undefined : { release, assets: await listAssets(github, repository, release) },
      drafts: await draftsWithAssets(github, repository, drafts),
    };
  });
}

async function draftsWithAssets(github: GitHub, repository: string, drafts: readonly Release[]) {
  const found: ReleaseWithAssets[] = [];
  for (const release of drafts) {
    const assets = await listDraftAssets(github, repository, release);
    if (assets !== undefined) found.push({ release, assets });
  }
  return found;
}
