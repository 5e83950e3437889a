import { runGit } from "@forgebench/git";
import { expect, it } from "vitest";
import type { StandIn } from "./stand-in.ts";
import { ask, started } from "./testing.ts";

const REQUEST = { head: "bench", base: "main", title: "Update the snapshot" };

const commitOn = (standIn: StandIn, branch: string, content: string) =>
  standIn.pushCommit("acme/site", { branch, files: { "data/latest.json": content }, login: "wendy" });

async function withPull() {
  const standIn = await started();
  const sha = await commitOn(standIn, "bench", "1\n");
  const answer = await ask(standIn, "POST /pulls", { as: "writer", json: REQUEST });
  return { standIn, sha, answer };
}

it("opens a pull request, one for a head and base, and tells its commits", async () => {
  const { standIn, sha, answer } = await withPull();
  expect([answer.status, answer.json]).toMatchObject([
    201,
    {
      number: 1,
      state: "open",
      head: { sha, ref: "bench", label: "acme:bench" },
      base: { ref: "main" },
    },
  ]);
  const second = await ask(standIn, "POST /pulls", { as: "writer", json: REQUEST });
  const message = "A pull request already exists for acme:bench.";
  expect([second.status, second.json.errors]).toEqual([422, [{ resource: "PullRequest", code: "custom", message }]]);
  const commits = (await ask(standIn, "GET /pulls/1/commits")).json;
  expect(commits).toMatchObject([{ sha, author: { login: "wendy" } }]);
  expect((await ask(standIn, "GET /pulls/1")).json).toMatchObject({ merged: false });
});

it.each([
  ["a head that is not there", { ...REQUEST, head: "nowhere" }, '"field":"head","code":"invalid"'],
  ["a base that is not there", { ...REQUEST, base: "nowhere" }, '"field":"base","code":"invalid"'],
  ["nothing new", { ...REQUEST, head: "main" }, "No commits between main and main"],
  ["no title", { head: "bench", base: "main" }, '"code":"missing_field","field":"title"'],
  [
    "a text that is too long",
    { ...REQUEST, body: "x".repeat(65_537) },
    "body is too long (maximum is 65536 characters)",
  ],
])("refuses a pull request with %s", async (_what, json, expected) => {
  const standIn = await started();
  await commitOn(standIn, "bench", "1\n");
  const answer = await ask(standIn, "POST /pulls", { as: "writer", json });
  expect([answer.status, answer.text]).toEqual([422, expect.stringContaining(expected)]);
});

it("filters by head with its owner, by base and by state", async () => {
  const { standIn } = await withPull();
  await commitOn(standIn, "other", "2\n");
  await ask(standIn, "POST /pulls", { as: "writer", json: { ...REQUEST, head: "other" } });
  const numbers = async (query: string) =>
    (await ask(standIn, `GET /pulls?${query}`)).json.map((one: { number: number }) => one.number);
  expect(await numbers("")).toEqual([2, 1]);
  expect(await numbers("head=acme:bench")).toEqual([1]);
  expect(await numbers("head=bench")).toEqual([2, 1]);
  expect(await numbers("base=elsewhere")).toEqual([]);
  await ask(standIn, "PATCH /pulls/1", { as: "writer", json: { state: "closed" } });
  expect(await numbers("state=closed")).toEqual([1]);
  expect(await numbers("state=all&per_page=1&page=2")).toEqual([1]);
});

it("keeps reviews with the commit that was seen, and says who merged", async () => {
  const { standIn, sha } = await withPull();
  await standIn.addReview("acme/site", 1, { login: "rita", state: "APPROVED" });
  const later = await commitOn(standIn, "bench", "2\n");
  expect((await ask(standIn, "GET /pulls/1/reviews")).json).toMatchObject([
    { user: { login: "rita" }, state: "APPROVED", commit_id: sha },
  ]);
  expect((await ask(standIn, "GET /pulls/1")).json.head.sha).toBe(later);
  const mergeSha = await standIn.mergePull("acme/site", 1, { login: "rita" });
  expect((await ask(standIn, "GET /pulls/1")).json).toMatchObject({
    state: "closed",
    merged: true,
    merged_by: { login: "rita" },
    merge_commit_sha: mergeSha,
  });
  expect((await ask(standIn, `GET /commits/${mergeSha}/pulls`)).json).toMatchObject([{ number: 1 }]);
});

it("closes a pull request whose branch goes or has nothing new, and reopens none", async () => {
  const { standIn } = await withPull();
  await standIn.deleteBranch("acme/site", "bench");
  expect((await ask(standIn, "GET /pulls/1")).json).toMatchObject({ state: "closed", merged: false });
  expect((await ask(standIn, "PATCH /pulls/1", { as: "writer", json: { state: "open" } })).status).toBe(422);
  await commitOn(standIn, "bench", "9\n");
  const second = await ask(standIn, "POST /pulls", { as: "writer", json: REQUEST });
  expect([second.status, second.json.number]).toEqual([201, 2]);
  const args = ["update-ref", "refs/heads/bench", "main"];
  await runGit(args, { cwd: standIn.bareFolder("acme/site"), env: { PATH: process.env.PATH } });
  await commitOn(standIn, "other", "1\n");
  expect((await ask(standIn, "GET /pulls/2")).json).toMatchObject({ state: "closed", merged: false });
});

it("takes a pull request of a fork, but of no stranger to its history", async () => {
  const repositories = { "fay/site": { forkOf: "acme/site" }, "eve/site": {} };
  const standIn = await started({}, { repositories });
  for (const owner of ["fay", "eve"]) {
    await standIn.pushCommit(`${owner}/site`, { branch: "idea", files: { a: "a" }, login: owner });
  }
  const open = (head: string) => ask(standIn, "POST /pulls", { as: "writer", json: { ...REQUEST, head } });
  const foreign = await open("eve:idea");
  expect([foreign.status, foreign.text]).toEqual([422, expect.stringContaining("entirely different")]);
  const made = await open("fay:idea");
  expect([made.status, made.json]).toMatchObject([
    201,
    { head: { label: "fay:idea", repo: { full_name: "fay/site" } } },
  ]);
  const sha = await standIn.pushCommit("fay/site", { branch: "idea", files: { b: "b" }, login: "fay" });
  expect((await ask(standIn, "GET /pulls?head=fay:idea")).json).toMatchObject([{ number: 1, head: { sha } }]);
});
