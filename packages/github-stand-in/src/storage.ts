import { createHmac, timingSafeEqual } from "node:crypto";
import { createReadStream } from "node:fs";
import { type Answer, Refusal } from "./answers.ts";
import type { Exchange, Handle } from "./server.ts";
import type { Asset, World } from "./world.ts";

const VALID_SECONDS = 3600;

/** An address that everybody may read from for an hour. */
export function signedUrl(world: World, { id }: Asset): string {
  const key = `release-assets/${id}`;
  const expires = Math.floor(world.now().getTime() / 1000) + VALID_SECONDS;
  return `${world.at.storage}/${key}?se=${expires}&sig=${signature(world, key, `${expires}`)}`;
}

function signature(world: World, key: string, expires: string): string {
  return createHmac("sha256", world.secret).update(`${key} ${expires}`).digest("base64url");
}

/** The object store that downloads are redirected to: it knows signatures, and no tokens. */
export function storageHandler(world: World): Handle {
  return async (exchange) => {
    try {
      return answer(world, exchange);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const text = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${error.message}</Code></Error>`;
      const headers = { "content-type": "application/xml", ...error.answer.headers };
      return { status: error.answer.status, headers, bytes: Buffer.from(text) };
    }
  };
}

function answer(world: World, exchange: Exchange): Answer {
  const { method, url, headers } = exchange;
  if (method !== "GET") throw new Refusal(405, "UnsupportedHttpVerb");
  const key = url.pathname.slice(1);
  if (headers.authorization !== undefined) throw new Refusal(400, "InvalidAuthenticationInfo");
  checkSignature(world, key, url.searchParams);
  const assets = world.repositories.flatMap(({ releases }) => releases.flatMap((release) => release.assets));
  const stored = assets.find(({ id, state }) => key === `release-assets/${id}` && state === "uploaded");
  if (stored === undefined) throw new Refusal(404, "BlobNotFound");
  return send(stored, exchange);
}

function checkSignature(world: World, key: string, query: URLSearchParams): void {
  const expires = query.get("se") ?? "";
  const expected = Buffer.from(signature(world, key, expires));
  const given = Buffer.from(query.get("sig") ?? "");
  const isTrue = given.length === expected.length && timingSafeEqual(given, expected);
  if (!isTrue || Number(expires) * 1000 < world.now().getTime()) throw new Refusal(403, "AuthenticationFailed");
}

/** The whole asset, or what follows a byte of it, where the caller knows the same asset. */
function send({ id, name, contentType, sizeBytes, file }: Asset, { headers }: Exchange): Answer {
  const etag = `"asset-${id}"`;
  const [, from] = /^bytes=(\d+)-$/.exec(headers.range ?? "") ?? [];
  const start = [undefined, etag].includes(headers["if-range"]) && from !== undefined ? Number(from) : undefined;
  if (start !== undefined && start >= sizeBytes) {
    throw new Refusal(416, "InvalidRange", { headers: { "content-range": `bytes */${sizeBytes}` } });
  }
  return {
    status: start === undefined ? 200 : 206,
    headers: {
      "content-type": contentType,
      "content-disposition": `attachment; filename=${name}`,
      "accept-ranges": "bytes",
      "content-length": `${sizeBytes - (start ?? 0)}`,
      ...(start === undefined ? {} : { "content-range": `bytes ${start}-${sizeBytes - 1}/${sizeBytes}` }),
      etag,
    },
    bytes: createReadStream(file, { start: start ?? 0, highWaterMark: 1 << 18 }),
  };
}
