import { OperationError } from "@forgebench/errors";
import { ask, unlessMissing } from "../client/ask.ts";
import type { GitHub } from "../client/client.ts";
import { describing } from "../client/describe-failure.ts";
import { isStatus } from "../client/failure.ts";
import { findDrafts } from "./find-releases.ts";
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
      const data = await ask(github, repository, "GET /commits/{ref}", { ref: reference });
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
        return readRelease(await ask(github, repository, "POST /releases", { ...fieldsOf(text), draft: true }));
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
    ...fieldsOf(text),
    release_id: draft.id,
    draft: false,
    // A dataset must not become the latest release of the repository.
    make_latest: "false",
  };
  return readRelease(await ask(github, repository, "PATCH /releases/{release_id}", parameters));
}

/**
 * Deletes a draft, unless a look shows that it has been published meanwhile. GitHub cannot make deleting depend on
 * that: a draft that is published between the look and the request is deleted too. @throws {OperationError}
 */
export async function deleteDraft(github: GitHub, repository: string, draft: Release): Promise<void> {
  return describing({ action: `delete a draft for "${draft.tagName}"`, repository, needs: NEEDS }, async () => {
    if (!(await isStillDraft(github, repository, draft))) return;
    await unlessMissing(ask(github, repository, "DELETE /releases/{id}", { id: draft.id }));
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
    await unlessMissing(ask(github, repository, "DELETE /releases/assets/{id}", { id: asset.id }));
  });
}

async function assetNow(github: GitHub, repository: string, { id }: ReleaseAsset): Promise<ReleaseAsset | undefined> {
  const data = await unlessMissing(ask(github, repository, "GET /releases/assets/{id}", { id }));
  return data === undefined ? undefined : readAsset(data);
}

async function isStillDraft(github: GitHub, repository: string, { id }: Release): Promise<boolean> {
  const data = await unlessMissing(ask(github, repository, "GET /releases/{id}", { id }));
  return data !== undefined && readRelease(data).isDraft;
}
