import { setTimeout as sleep } from "node:timers/promises";
import type { GitHub } from "../client/client.ts";
import { findDrafts, findRelease, findTag, listAssets, listDraftAssets } from "./find-releases.ts";
import type { ReleaseState, ReleaseWithAssets } from "./plan-release.ts";
import type { Release } from "./release-fields.ts";

/** Reads of a moment between a tag and its release are taken for what is there only when they stay so. */
const STATE_READS = 2;

/** What GitHub has for a tag now. @throws {OperationError} */
export async function readReleaseState(github: GitHub, repository: string, tag: string): Promise<ReleaseState> {
  for (let read = 1; ; read += 1) {
    const drafts = await findDrafts(github, repository, tag);
    const found = await findTag(github, repository, tag);
    const published = await findRelease(github, repository, tag);
    if ((found === undefined) === (published === undefined) || read >= STATE_READS) {
      return {
        tag: found,
        published:
          published === undefined
            ? undefined
            : { release: published, assets: await listAssets(github, repository, published) },
        drafts: await draftsWithAssets(github, repository, drafts),
      };
    }
    await sleep((github.access.retryBaseMs ?? 1000) * read, undefined, { signal: github.access.signal });
  }
}

async function draftsWithAssets(github: GitHub, repository: string, drafts: readonly Release[]) {
  const found: ReleaseWithAssets[] = [];
  for (const release of drafts) {
    const assets = await listDraftAssets(github, repository, release);
    if (assets !== undefined) found.push({ release, assets });
  }
  return found;
}
