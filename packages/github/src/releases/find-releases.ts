import { ask, askForAll, placeOf, unlessMissing } from "../client/ask.ts";
import { apiHeaders, type GitHub, unreadable } from "../client/client.ts";
import { describing } from "../client/describe-failure.ts";
import { isRecord, isStatus } from "../client/failure.ts";
import { type Release, type ReleaseAsset, readAsset, readRelease, recordOf, textOf } from "./release-fields.ts";

/** The tag of a dataset version. */
export function datasetTag(datasetVersion: string): string {
  return `bench-dataset-v${datasetVersion}`;
}

interface RepositoryFacts {
  /** As it is written by GitHub, which takes any case. */
  readonly fullName: string;
  readonly defaultBranch: string;
  /** Whether the token may write; only then drafts are shown. Nothing for an anonymous request. */
  readonly canPush: boolean | undefined;
}

/** A tag and the commit that it leads to. */
export interface Tag {
  readonly name: string;
  readonly commit: string;
}

/** @throws {OperationError} when the repository does not exist or the token cannot see it. */
export async function findRepository(github: GitHub, repository: string): Promise<RepositoryFacts> {
  return describing({ action: "read the repository", repository, needs: "contents: read" }, async () => {
    const facts = recordOf(await ask(github, repository, "GET /"), "a repository");
    const push = isRecord(facts.permissions) ? facts.permissions.push : undefined;
    return {
      fullName: textOf(facts, "full_name"),
      defaultBranch: textOf(facts, "default_branch"),
      canPush: typeof push === "boolean" ? push : undefined,
    };
  });
}

/**
 * The published release of a tag; undefined exactly if the repository answers and has none.
 * @throws {OperationError} for anything else, also for a repository that is not shown.
 */
export async function findRelease(github: GitHub, repository: string, tag: string): Promise<Release | undefined> {
  return describing({ action: `read the release "${tag}"`, repository, needs: "contents: read" }, async () => {
    const data = await foundIn(github, repository, "GET /releases/tags/{tag}", { tag });
    if (data === undefined) return undefined;
    const release = readRelease(data);
    if (release.tagName !== tag) throw unreadable(`the answer is another release: "${release.tagName}"`);
    return release.isDraft ? undefined : release;
  });
}

/** A tag, whether it has a release or not. @throws {OperationError} */
export async function findTag(github: GitHub, repository: string, tag: string): Promise<Tag | undefined> {
  return describing({ action: `read the tag "${tag}"`, repository, needs: "contents: read" }, async () => {
    const data = await foundIn(github, repository, "GET /git/ref/{ref}", { ref: `tags/${tag}` });
    if (data === undefined) return undefined;
    return { name: tag, commit: await commitOf(github, repository, recordOf(recordOf(data, "a tag").object, "a tag")) };
  });
}

/** An annotated tag leads to its commit over objects of its own. */
async function commitOf(github: GitHub, repository: string, target: Readonly<Record<string, unknown>>) {
  let object = target;
  for (let depth = 0; object.type === "tag" && depth < 5; depth += 1) {
    const data = await ask(github, repository, "GET /git/tags/{sha}", { sha: textOf(object, "sha") });
    object = recordOf(recordOf(data, "a tag").object, "a tag");
  }
  const sha = textOf(object, "sha");
  if (/^[0-9a-f]{40,64}$/.test(sha)) return sha;
  throw unreadable("a tag leads to no commit");
}

/** The answer of a route; undefined if the repository exists and this object does not. */
async function foundIn(
  github: GitHub,
  repository: string,
  route: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  try {
    return await ask(github, repository, route, parameters);
  } catch (error) {
    // 409: a repository without a commit has no tags.
    if (!isStatus(error, 404, 409)) throw error;
    // A repository that the token cannot see answers 404 to everything: that is not "missing".
    await findRepository(github, repository);
    return undefined;
  }
}

/** The drafts for a tag, the oldest first; only tokens with write access can see drafts. @throws {OperationError} */
export async function findDrafts(github: GitHub, repository: string, tag: string): Promise<Release[]> {
  return describing({ action: "list the releases", repository, needs: "contents: read" }, async () => {
    const items = await askForAll(github, repository, "GET /releases");
    const drafts = items.map(readRelease).filter(({ isDraft, tagName }) => isDraft && tagName === tag);
    // A list that grows while it is read shows some items twice.
    const distinct = new Map(drafts.map((draft) => [draft.id, draft]));
    return [...distinct.values()].sort((a, b) => a.id - b.id);
  });
}

/** All assets of a release. @throws {OperationError} */
export async function listAssets(
  github: GitHub,
  repository: string,
  release: Pick<Release, "id" | "tagName">,
): Promise<ReleaseAsset[]> {
  const action = `list the assets of the release "${release.tagName}"`;
  return describing({ action, repository, needs: "contents: read" }, () => assetsOf(github, repository, release));
}

async function assetsOf(github: GitHub, repository: string, { id }: Pick<Release, "id">): Promise<ReleaseAsset[]> {
  const items = await askForAll(github, repository, "GET /releases/{release_id}/assets", { release_id: id });
  return [...new Map(items.map(readAsset).map((asset) => [asset.id, asset])).values()];
}

/** All assets of a draft; nothing when it is gone meanwhile, as drafts of which there are two go. @throws {OperationError} */
export async function listDraftAssets(
  github: GitHub,
  repository: string,
  draft: Release,
): Promise<ReleaseAsset[] | undefined> {
  const action = `list the assets of the draft for "${draft.tagName}"`;
  return describing({ action, repository, needs: "contents: write" }, () =>
    unlessMissing(assetsOf(github, repository, draft)),
  );
}

/** Where and how the bytes of an asset are fetched, for `downloadFile`. The token goes to the API's own address alone. */
interface AssetRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** GitHub keeps the bytes on another host. */
  readonly redirects: "any-host";
}

/** The request for the bytes of an asset, by its id: private repositories have no other address for it. */
export function assetRequest(
  { access }: Pick<GitHub, "access">,
  repository: string,
  asset: Pick<ReleaseAsset, "id">,
): AssetRequest {
  const { owner, repo } = placeOf(repository);
  return {
    // Not the address that the asset names: that is text from outside.
    url: new URL(`${access.apiUrl}/repos/${owner}/${repo}/releases/assets/${asset.id}`),
    headers: {
      accept: "application/octet-stream",
      ...apiHeaders(access),
    },
    redirects: "any-host",
  };
}
