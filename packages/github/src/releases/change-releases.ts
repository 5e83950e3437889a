import { OperationError } from "@forgebench/errors";
import { type GitHub, send } from "../client/client.ts";
import { describing } from "../client/describe-failure.ts";
import { isStatus } from "../client/failure.ts";
import { findDrafts, placeOf } from "./find-releases.ts";
import { markerOf } from "./plan-release.ts";
import { type Release, type ReleaseAsset, readAsset, readRelease, recordOf, textOf } from "./release-fields.ts";

/** The texts of a release. */
export interface ReleaseText {
  readonly tag: string;
  readonly title: string;
  /** Markdown, with the marker. */
  readonly body: string;
  readonly isPrerelease: boolean;
  /** The commit that the tag is made at. */
  readonly commit: string;
}

const NEEDS = "contents: write";

/**
 * The commit of a full hash or a branch. @throws {OperationError} when the repository does not have it.
 */
export async function findCommit(github: GitHub, repository: string, reference: string): Promise<string> {
  return describing({ action: `read the commit "${reference}"`, repository, needs: "contents: read" }, async () => {
    try {
      const parameters = { ...placeOf(repository), ref: reference };
      const { data } = await send(github, "GET /repos/{owner}/{repo}/commits/{ref}", parameters);
      return textOf(recordOf(data, "a commit"), "sha");
    } catch (error) {
      if (!isStatus(error, 404, 409, 422)) throw error;
      throw new OperationError("data", `Cannot make a tag in "${repository}": it has no commit "${reference}"`, {
        details: [{ label: "try", text: "push the commit first, or give an existing one: --commit SHA" }],
      });
    }
  });
}

/** Makes a draft; after a lost answer the one that was made is found again. @throws {OperationError} */
export async function createDraft(github: GitHub, repository: string, text: ReleaseText): Promise<Release> {
  const known = new Set((await findDrafts(github, repository, text.tag)).map(({ id }) => id));
  return describing({ action: `make a draft for "${text.tag}"`, repository, needs: NEEDS }, () =>
    github.patience.makeOnce(
      async () => {
        const parameters = { ...placeOf(repository), ...fieldsOf(text), draft: true };
        return readRelease((await send(github, "POST /repos/{owner}/{repo}/releases", parameters)).data);
      },
      async () => {
        const drafts = await findDrafts(github, repository, text.tag);
        return drafts.find((draft) => !known.has(draft.id) && markerOf(draft) === markerOf(text));
      },
    ),
  );
}

function fieldsOf({ tag, title, body, isPrerelease, commit }: ReleaseText) {
  return { tag_name: tag, name: title, body, prerelease: isPrerelease, target_commitish: commit };
}

/**
 * Publishes a draft; its tag is made at the commit.
 * @throws {OperationError}; a 422 is another release of that tag, which came first.
 */
export async function publishDraft(
  github: GitHub,
  repository: string,
  draft: Release,
  text: ReleaseText,
): Promise<Release> {
  const parameters = {
    ...placeOf(repository),
    ...fieldsOf(text),
    release_id: draft.id,
    draft: false,
    // A dataset must not become the latest release of the repository.
    make_latest: "false",
  };
  const { data } = await send(github, "PATCH /repos/{owner}/{repo}/releases/{release_id}", parameters);
  return readRelease(data);
}

/**
 * Deletes a draft, unless a look shows that it has been published meanwhile. GitHub cannot make deleting depend on
 * that: a draft that is published between the look and the request is deleted too. @throws {OperationError}
 */
export async function deleteDraft(github: GitHub, repository: string, draft: Release): Promise<void> {
  return describing({ action: `delete a draft for "${draft.tagName}"`, repository, needs: NEEDS }, async () => {
    if (!(await isStillDraft(github, repository, draft))) return;
    await gone(github, "DELETE /repos/{owner}/{repo}/releases/{id}", { ...placeOf(repository), id: draft.id });
  });
}

/**
 * Deletes an asset of a draft, unless a look shows that the release has been published or the asset finished meanwhile;
 * as with drafts, a moment between look and request remains. @throws {OperationError}
 */
export async function deleteAsset(
  github: GitHub,
  repository: string,
  release: Release,
  asset: ReleaseAsset,
): Promise<void> {
  const action = `delete the asset "${asset.name}" of the draft for "${release.tagName}"`;
  return describing({ action, repository, needs: NEEDS }, async () => {
    const now = await assetNow(github, repository, asset);
    // Another run may have finished the upload since it was seen.
    if (now === undefined || now.isUploaded !== asset.isUploaded) return;
    if (!(await isStillDraft(github, repository, release))) return;
    await gone(github, "DELETE /repos/{owner}/{repo}/releases/assets/{id}", { ...placeOf(repository), id: asset.id });
  });
}

async function assetNow(github: GitHub, repository: string, { id }: ReleaseAsset): Promise<ReleaseAsset | undefined> {
  const parameters = { ...placeOf(repository), id };
  const data = await unlessGone(send(github, "GET /repos/{owner}/{repo}/releases/assets/{id}", parameters));
  return data === undefined ? undefined : readAsset(data);
}

async function isStillDraft(github: GitHub, repository: string, { id }: Release): Promise<boolean> {
  const parameters = { ...placeOf(repository), id };
  const data = await unlessGone(send(github, "GET /repos/{owner}/{repo}/releases/{id}", parameters));
  return data !== undefined && readRelease(data).isDraft;
}

async function unlessGone(answer: Promise<{ readonly data: unknown }>): Promise<unknown> {
  try {
    return (await answer).data;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

/** A missing object was deleted by an attempt whose answer was lost, or by another run. */
async function gone(github: GitHub, route: string, parameters: Readonly<Record<string, unknown>>): Promise<void> {
  await unlessGone(send(github, route, parameters));
}
