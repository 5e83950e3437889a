import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Answer, created, invalid, Refusal } from "./answers.ts";
import type { Call, Route } from "./api.ts";
import { nameTaken, showAsset } from "./assets.ts";
import { assetNameOf } from "./release-rules.ts";
import { releaseOf } from "./releases.ts";
import { type Asset, randomHex } from "./world.ts";

const MAX_ASSET_BYTES = 2 ** 31;

/** The one call of the upload host: it takes the bytes of an asset as they are. */
export const uploadRoutes: readonly Route[] = [
  { method: "POST", path: "/releases/{id}/assets", needs: { contents: "write" }, handle: uploadAsset, isRaw: true },
];

/**
 * The name is taken from the first byte on: an upload that breaks off leaves an asset of the state `starter`, which
 * keeps the name until it is deleted.
 */
async function uploadAsset(call: Call): Promise<Answer> {
  const { world, repository, exchange } = call;
  const release = releaseOf(call);
  const contentType = checkHeaders(exchange.headers);
  const name = assetNameOf(call.url.searchParams.get("name") ?? "");
  if (name === "") throw invalid({ resource: "ReleaseAsset", code: "missing_field", field: "name" });
  if (release.assets.some((other) => other.name === name)) throw nameTaken();
  const id = world.nextId();
  const asset: Asset = {
    id,
    name,
    contentType,
    state: "starter",
    sizeBytes: 0,
    sha256: undefined,
    file: path.join(world.folder, "assets", `${id}-${randomHex(4)}`),
  };
  release.assets.push(asset);
  const kept = await keep(exchange.body, asset.file, Number(exchange.headers["content-length"]));
  if (!release.assets.includes(asset)) {
    await rm(asset.file, { force: true });
    throw new Refusal(422, "The asset was deleted while it was uploaded");
  }
  Object.assign(asset, { state: "uploaded", ...kept });
  return created(showAsset(world, repository, release, asset));
}

/** The content type. @throws {Refusal} 400 and 422 as GitHub answers for lengths and types it does not take. */
function checkHeaders(headers: Readonly<Record<string, string>>): string {
  const length = headers["content-length"];
  if (length === undefined || !/^\d+$/.test(length)) throw new Refusal(400, `Bad Content-Length: ${length ?? ""}`);
  const contentType = headers["content-type"] ?? "";
  if (contentType === "") throw new Refusal(400, "Invalid Content-Type: ''");
  if (Number(length) === 0) throw sizeError("size must be greater than or equal to 1");
  if (Number(length) >= MAX_ASSET_BYTES) throw sizeError(`size must be less than ${MAX_ASSET_BYTES}`);
  return contentType;
}

const sizeError = (message: string) => invalid({ resource: "ReleaseAsset", code: "custom", field: "size", message });

/** Writes a stream to a file and hashes it on the way. @throws when it ends early; no file is left then. */
async function keep(body: Readable, file: string, lengthBytes: number) {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  try {
    await pipeline(
      body,
      async function* count(source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          hash.update(chunk);
          sizeBytes += chunk.length;
          yield chunk;
        }
      },
      createWriteStream(file),
    );
    if (sizeBytes !== lengthBytes) throw new Refusal(400, "Bad Content-Length");
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
  return { sizeBytes, sha256: hash.digest("hex") };
}
