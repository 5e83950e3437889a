import { expect, it } from "vitest";
import { ask, started, TOKENS } from "./testing.ts";

it("tells unknown tokens, missing ones, and those that may not", async () => {
  const standIn = await started();
  const bad = await ask(standIn, "GET ", { headers: { authorization: "token nobody" } });
  expect([bad.status, bad.json]).toMatchObject([401, { message: "Bad credentials", status: "401" }]);
  expect((await ask(standIn, "GET ", { as: "old" })).status).toBe(401);
  const json = { tag_name: "v1" };
  const none = await ask(standIn, "POST /releases", { json });
  expect([none.status, none.json.message]).toEqual([401, "Requires authentication"]);
  const reader = await ask(standIn, "POST /releases", { as: "reader", json });
  expect([reader.status, reader.json.message]).toEqual([403, "Resource not accessible by personal access token"]);
  expect(reader.headers.get("x-accepted-github-permissions")).toBe("contents=write");
  const bot = await ask(standIn, "POST /releases", { as: "bot", json });
  expect([bot.status, bot.json.message]).toEqual([403, "Resource not accessible by integration"]);
  expect((await ask(standIn, `GET ${standIn.apiUrl}/user`)).status).toBe(401);
  expect((await ask(standIn, `GET ${standIn.apiUrl}/user`, { as: "bot" })).json).toMatchObject({
    login: "robot[bot]",
    type: "Bot",
  });
  const oldWord = await ask(standIn, "GET ", { headers: { authorization: `token ${TOKENS.writer}` } });
  expect(oldWord.status).toBe(200);
});

it("denies that a private repository is there to those who may not read it", async () => {
  const standIn = await started({ private: true });
  for (const as of [undefined, "stranger"] as const) {
    for (const what of ["GET ", "GET /releases", "POST /releases"]) {
      expect((await ask(standIn, what, as === undefined ? {} : { as })).status).toBe(404);
    }
  }
  expect((await ask(standIn, "GET ", { as: "reader" })).json.private).toBe(true);
  const issues = await ask(standIn, "GET /issues", { as: "bot" });
  expect([issues.status, issues.headers.get("x-accepted-github-permissions")]).toEqual([
    403,
    "issues=read; pull_requests=read",
  ]);
});

it("refuses requests without a user agent, and what is no JSON", async () => {
  const standIn = await started();
  const anonymous = await ask(standIn, "GET ", { headers: { "user-agent": "" } });
  expect([anonymous.status, anonymous.text]).toEqual([403, expect.stringContaining("User-Agent")]);
  const broken = await ask(standIn, "POST /releases", { as: "writer", body: "{" });
  expect([broken.status, broken.json.message]).toEqual([400, "Problems parsing JSON"]);
  const list = await ask(standIn, "POST /releases", { as: "writer", body: "[]" });
  expect([list.status, list.json.message]).toEqual([400, "Body should be a JSON object"]);
  expect((await ask(standIn, "GET ", { headers: { "x-github-api-version": "1999-01-01" } })).status).toBe(400);
  expect((await ask(standIn, "PUT /releases", { as: "writer" })).status).toBe(404);
});

it("sends callers of an old name on, and keeps their method", async () => {
  const standIn = await started({ renamedFrom: ["acme/website"] });
  const old = `${standIn.apiUrl}/repos/acme/website`;
  const read = await ask(standIn, `GET ${old}/releases?per_page=5`);
  expect([read.status, read.json.message]).toEqual([301, "Moved Permanently"]);
  const location = read.headers.get("location") ?? "";
  expect(location).toMatch(/\/repositories\/\d+\/releases\?per_page=5$/);
  expect((await ask(standIn, `GET ${location}`)).json).toEqual([]);
  expect((await ask(standIn, `POST ${old}/releases`, { as: "writer", json: { tag_name: "v1" } })).status).toBe(307);
  const git = await fetch(`${standIn.gitUrl}/acme/website.git/info/refs?service=git-upload-pack`, {
    redirect: "manual",
  });
  expect([git.status, git.headers.get("location")]).toEqual([
    301,
    `${standIn.gitUrl}/acme/site.git/info/refs?service=git-upload-pack`,
  ]);
});

it("records where each request went, and with which headers", async () => {
  const standIn = await started();
  await ask(standIn, "GET /releases?page=2", { as: "reader" });
  expect(standIn.requests.at(-1)).toMatchObject({
    method: "GET",
    url: "/repos/acme/site/releases?page=2",
    status: 200,
    host: new URL(standIn.apiUrl).host,
    headers: { authorization: `Bearer ${TOKENS.reader}` },
  });
});
