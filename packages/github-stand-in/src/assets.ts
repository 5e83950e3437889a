import { rm } from "node:fs/promises";
import { type Answer, invalid, NO_CONTENT, notFound, ok, redirect } from "./answers.ts";
import type { Call, Route } from "./api.ts";
import { mayWrite } from "./auth.ts";
import { page } from "./pages.ts";
import { releaseOf, slugOf } from "./releases.ts";
import { signedUrl } from "./storage.ts";
import { type Asset, type Release, type Repository, type World, webUrlOf } from "./world.ts";

/** Assets but for their upload, which goes to another host (docs.github.com/rest/releases/assets). */
export const assetRoutes: readonly Route[] = [
  { method: "GET", path: "/releases/{id}/assets", needs: { contents: "read" }, handle: listAssets },
  { method: "GET", path: "/releases/assets/{asset}", needs: { contents: "read" }, handle: getAsset },
  { method: "DELETE", path: "/releases/assets/{asset}", needs: { contents: "write" }, handle: deleteAsset },
];

function listAssets(call: Call): Answer {
  const release = releaseOf(call);
  return page(call.url, release.assets, (asset) => showAsset(call.world, call.repository, release, asset));
}

function assetOf(call: Call): { readonly release: Release; readonly asset: Asset } {
  for (const release of call.repository.releases) {
    const asset = release.assets.find(({ id }) => `${id}` === call.part("asset"));
    if (asset !== undefined && (!release.isDraft || mayWrite(call.caller, call.repository))) return { release, asset };
  }
  throw notFound();
}

function getAsset(call: Call): Answer {
  const { release, asset } = assetOf(call);
  if (!/application\/octet-stream/.test(call.exchange.headers.accept ?? "")) {
    return ok(showAsset(call.world, call.repository, release, asset));
  }
  if (asset.state !== "uploaded") throw notFound();
  return redirect(signedUrl(call.world, asset));
}

async function deleteAsset(call: Call): Promise<Answer> {
  const { release, asset } = assetOf(call);
  release.assets.splice(release.assets.indexOf(asset), 1);
  await discardAsset(asset);
  return NO_CONTENT;
}

/** GitHub's answer when a release already has an asset of that name, starters included. */
export const nameTaken = () => invalid({ resource: "ReleaseAsset", code: "already_exists", field: "name" });

/** Removes the bytes of an asset; the release must have lost it before. */
export async function discardAsset({ file }: Asset): Promise<void> {
  await rm(file, { force: true });
}

/** An asset as it stands in answers. */
export function showAsset(world: World, repository: Repository, release: Release, asset: Asset) {
  const { id, name, state, contentType, sizeBytes, sha256 } = asset;
  return {
    id,
    url: `${world.at.api}/repos/${repository.fullName}/releases/assets/${id}`,
    browser_download_url: `${webUrlOf(world, repository)}/releases/download/${slugOf(release)}/${encodeURIComponent(name)}`,
    name,
    state,
    content_type: contentType,
    size: sizeBytes,
    digest: sha256 === undefined ? null : `sha256:${sha256}`,
  };
}
