import { expect, it } from "vitest";
import { ask, started } from "./testing.ts";

const draftOf = (tag: string) =>
  ({ as: "writer", json: { tag_name: tag, draft: true, target_commitish: "main" } }) as const;

it("shows drafts to writers alone, by id and in lists, and to nobody by tag", async () => {
  const standIn = await started();
  const { status, json: draft } = await ask(standIn, "POST /releases", draftOf("v1"));
  expect([status, draft.draft]).toEqual([201, true]);
  expect(draft.html_url).toMatch(/\/releases\/tag\/untagged-[0-9a-f]+$/);
  for (const as of ["reader", "bot", undefined] as const) {
    const asking = as === undefined ? {} : { as };
    expect((await ask(standIn, "GET /releases", asking)).json).toEqual([]);
    expect((await ask(standIn, `GET /releases/${draft.id}`, asking)).status).toBe(404);
    expect((await ask(standIn, `GET /releases/${draft.id}/assets`, asking)).status).toBe(404);
  }
  expect((await ask(standIn, "GET /releases", { as: "writer" })).json).toHaveLength(1);
  expect((await ask(standIn, `GET /releases/${draft.id}`, { as: "writer" })).status).toBe(200);
  expect((await ask(standIn, "GET /releases/tags/v1", { as: "writer" })).status).toBe(404);
  expect((await ask(standIn, "GET /git/ref/tags/v1")).status).toBe(404);
});

it("makes the tag when a draft is published, and refuses a second published release of that tag", async () => {
  const standIn = await started();
  const first = (await ask(standIn, "POST /releases", draftOf("v1"))).json;
  const second = (await ask(standIn, "POST /releases", draftOf("v1"))).json;
  const published = await ask(standIn, `PATCH /releases/${first.id}`, { as: "writer", json: { draft: false } });
  expect(published.json).toMatchObject({ draft: false, tag_name: "v1" });
  const head = (await ask(standIn, "GET /git/ref/heads/main")).json.object;
  expect((await ask(standIn, "GET /git/ref/tags/v1")).json.object).toMatchObject({ type: "commit", sha: head.sha });
  const taken = {
    message: "Validation Failed",
    errors: [{ resource: "Release", code: "already_exists", field: "tag_name" }],
  };
  const again = await ask(standIn, `PATCH /releases/${second.id}`, { as: "writer", json: { draft: false } });
  expect([again.status, again.json]).toMatchObject([422, taken]);
  const other = await ask(standIn, "POST /releases", { as: "writer", json: { tag_name: "v1" } });
  expect([other.status, other.json]).toMatchObject([422, taken]);
  expect((await ask(standIn, "GET /releases/tags/v1")).json.id).toBe(first.id);
});

it("publishes one of 20 drafts of a tag that are published at once", async () => {
  const standIn = await started();
  const drafts = await Promise.all(Array.from({ length: 20 }, () => ask(standIn, "POST /releases", draftOf("v1"))));
  expect(new Set(drafts.map(({ json }) => json.id)).size).toBe(20);
  const answers = await Promise.all(
    drafts.map(({ json }) => ask(standIn, `PATCH /releases/${json.id}`, { as: "writer", json: { draft: false } })),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(19).fill(422)]);
});

it.each([
  ["a tag that git would refuse", { tag_name: "a..b" }, "tag_name is not well-formed"],
  ["a target that is not there", { tag_name: "v2", target_commitish: "nowhere" }, "tag_name is not a valid tag"],
  [
    "a draft for a target that is not there",
    { tag_name: "v2", draft: true, target_commitish: "nowhere" },
    "target_commitish",
  ],
  ["no tag", {}, `"tag_name" wasn't supplied`],
  ["a tag that is a number", { tag_name: 2 }, "For 'properties/tag_name', 2 is not a string."],
  ["a draft that is a text", { tag_name: "v2", draft: "yes" }, "is not a boolean."],
  ["a text that is too long", { tag_name: "v2", body: "x".repeat(125_001) }, "body is too long"],
])("refuses %s", async (_what, json, expected) => {
  const standIn = await started();
  const answer = await ask(standIn, "POST /releases", { as: "writer", json });
  expect([answer.status, JSON.stringify(answer.json).replaceAll("\\", "")]).toEqual([
    422,
    expect.stringContaining(expected),
  ]);
  expect((await ask(standIn, "GET /releases", { as: "writer" })).json).toEqual([]);
});

it("keeps the tag of a deleted release", async () => {
  const standIn = await started();
  const { json } = await ask(standIn, "POST /releases", { as: "writer", json: { tag_name: "v1" } });
  expect((await ask(standIn, `DELETE /releases/${json.id}`, { as: "writer" })).status).toBe(204);
  expect((await ask(standIn, "GET /releases/tags/v1")).status).toBe(404);
  expect((await ask(standIn, "GET /git/ref/tags/v1")).status).toBe(200);
});

it("gives lists page by page, with links", async () => {
  const standIn = await started();
  for (let count = 0; count < 5; count += 1) await ask(standIn, "POST /releases", draftOf(`v${count}`));
  const middle = await ask(standIn, "GET /releases?per_page=2&page=2", { as: "writer" });
  expect(middle.json.map((one: { tag_name: string }) => one.tag_name)).toEqual(["v2", "v1"]);
  const link = middle.headers.get("link") ?? "";
  expect(link).toContain(`<${standIn.apiUrl}/repos/acme/site/releases?per_page=2&page=3>; rel="next"`);
  const last = await ask(standIn, "GET /releases?per_page=2&page=3", { as: "writer" });
  expect(last.json).toHaveLength(1);
  expect(last.headers.get("link")).toBeNull();
  expect((await ask(standIn, "GET /releases?per_page=1000", { as: "writer" })).headers.get("link")).toBeNull();
});
