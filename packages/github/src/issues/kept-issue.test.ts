import type { Fault, StandIn } from "@forgebench/github-stand-in";
import { ask, started, TOKENS } from "@forgebench/github-stand-in/testing";
import { Credential } from "@forgebench/io";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GitHub, gitHubClient } from "../client/client.ts";
import { type KeptIssue, keepIssue, previewKeptIssue } from "./kept-issue.ts";

const SITE = "acme/site";
const kept: KeptIssue = {
  label: "governance",
  title: "Review 2026-03",
  isDone: false,
  body: "About.\n\n<!-- issue 2026-03 -->",
  comment: "Open.\n\n<!-- comment 2026-03 -->",
  marker: "<!-- issue 2026-03 -->",
  commentMarker: "<!-- comment 2026-03 -->",
};
const done: KeptIssue = { ...kept, isDone: true, comment: "Passed.\n\n<!-- comment 2026-03 -->" };

let standIn: StandIn;
const abort = new AbortController();

const client = (as: keyof typeof TOKENS = "writer"): GitHub =>
  gitHubClient({
    apiUrl: standIn.apiUrl,
    credential: new Credential(TOKENS[as], "SITE_TOKEN", standIn.apiUrl),
    signal: abort.signal,
    onWait: () => undefined,
    retryBaseMs: 1,
  });

beforeEach(async () => {
  standIn = await started();
});
afterEach(() => standIn.clearFaults());

async function seen() {
  const { json } = await ask(standIn, "GET /issues?state=all", { as: "writer" });
  const issues: { number: number; state: string; body: string; labels: { name: string }[] }[] = json.toReversed();
  const comments = await Promise.all(
    issues.map(async ({ number }) => (await ask(standIn, `GET /issues/${number}/comments`, { as: "writer" })).json),
  );
  return issues.map((issue, index) => ({ ...issue, said: comments[index].map(({ body }: { body: string }) => body) }));
}

const one = (state: string, comment: string) => [{ state, body: kept.body, said: [comment] }];

const HOWS: readonly (readonly [string, Fault["how"]])[] = [
  ["the answer is lost after the work", { kind: "reset", afterWork: true }],
  ["a gateway fails after the work", { kind: "status", status: 502, afterWork: true }],
  ["the connection breaks before", { kind: "reset" }],
  ["it is asked too often", { kind: "secondary-limit", retryAfterSeconds: 0 }],
];
const WRITES: readonly (readonly [string, RegExp])[] = [
  ["POST", /\/issues$/],
  ["POST", /\/comments$/],
  ["PATCH", /\/issues\/\d+$/],
  ["PATCH", /\/comments\/\d+$/],
];

describe("one issue with one comment", () => {
  it("is made, brought up to date, closed and opened again", async () => {
    await keepIssue(client(), SITE, kept);
    expect(await seen()).toMatchObject([{ ...one("open", kept.comment)[0], labels: [{ name: "governance" }] }]);
    await keepIssue(client(), SITE, done);
    expect(await seen()).toMatchObject(one("closed", done.comment));
    await keepIssue(client(), SITE, kept);
    expect(await seen()).toMatchObject(one("open", kept.comment));
  });

  it.each(
    WRITES.flatMap(([method, match]) =>
      HOWS.map(([why, how]) => [method, match.source, why, { method, match, how }] as const),
    ),
  )("is there although at %s %s %s", async (_method, _match, _why, fault) => {
    standIn.addFault({ ...fault, times: 2 });
    await keepIssue(client(), SITE, kept);
    standIn.addFault({ ...fault, times: 2 });
    await keepIssue(client(), SITE, done);
    expect(await seen()).toMatchObject(one("closed", done.comment));
  });

  it("is there after runs that ended at any write, when one runs to its end", async () => {
    for (const [method, match] of WRITES) {
      for (const afterWork of [true, false]) {
        standIn.addFault({ method, match, how: { kind: "status", status: 422, afterWork } });
        await keepIssue(client(), SITE, afterWork ? kept : done).catch(() => undefined);
      }
    }
    standIn.clearFaults();
    await keepIssue(client(), SITE, done);
    expect(await seen()).toMatchObject(one("closed", done.comment));
  });
});

describe("of several", () => {
  const make = (body: string, title = kept.title) =>
    ask(standIn, "POST /issues", { as: "writer", json: { title, body, labels: ["governance"] } });

  it("the oldest stays, the others become links to it and lose their mark", async () => {
    for (let count = 0; count < 3; count += 1) await make(kept.body);
    await make("another month <!-- issue 2026-02 -->");
    expect((await previewKeptIssue(client(), SITE, done)).steps).toEqual([
      "close #2 as a duplicate of #1",
      "close #3 as a duplicate of #1",
      "comment on #1",
      "close it",
    ]);
    await keepIssue(client(), SITE, kept);
    expect((await seen()).map(({ number, state, body }) => [number, state, body.slice(0, 15)])).toEqual([
      [1, "open", kept.body.slice(0, 15)],
      [2, "closed", "Duplicate of #1"],
      [3, "closed", "Duplicate of #1"],
      [4, "open", "another month <"],
    ]);
  });

  it("is closed with another reason where the server does not know the first", async () => {
    await make(kept.body);
    await make(kept.body);
    standIn.addFault({ method: "PATCH", match: /\/issues\/2$/, how: { kind: "status", status: 422 } });
    await keepIssue(client(), SITE, kept);
    expect((await seen())[1]).toMatchObject({ state: "closed", state_reason: "not_planned" });
  });

  it("runs that start at once leave one", async () => {
    await Promise.all(Array.from({ length: 6 }, () => keepIssue(client(), SITE, done)));
    const all = await seen();
    expect(all.filter(({ body }) => body.includes(kept.marker))).toMatchObject(one("closed", done.comment));
    expect(all.slice(1).every(({ state, body }) => state === "closed" && body.startsWith("Duplicate of #1"))).toBe(
      true,
    );
  });
});

describe("what may not be", () => {
  it("names the permission that is missing", async () => {
    const { error } = await keepIssue(client("reader"), SITE, kept).then(
      () => ({ error: undefined }),
      (error: unknown) => ({ error }),
    );
    expect(error).toMatchObject({
      failure: "output",
      message: expect.stringContaining(`Cannot make an issue of "${SITE}"`),
      details: [{ label: "need", text: expect.stringContaining("issues: write") }, { label: "token" }],
    });
  });

  it("reads nothing into a pull request or a stranger's comment that bears the mark", async () => {
    await standIn.pushCommit(SITE, { branch: "x", files: { a: "1" }, login: "wendy" });
    const pull = { head: "x", base: "main", title: "t", body: kept.body };
    await ask(standIn, "POST /pulls", { as: "writer", json: pull });
    await ask(standIn, "PATCH /issues/1", { as: "writer", json: { labels: ["governance"] } });
    expect((await keepIssue(client(), SITE, kept)).number).toBe(2);
  });
});
