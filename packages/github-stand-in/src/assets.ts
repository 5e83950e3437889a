import { rm } from "node:fs/promises";
import { type Answer, invalid, NO_CONTENT, notFound, ok, Refusal, redirect } from "./answers.ts";
import type { Call, Route } from "./api.ts";
import { mayWrite } from "./auth.ts";
import { page } from "./pages.ts";
import { assetNameOf } from "./release-rules.ts";
import { releaseOf, slugOf } from "./releases.ts";
import { signedUrl } from "./storage.ts";
import {
  type Asset,
  actor,
  apiUrlOf,
  isoSeconds,
  nodeId,
  type Release,
  type Repository,
  type World,
  webUrlOf,
} from "./world.ts";

/** Assets but for their upload, which goes to another host (docs.github.com/rest/releases/assets). */
export const assetRoutes: readonly Route[] = [
  { method: "GET", path: "/releases/{id}/assets", needs: { contents: "read" }, handle: listAssets },
  { method: "GET", path: "/releases/assets/{asset}", needs: { contents: "read" }, handle: getAsset },
  { method: "PATCH", path: "/releases/assets/{asset}", needs: { contents: "write" }, handle: updateAsset },
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
  asset.downloadCount += 1;
  return redirect(302, signedUrl(call.world, `release-assets/${asset.id}`));
}

function updateAsset(call: Call): Answer {
  const { release, asset } = assetOf(call);
  refuseImmutable(release, "Cannot update assets of an immutable release.");
  const given = call.fields.text("name");
  const name = given === undefined ? asset.name : assetNameOf(given);
  if (release.assets.some((other) => other !== asset && other.name === name)) throw nameTaken();
  const label = call.fields.has("label") ? (call.fields.text("label") ?? null) : asset.label;
  Object.assign(asset, { name, label, updatedAt: call.world.now() });
  return ok(showAsset(call.world, call.repository, release, asset));
}

async function deleteAsset(call: Call): Promise<Answer> {
  const { release, asset } = assetOf(call);
  refuseImmutable(release, "Cannot delete assets from an immutable release.");
  release.assets.splice(release.assets.indexOf(asset), 1);
  await discardAsset(asset);
  return NO_CONTENT;
}

/** GitHub's answer when a release already has an asset of that name, starters included. */
export const nameTaken = () => invalid({ resource: "ReleaseAsset", code: "already_exists", field: "name" });

/** @throws {Refusal} 422 when the release may not change any more. */
export function refuseImmutable({ isImmutable }: Release, message: string): void {
  if (isImmutable) throw new Refusal(422, message);
}

/** Removes the bytes of an asset; the release must have lost it before. */
export async function discardAsset({ file }: Asset): Promise<void> {
  await rm(file, { force: true });
}

/** An asset as answers show it; `digest` is null until its bytes are whole. */
export function showAsset(world: World, repository: Repository, release: Release, asset: Asset) {
  return {
    url: `${apiUrlOf(world, repository)}/releases/assets/${asset.id}`,
    browser_download_url: `${webUrlOf(world, repository)}/releases/download/${slugOf(release)}/${encodeURIComponent(asset.name)}`,
    id: asset.id,
    node_id: nodeId("RA", asset.id),
    name: asset.name,
    label: asset.label,
    state: asset.state,
    content_type: asset.contentType,
    size: asset.sizeBytes,
    digest: asset.sha256 === undefined ? null : `sha256:${asset.sha256}`,
    download_count: asset.downloadCount,
    created_at: isoSeconds(asset.createdAt),
    updated_at: isoSeconds(asset.updatedAt),
    uploader: actor(world, asset.uploader),
  };
}
