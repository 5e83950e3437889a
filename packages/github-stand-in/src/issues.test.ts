import { expect, it } from "vitest";
import { ask, started } from "./testing.ts";

it("counts issues and pull requests together and lists both as issues", async () => {
  const standIn = await started();
  await standIn.pushCommit("acme/site", { branch: "bench", files: { a: "a" }, login: "wendy" });
  const first = await ask(standIn, "POST /issues", { as: "writer", json: { title: "Slower", labels: ["regression"] } });
  expect([first.status, first.json]).toMatchObject([201, { number: 1, labels: [{ name: "regression" }] }]);
  const pull = await ask(standIn, "POST /pulls", {
    as: "writer",
    json: { head: "bench", base: "main", title: "Sync" },
  });
  expect(pull.json.number).toBe(2);
  const listed = (await ask(standIn, "GET /issues")).json;
  expect(
    listed.map((one: { number: number; pull_request?: object }) => [one.number, one.pull_request !== undefined]),
  ).toEqual([
    [2, true],
    [1, false],
  ]);
  expect((await ask(standIn, "GET /issues?labels=regression")).json).toHaveLength(1);
  expect((await ask(standIn, "GET /issues?labels=regression,other")).json).toEqual([]);
});

it("changes title, text, state and labels", async () => {
  const standIn = await started();
  await ask(standIn, "POST /issues", { as: "writer", json: { title: "One" } });
  const json = { title: "Two", body: "text", state: "closed", state_reason: "not_planned", labels: ["Bench", "new"] };
  const changed = await ask(standIn, "PATCH /issues/1", { as: "writer", json });
  expect(changed.json).toMatchObject({ title: "Two", state: "closed", state_reason: "not_planned" });
  expect((await ask(standIn, "GET /issues")).json).toEqual([]);
  expect((await ask(standIn, "GET /issues?state=closed")).json).toHaveLength(1);
  const again = await ask(standIn, "POST /issues", { as: "writer", json: { title: "Three", labels: ["bench"] } });
  expect(again.json.labels).toEqual([{ name: "Bench" }]);
});

it("keeps comments, up to the length that GitHub stores", async () => {
  const standIn = await started();
  await ask(standIn, "POST /issues", { as: "writer", json: { title: "One" } });
  const write = (body: string) => ask(standIn, "POST /issues/1/comments", { as: "writer", json: { body } });
  const kept = await write("x".repeat(65_536));
  expect(kept.status).toBe(201);
  expect((await write("x".repeat(65_537))).status).toBe(422);
  expect((await write(" ")).status).toBe(422);
  const other = (await write("second")).json;
  const changed = await ask(standIn, `PATCH /issues/comments/${other.id}`, { as: "writer", json: { body: "third" } });
  expect(changed.json.body).toBe("third");
  expect((await ask(standIn, "GET /issues/1/comments?per_page=1&page=2")).json).toMatchObject([{ body: "third" }]);
  expect((await ask(standIn, `DELETE /issues/comments/${other.id}`, { as: "writer" })).status).toBe(204);
  expect((await ask(standIn, "GET /issues/1")).json.comments).toBe(1);
});

it("gives 20 issues at once 20 numbers", async () => {
  const standIn = await started();
  const made = await Promise.all(
    Array.from({ length: 20 }, (_value, index) =>
      ask(standIn, "POST /issues", { as: "writer", json: { title: `${index}` } }),
    ),
  );
  expect(new Set(made.map(({ json }) => json.number)).size).toBe(20);
});

it("refuses issues without a title, of a reader, and of nobody", async () => {
  const standIn = await started();
  expect((await ask(standIn, "POST /issues", { as: "writer", json: {} })).status).toBe(422);
  const reader = await ask(standIn, "POST /issues", { as: "reader", json: { title: "x" } });
  expect([reader.status, reader.headers.get("x-accepted-github-permissions")]).toEqual([403, "issues=write"]);
  expect((await ask(standIn, "POST /issues", { json: { title: "x" } })).status).toBe(401);
});
