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

it("opens a pull request, one for a head and base, and tells its files and commits", async () => {
  const { standIn, sha, answer } = await withPull();
  expect([answer.status, answer.json]).toMatchObject([
    201,
    {
      number: 1,
      state: "open",
      mergeable: null,
      head: { sha, ref: "bench", label: "acme:bench" },
      base: { ref: "main" },
    },
  ]);
  const second = await ask(standIn, "POST /pulls", { as: "writer", json: REQUEST });
  const message = "A pull request already exists for acme:bench.";
  expect([second.status, second.json.errors]).toEqual([422, [{ resource: "PullRequest", code: "custom", message }]]);
  const [file] = (await ask(standIn, "GET /pulls/1/files")).json;
  expect(file).toMatchObject({ filename: "data/latest.json", status: "added", additions: 1, deletions: 0 });
  const commits = (await ask(standIn, "GET /pulls/1/commits")).json;
  expect(commits).toMatchObject([{ sha, author: { login: "wendy" } }]);
  expect((await ask(standIn, "GET /pulls/1")).json).toMatchObject({
    mergeable: true,
    merged: false,
    commits: 1,
    changed_files: 1,
  });
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
    ...{ state: "closed", merged: true, merged_by: { login: "rita" }, merge_commit_sha: mergeSha },
  });
  expect((await ask(standIn, `GET /commits/${mergeSha}/pulls`)).json).toMatchObject([{ number: 1 }]);
  const reopened = await ask(standIn, "PATCH /pulls/1", { as: "writer", json: { state: "open" } });
  expect([reopened.status, reopened.text]).toEqual([422, expect.stringContaining("was merged")]);
});

it("closes a pull request whose branch goes or has nothing new, and reopens only what can be", async () => {
  const { standIn } = await withPull();
  await standIn.deleteBranch("acme/site", "bench");
  expect((await ask(standIn, "GET /pulls/1")).json).toMatchObject({ state: "closed", merged: false });
  const open = { as: "writer", json: { state: "open" } } as const;
  expect((await ask(standIn, "PATCH /pulls/1", open)).text).toContain("has been deleted");
  await commitOn(standIn, "bench", "9\n");
  expect((await ask(standIn, "PATCH /pulls/1", open)).text).toContain("force-pushed or recreated");
  const second = await ask(standIn, "POST /pulls", { as: "writer", json: REQUEST });
  expect([second.status, second.json.number]).toEqual([201, 2]);
  const main = (await ask(standIn, "GET /git/ref/heads/main")).json.object.sha;
  const rewound = await ask(standIn, "PATCH /git/refs/heads/bench", { as: "writer", json: { sha: main, force: true } });
  expect(rewound.status).toBe(200);
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

it("asks people for reviews, but not the author", async () => {
  const { standIn } = await withPull();
  const ask1 = (reviewers: string[]) =>
    ask(standIn, "POST /pulls/1/requested_reviewers", { as: "writer", json: { reviewers } });
  expect((await ask1(["wendy"])).status).toBe(422);
  expect((await ask1(["rita"])).json.requested_reviewers).toMatchObject([{ login: "rita" }]);
});
