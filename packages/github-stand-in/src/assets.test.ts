import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type { StandIn } from "./stand-in.ts";
import { ask, started, TOKENS, upload } from "./testing.ts";

const bytes = Uint8Array.from({ length: 300_000 }, (_value, index) => (index * 31) % 251);
const BINARY = { accept: "application/octet-stream" };

async function draftOn(standIn: StandIn) {
  return (await ask(standIn, "POST /releases", { as: "writer", json: { tag_name: "v1", draft: true } })).json;
}

const publish = (standIn: StandIn, id: number) =>
  ask(standIn, `PATCH /releases/${id}`, { as: "writer", json: { draft: false } });

it("keeps the bytes of an upload and says their digest", async () => {
  const standIn = await started();
  const draft = await draftOn(standIn);
  expect(draft.upload_url).toMatch(
    new RegExp(`^http://[\\d.:]+/repos/acme/site/releases/${draft.id}/assets\\{\\?name,label\\}$`),
  );
  expect(new URL(draft.upload_url).origin).not.toBe(standIn.apiUrl);
  const { status, json } = await upload(standIn, draft, "a.bin", bytes);
  expect(status).toBe(201);
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  expect(json).toMatchObject({
    name: "a.bin",
    state: "uploaded",
    size: bytes.length,
    digest,
  });
  expect((await ask(standIn, `GET /releases/${draft.id}/assets`, { as: "writer" })).json).toEqual([json]);
  const redirected = await ask(standIn, `GET /releases/assets/${json.id}`, { as: "writer", headers: BINARY });
  expect(redirected.status).toBe(302);
  const location = redirected.headers.get("location") ?? "";
  expect(new URL(location).origin).toBe(standIn.storageUrl);
  const stored = await fetch(location);
  expect(Buffer.from(await stored.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
});

it("hides a draft's assets from readers and from browsers until it is published", async () => {
  const standIn = await started();
  const draft = await draftOn(standIn);
  const { json } = await upload(standIn, draft, "a.bin", bytes);
  expect((await ask(standIn, `GET /releases/assets/${json.id}`, { as: "reader" })).status).toBe(404);
  expect((await ask(standIn, `GET ${json.browser_download_url}`)).status).toBe(404);
  await publish(standIn, draft.id);
  const shown = (await ask(standIn, `GET /releases/assets/${json.id}`)).json;
  expect(shown.browser_download_url).toBe(`${standIn.gitUrl}/acme/site/releases/download/v1/a.bin`);
  const followed = await fetch(shown.browser_download_url);
  expect((await followed.arrayBuffer()).byteLength).toBe(bytes.length);
});

it("storage sends ranges, and refuses tokens, wrong signatures and old ones", async () => {
  let nowMs = Date.parse("2026-02-15T00:00:00Z");
  const standIn = await started({}, { now: () => new Date(nowMs) });
  const { json } = await upload(standIn, await draftOn(standIn), "a.bin", bytes);
  const asking = { as: "writer", headers: BINARY } as const;
  const location = (await ask(standIn, `GET /releases/assets/${json.id}`, asking)).headers.get("location") ?? "";
  const get = async (range: string, more = {}) => {
    const answer = await fetch(location, { headers: { range, ...more } });
    return [answer.status, answer.headers.get("content-range"), Buffer.from(await answer.arrayBuffer())] as const;
  };
  const all = Buffer.from(bytes);
  expect(await get("bytes=299990-")).toEqual([206, "bytes 299990-299999/300000", all.subarray(299_990)]);
  expect((await get("bytes=300000-")).slice(0, 2)).toEqual([416, "bytes */300000"]);
  expect((await get("bytes=1-", { "if-range": '"another"' }))[0]).toBe(200);
  const withToken = await fetch(location, { headers: { authorization: `Bearer ${TOKENS.writer}` } });
  expect(withToken.status).toBe(400);
  expect((await fetch(location.replace(/sig=.{4}/, "sig=AAAA"))).status).toBe(403);
  nowMs += 2 * 3_600_000;
  expect((await fetch(location)).status).toBe(403);
});

it("refuses the same name again, until the asset is deleted", async () => {
  const standIn = await started();
  const draft = await draftOn(standIn);
  const first = (await upload(standIn, draft, "a b.txt")).json;
  expect(first.name).toBe("a.b.txt");
  const again = await upload(standIn, draft, "a.b.txt", "other bytes");
  const errors = [{ resource: "ReleaseAsset", code: "already_exists", field: "name" }];
  expect([again.status, again.json.errors]).toEqual([422, errors]);
  expect((await ask(standIn, `DELETE /releases/assets/${first.id}`, { as: "writer" })).status).toBe(204);
  expect((await upload(standIn, draft, "a.b.txt", "other bytes")).status).toBe(201);
});

it("leaves a starter asset, which keeps the name, where an upload breaks off", async () => {
  const standIn = await started();
  const draft = await draftOn(standIn);
  standIn.addFault({ match: /POST .*assets\?name=/, how: { kind: "reset", afterRequestBytes: 1000 } });
  await expect(upload(standIn, draft, "a.bin", bytes)).rejects.toThrow();
  const [left] = (await ask(standIn, `GET /releases/${draft.id}/assets`, { as: "writer" })).json;
  expect(left).toMatchObject({ name: "a.bin", state: "starter", size: 0, digest: null });
  expect((await upload(standIn, draft, "a.bin", bytes)).status).toBe(422);
  const binary = await ask(standIn, `GET /releases/assets/${left.id}`, { as: "writer", headers: BINARY });
  expect(binary.status).toBe(404);
  await ask(standIn, `DELETE /releases/assets/${left.id}`, { as: "writer" });
  expect((await upload(standIn, draft, "a.bin", bytes)).status).toBe(201);
});

it("lets one of 20 uploads of a name through", async () => {
  const standIn = await started();
  const draft = await draftOn(standIn);
  const all = await Promise.all(Array.from({ length: 20 }, () => upload(standIn, draft, "a.bin", bytes)));
  expect(all.map(({ status }) => status).toSorted()).toEqual([201, ...Array(19).fill(422)]);
});

it.each([
  ["no bytes", { body: "", headers: { "content-type": "text/plain" } }, 422, "size must be greater than or equal to 1"],
  ["no type", { body: new Uint8Array([1]) }, 400, "Invalid Content-Type: ''"],
])("refuses an upload with %s", async (_what, asking, status, message) => {
  const standIn = await started();
  const draft = await draftOn(standIn);
  const url = draft.upload_url.replace("{?name,label}", "?name=a.txt");
  const answer = await ask(standIn, `POST ${url}`, { as: "writer", ...asking });
  expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(message)]);
});

it("refuses an upload without a length, without a token, and without the permission", async () => {
  const standIn = await started();
  const draft = await draftOn(standIn);
  const url = draft.upload_url.replace("{?name,label}", "?name=a.txt");
  const chunked = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKENS.writer}`, "content-type": "text/plain" },
    body: new Blob(["x"]).stream(),
    duplex: "half",
  } as RequestInit);
  expect([chunked.status, await chunked.json()]).toEqual([
    400,
    expect.objectContaining({ message: "Bad Content-Length: " }),
  ]);
  const plain = { body: "x", headers: { "content-type": "text/plain" } };
  expect((await ask(standIn, `POST ${url}`, plain)).status).toBe(401);
  const denied = await ask(standIn, `POST ${url}`, { ...plain, as: "reader" });
  expect([denied.status, denied.headers.get("x-accepted-github-permissions")]).toEqual([403, "contents=write"]);
});
