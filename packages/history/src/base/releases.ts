import type { Repo } from "./base-question.ts";

/** Versions compare by number: v1.10.0 is later than v1.9.0. */
const RELEASE = /^v\d+\.\d+\.\d+$/;
const byVersion = new Intl.Collator("en", { numeric: true });

/** A tag such as v1.2.3, and the commit that it stands for. */
export interface Release {
  readonly tag: string;
  readonly sha: string;
}

/** The last on the history of head, head itself left out. */
export async function findRelease(repo: Repo, head: string): Promise<Release | undefined> {
  const tags = (await repo.tagsOn(head)).filter((tag) => RELEASE.test(tag));
  for (const tag of tags.toSorted(byVersion.compare).reverse()) {
    const sha = await repo.commitOf(`refs/tags/${tag}`);
    if (sha !== undefined && sha !== head) return { tag, sha };
  }
  return undefined;
}
