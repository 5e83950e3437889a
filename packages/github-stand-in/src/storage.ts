import { createHmac, timingSafeEqual } from "node:crypto";
import { createReadStream } from "node:fs";
import { type Answer, Refusal } from "./answers.ts";
import type { Exchange, Handle } from "./server.ts";
import { nodeId, type World } from "./world.ts";

const VALID_SECONDS = 3600;

/** What the storage holds under a key. */
interface StoredObject {
  readonly name: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly file: string;
  readonly changedAt: Date;
}

/** An address that everybody may read from for an hour. */
export function signedUrl(world: World, key: string): string {
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
  if (method !== "GET" && method !== "HEAD") throw new Refusal(405, "UnsupportedHttpVerb");
  const key = url.pathname.slice(1);
  if (headers.authorization !== undefined) throw new Refusal(400, "InvalidAuthenticationInfo");
  checkSignature(world, key, url.searchParams);
  const stored = storedObject(world, key);
  if (stored === undefined) throw new Refusal(404, "BlobNotFound");
  return send(stored, `"${nodeId("blob", key)}"`, exchange);
}

function checkSignature(world: World, key: string, query: URLSearchParams): void {
  const expires = query.get("se") ?? "";
  const expected = Buffer.from(signature(world, key, expires));
  const given = Buffer.from(query.get("sig") ?? "");
  const isTrue = given.length === expected.length && timingSafeEqual(given, expected);
  if (!isTrue || Number(expires) * 1000 < world.now().getTime()) throw new Refusal(403, "AuthenticationFailed");
}

function storedObject(world: World, key: string): StoredObject | undefined {
  const [kind, id] = key.split("/");
  if (kind === "release-assets") {
    const assets = world.repositories.flatMap(({ releases }) => releases.flatMap((release) => release.assets));
    const asset = assets.find((one) => `${one.id}` === id && one.state === "uploaded");
    return asset === undefined ? undefined : { ...asset, changedAt: asset.createdAt };
  }
  const artifacts = world.repositories.flatMap(({ runs }) => runs.flatMap((run) => run.artifacts ?? []));
  const artifact = kind === "artifacts" ? artifacts.find((one) => `${one.id}` === id) : undefined;
  if (artifact?.zipFile === undefined) return undefined;
  const { name, zipFile, sizeBytes } = artifact;
  return { name: `${name}.zip`, contentType: "application/zip", sizeBytes, file: zipFile, changedAt: new Date(0) };
}

function send(stored: StoredObject, etag: string, { headers }: Exchange): Answer {
  const { sizeBytes } = stored;
  const modified = stored.changedAt.toUTCString();
  const common = {
    "content-type": stored.contentType,
    "content-disposition": `attachment; filename=${stored.name}`,
    "accept-ranges": "bytes",
    "last-modified": modified,
    etag,
  };
  const isCurrent = [undefined, etag, modified].includes(headers["if-range"]);
  const range = isCurrent ? rangeOf(headers.range, sizeBytes) : undefined;
  if (range === "unsatisfiable") {
    throw new Refusal(416, "InvalidRange", { headers: { "content-range": `bytes */${sizeBytes}` } });
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...common,
      "content-length": `${end - start + 1}`,
      ...(range === undefined ? {} : { "content-range": `bytes ${start}-${end}/${sizeBytes}` }),
    },
    bytes: createReadStream(stored.file, { start, end, highWaterMark: 1 << 18 }),
  };
}

/** Undefined: the whole object, also for ranges that are not understood, and for several at once. */
function rangeOf(header: string | undefined, sizeBytes: number) {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  const start = from === "" ? Math.max(0, sizeBytes - Number(to)) : Number(from);
  const end = from === "" || to === "" ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (from !== "" && to !== "" && Number(to) < start) return undefined;
  return start >= sizeBytes ? ("unsatisfiable" as const) : { start, end };
}
