import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { governanceReview, nonCanonicalReasons, parseArtifact, type SiteSnapshot } from "@forgebench/artifacts";
import { SITE_FILES } from "@forgebench/github";
import { type StandIn, startStandIn } from "@forgebench/github-stand-in";
import { memoryIo, PROJECT_ROOT, sha256Of } from "@forgebench/io";
import { planSiteUpdate, SITE_SYNC_MARKER } from "@forgebench/site";
import { buildSnapshot } from "@forgebench/site/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { main } from "./review-governance.ts";

const TOKEN = "ghp_CanaryOfGovernance1234567890";
const NONE = { contents: "none", pullRequests: "none", issues: "none" } as const;
const WRITE = { contents: "write", pullRequests: "write", issues: "write" } as const;
const SITE = "acme/site";
const NOW = "2026-03-12T00:00:00.000Z";
const PROFILES = [
  { id: "P1", formats: "webp", quality: 80, blur: true, widths: null },
  { id: "P2", formats: "webp,avif", quality: 80, blur: true, widths: null },
  { id: "P3", formats: "webp,avif", quality: 80, blur: true, widths: "320,640,960,1280" },
];
const benchmark = {
  profiles: PROFILES,
  scenarios: [{ name: "batch-all", expectedTotal: 200 }],
  headline: { profileId: "P2", scenario: "batch-all" },
};
const snapshotOf = (runId: number, rest: object = {}, generatedAt = "2026-03-10T03:00:00.000Z") =>
  buildSnapshot({ runId, generatedAt, rest: { benchmark, ...rest } });
const latest = snapshotOf(22036204221);

let folder: string;
let history: string;
let standIn: StandIn;
let clock: Date;
let web: http.Server;
let page: { html: string; statuses: Record<string, number> };
let webUrl: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "review-governance-"));
  history = path.join(folder, "history");
  writeNights(history, 10);
  web = http.createServer((request, response) => {
    const target = request.url ?? "";
    expect(request.headers.authorization).toBeUndefined();
    response.writeHead(target === "/benchmarks/latest" ? 200 : (page.statuses[target] ?? 404));
    response.end(target === "/benchmarks/latest" ? page.html : "");
  });
  await new Promise<void>((done) => web.listen(0, "127.0.0.1", done));
  webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
});
afterAll(() => {
  web.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  clock = new Date("2026-03-10T04:00:00Z");
  page = { html: pageOf(latest.snapshotId), statuses: { "/run": 200, "/moved": 301 } };
  standIn = await startStandIn({
    accounts: {
      [TOKEN]: { login: "sync[bot]", kind: "Bot", permissions: WRITE },
      "t-reader": { login: "rita", permissions: { ...WRITE, issues: "read" } },
      "t-alice": { login: "alice", permissions: WRITE },
      "t-none": { login: "nobody", permissions: NONE },
    },
    repositories: { [SITE]: {}, "acme/tool": {} },
    now: () => clock,
  });
});
afterEach(async () => {
  await standIn.stop();
});

function pageOf(snapshotId: string, more = ""): string {
  return `<h1>Benchmarks</h1><p>Snapshot ${snapshotId}</p><a href="/run">run</a> <a class=x href='/moved'>data</a>${more}`;
}

/** Nights that checked themselves, the first of them in another month; none on the first of this one. */
function writeNights(dir: string, count: number): void {
  mkdirSync(path.join(dir, "nights"), { recursive: true });
  const lines: string[] = [];
  for (let night = 0; night <= count; night += 1) {
    const last = lines.at(-1);
    const previousSha256 = last === undefined ? null : sha256Of(last);
    const recordedAt = new Date(Date.UTC(2026, 1, night === 0 ? 28 : 29 + night, 3)).toISOString();
    const sha = "7d1a8c2be0f94b5d8d3cf0a1b2c3d4e5f6071829";
    const record = {
      kind: "night-record",
      version: "1.0",
      runId: `${1000 + night}`,
      runAttempt: 1,
      recordedAt,
      event: "schedule",
      refName: "main",
      headSha: sha,
      baseSha: null,
      baseReason: null,
      outcome: "green",
      machine: null,
      dataset: null,
      suite: null,
      bundle: null,
      controls: "passed",
      cells: [],
      previousSha256,
    };
    lines.push(JSON.stringify(record));
  }
  writeFileSync(path.join(dir, "nights", "000001.jsonl"), lines.map((line) => `${line}\n`).join(""));
}

function filesOf(snapshot: SiteSnapshot, ...older: readonly SiteSnapshot[]): Record<string, string> {
  const snapshots = [snapshot, ...older];
  const update = planSiteUpdate({ snapshots, published: {}, retention: 20, objections: nonCanonicalReasons });
  const text = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  return { [SITE_FILES.latest]: text(snapshot), [SITE_FILES.history]: text(update.history) };
}

interface Published {
  readonly snapshot?: SiteSnapshot;
  readonly reviewer?: string;
  readonly author?: string;
  readonly mergedBy?: string;
  readonly committer?: string;
  readonly afterReview?: () => Promise<unknown>;
}

/** A sync as it should be, but for what is given: pushed, reviewed, merged. */
async function publish(how: Published = {}): Promise<number> {
  const { snapshot = latest, reviewer = "alice", author = TOKEN, mergedBy = "alice", committer = "sync[bot]" } = how;
  await standIn.pushCommit(SITE, { branch: "bench", files: filesOf(snapshot), login: committer });
  const made = await fetch(`${standIn.apiUrl}/repos/${SITE}/pulls`, {
    method: "POST",
    headers: { authorization: `Bearer ${author}`, "user-agent": "test" },
    body: JSON.stringify({ head: "bench", base: "main", title: "Sync", body: SITE_SYNC_MARKER }),
  });
  const { number } = (await made.json()) as { number: number };
  await standIn.addReview(SITE, number, { login: reviewer, state: "APPROVED" });
  await how.afterReview?.();
  await standIn.mergePull(SITE, number, { login: mergedBy });
  return number;
}

let runs = 0;

async function review(flags: readonly string[] = [], token: string | undefined = TOKEN, now = NOW) {
  const cwd = path.join(folder, `run-${++runs}`);
  mkdirSync(cwd, { recursive: true });
  const env = token === undefined ? {} : { IMAGEFORGE_SITE_SYNC_TOKEN: token };
  const io = memoryIo({ cwd, env, now: () => new Date(now) });
  const outputs = ["--out-json", "out/review.json", "--out-md", "out/review.md"];
  const pageUrl = `${webUrl}/benchmarks/latest`;
  const usual = ["--site-repo", SITE, "--api-url", standIn.apiUrl, "--history", history, "--page-url", pageUrl];
  const given = new Set(flags.filter((flag) => flag.startsWith("--")));
  const kept = usual.filter((_, index) => !given.has(usual[index - (index % 2)] ?? ""));
  const exit = await main([...kept, ...outputs, ...flags.filter((flag) => flag !== "")], io);
  expect(io.stdoutText() + io.stderrText()).not.toContain(TOKEN);
  const read = (name: string) => readFileSync(path.join(cwd, "out", name), "utf8");
  const found = () => parseArtifact(governanceReview, read("review.json"), "review.json");
  const open = () =>
    found().checks.flatMap(({ id, status, detail }) => (status === "pass" ? [] : [{ id, status, detail }]));
  return { exit, io, found, open, read, stderr: io.stderrText(), stdout: io.stdoutText() };
}

interface IssueSeen {
  readonly number: number;
  readonly state: string;
  readonly state_reason: string | null;
  readonly body: string;
  readonly title: string;
}

async function get<T>(where: string): Promise<T> {
  const headers = { authorization: `Bearer ${TOKEN}`, "user-agent": "test" };
  return (await (await fetch(`${standIn.apiUrl}/repos/${where}`, { headers })).json()) as T;
}

async function issues(repository = SITE): Promise<IssueSeen[]> {
  const all = await get<(IssueSeen & { pull_request?: object })[]>(`${repository}/issues?state=all&per_page=100`);
  return all.filter((issue) => issue.pull_request === undefined).sort((a, b) => a.number - b.number);
}

async function comments(number: number, repository = SITE): Promise<{ id: number; body: string }[]> {
  return get(`${repository}/issues/${number}/comments`);
}

async function post(where: string, body: object, token = TOKEN, method = "POST"): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "user-agent": "test" };
  const response = await fetch(`${standIn.apiUrl}/repos/${where}`, { method, headers, body: JSON.stringify(body) });
  expect(response.status).toBeLessThan(300);
}

const writes = () => standIn.requests.filter(({ method }) => method !== "GET" && method !== "HEAD");

describe("a month in which all is right", () => {
  it("passes, says it in one issue with one comment, and closes it", async () => {
    await publish();
    const first = await review();
    expect([first.open(), first.exit]).toEqual([[], 0]);
    expect(first.stdout).toContain("GOVERNANCE=passed");
    expect(first.found()).toMatchObject({
      period: "2026-03",
      passed: true,
      pullRequestUrl: expect.stringMatching(/\/pull\/1$/),
    });
    expect(first.found().rates.falseAlarms).toMatchObject({ count: 0, total: 10 });
    const [issue, ...others] = await issues();
    expect([issue, others]).toMatchObject([{ state: "closed", state_reason: "completed" }, []]);
    expect(first.stdout).toContain(`/issues/${issue?.number}`);
    const again = await review();
    expect([again.exit, (await issues()).length]).toEqual([0, 1]);
    const said = await comments(issue?.number ?? 0);
    expect([said.length, said[0]?.body]).toEqual([1, expect.stringContaining("**Passed.**")]);
  });

  it("in a dry run asks and says, and sends nothing that writes", async () => {
    await publish();
    const before = writes().length;
    const dry = await review(["--dry-run"], undefined);
    expect([dry.exit, dry.stdout.includes("GOVERNANCE_ISSUE_URL"), writes().length - before]).toEqual([0, false, 0]);
    expect((await review(["--dry-run"], "")).exit).toBe(0);
    expect(dry.stderr).toContain('would: make the issue "Benchmark governance 2026-03"');
    expect(dry.read("review.md")).toContain("# Benchmark governance 2026-03");
    await review();
    const after = writes().length;
    const second = await review(["--dry-run"]);
    expect([second.stdout.includes("GOVERNANCE_ISSUE_URL"), writes().length - after]).toEqual([true, 0]);
    expect(second.stderr).toMatch(/would: update the comment of #\d/);
  });

  it("finds the pull request by its mark too, and keeps the issue where it is told", { tags: ["slow"] }, async () => {
    await publish();
    for (const files of [filesOf(snapshotOf(7)), filesOf(latest)]) {
      await standIn.pushCommit(SITE, { branch: "main", files, login: "alice" });
    }
    const result = await review(["--repo", "acme/tool"]);
    expect([result.open(), await issues(), (await issues("acme/tool")).length]).toEqual([[], [], 1]);
  });
});

describe("what is wrong is named", () => {
  it.each<[string, string, string, Published]>([
    ["a bot that merged", "merged", "is not a person", { mergedBy: "sync[bot]" }],
    ["an author's own approval", "reviewed", "nobody but", { author: "t-alice" }],
    ["an approval by who wrote the commit", "reviewed", "nobody but", { committer: "alice" }],
    ["a bot's approval", "reviewed", "nobody but", { reviewer: "sync[bot]" }],
  ])("%s", async (_, id, detail, how) => {
    await publish(how);
    const result = await review();
    expect(result.open()).toEqual([{ id, status: "fail", detail: expect.stringMatching(detail) }]);
    expect([result.exit, result.stdout.includes("GOVERNANCE=failed")]).toEqual([2, true]);
    expect((await issues())[0]).toMatchObject({ state: "open" });
  });

  it("what is not as the standard says, and what the page shows", async () => {
    await publish();
    const cases: readonly [string, RegExp, readonly string[], string?][] = [
      ["fresh", /1\.9 days old; 1 are allowed/, ["--max-age-days", "1"]],
      ["tier", /tier200 is not tier500/, ["--tier", "tier500"]],
      ["runner", /ubuntu-24.04 is not ubuntu-30.04/, ["--runner", "ubuntu-30.04"]],
      ["dataset-version", /1.0.0 is not 2.0.0/, ["--dataset-versions", "2.0.0"]],
      ["page", /shows 22036200000.1/, [], pageOf("22036200000.1")],
      ["links", /\/gone \(404\)/, [], pageOf(latest.snapshotId, '<a href="/gone">x</a>')],
    ];
    for (const [id, detail, flags, html = pageOf(latest.snapshotId)] of cases) {
      page.html = html;
      const result = await review(["--dry-run", ...flags]);
      expect([result.open(), result.exit]).toEqual([
        [{ id, status: "fail", detail: expect.stringMatching(detail) }],
        2,
      ]);
    }
  });

  it("an approval that the bot's later push made stale", async () => {
    const files = filesOf(snapshotOf(22036204221, { owner: "somebody else" }));
    const push = () => standIn.pushCommit(SITE, { branch: "bench", files, login: "sync[bot]" });
    await publish({ afterReview: push });
    const result = await review();
    expect(result.open()).toEqual([
      { id: "reviewed", status: "fail", detail: expect.stringMatching(/approved \w+, but \w+ was/) },
    ]);
  });

  it("figures that were changed past any pull request", async () => {
    await publish();
    const files = filesOf(snapshotOf(22036204221, { owner: "somebody else" }));
    await standIn.pushCommit(SITE, { branch: "main", files, login: "alice" });
    const result = await review();
    expect(result.open().map(({ id, status }) => [id, status])).toEqual([
      ["reviewed", "unknown"],
      ["merged", "unknown"],
    ]);
    expect([result.exit, result.stdout.includes("GOVERNANCE=unknown")]).toEqual([3, true]);
  });

  it("a history that cannot be read", async () => {
    await publish();
    await standIn.pushCommit(SITE, { branch: "main", files: { [SITE_FILES.history]: "{ nothing" }, login: "alice" });
    const result = await review();
    expect(result.open().map(({ id, status }) => `${id} ${status}`)).toEqual(["readable fail", "history unknown"]);
    expect([result.exit, result.open()[0]?.detail]).toEqual([2, expect.stringContaining("history.json")]);
  });

  it("that nights did not run, date by date", async () => {
    await publish();
    const silent = path.join(folder, "silent");
    writeNights(silent, 6);
    const result = await review(["--history", silent]);
    const detail = expect.stringContaining("missing: 2026-03-01, 2026-03-08 to 2026-03-11; the newest 4 in a row");
    expect([result.open(), result.exit]).toEqual([[{ id: "nights", status: "fail", detail }], 2]);
    const [issue] = await issues();
    expect((await comments(issue?.number ?? 0))[0]?.body).toContain("A night was recorded each day");
  });

  it("that nothing was published at all, or nobody looked", async () => {
    const nothing = await review();
    expect(nothing.exit).toBe(3);
    expect(nothing.found()).toMatchObject({ passed: false, snapshot: null, pullRequestUrl: null });
    await publish();
    const io = memoryIo({ cwd: folder, env: { IMAGEFORGE_SITE_SYNC_TOKEN: TOKEN }, now: () => new Date(NOW) });
    const flags = ["--site-repo", SITE, "--api-url", standIn.apiUrl, "--out-json", "a.json", "--out-md", "a.md"];
    expect(await main(flags, io)).toBe(3);
  });
});

it("reviews the month of yesterday, and knows when the workflow starts a night", { tags: ["slow"] }, async () => {
  await publish();
  const first = await review(["--dry-run"], undefined, "2026-04-01T06:17:00.000Z");
  expect([first.found().period, first.found().nights?.dueCount]).toEqual(["2026-03", 31]);
  const workflow = readFileSync(path.join(PROJECT_ROOT, ".github/workflows/benchmark-ci.yml"), "utf8");
  const starts = [...workflow.matchAll(/- cron: "(\d+) (\d+) \* \* \*"/g)].map(
    ([, minute, hour]) => `0${hour}:${minute}`,
  );
  const help = memoryIo({ cwd: folder });
  await main(["--help"], help);
  expect(new Set(starts).size).toBe(1);
  expect(help.stdoutText()).toMatch(new RegExp(`--night-start HH:MM .*\\(${starts[0]}\\)`));
});

describe("the issue of a month", () => {
  it("is reopened when a check fails, also when a person closed it, and closed again", async () => {
    await publish();
    const bad = ["--runner", "other"];
    await review(bad);
    const [issue] = await issues();
    await post(`${SITE}/issues/${issue?.number}`, { state: "closed" }, "t-alice", "PATCH");
    await review(bad);
    expect((await issues())[0]).toMatchObject({ state: "open", number: issue?.number });
    await review();
    expect((await issues())[0]).toMatchObject({ state: "closed", number: issue?.number });
    await review(bad);
    const all = await issues();
    expect([all.length, all[0]?.state, (await comments(issue?.number ?? 0)).length]).toEqual([1, "open", 1]);
  });

  it("is one of its own for each month", { tags: ["slow"] }, async () => {
    await publish();
    await review(["--period", "2026-02"]);
    await review();
    expect((await issues()).map(({ title }) => title)).toEqual([
      "Benchmark governance 2026-02",
      "Benchmark governance 2026-03",
    ]);
  });

  it("is one, with one comment, whoever starts at the same moment", async () => {
    await publish();
    const results = await Promise.all(Array.from({ length: 5 }, () => review()));
    expect(results.map(({ exit }) => exit)).toEqual([0, 0, 0, 0, 0]);
    const all = await issues();
    const [first, ...duplicates] = all.filter(({ title }) => title.includes("2026-03"));
    expect(first).toMatchObject({ state: "closed", state_reason: "completed" });
    expect((await comments(first?.number ?? 0)).length).toBe(1);
    for (const { body, state, state_reason: reason } of duplicates) {
      expect([body.startsWith(`Duplicate of #${first?.number}`), state, reason]).toEqual([true, "closed", "duplicate"]);
    }
  });

  it("does not take the mark in a stranger's comment for its own", async () => {
    await publish();
    await review();
    const [issue] = await issues();
    const [own] = await comments(issue?.number ?? 0);
    await post(`${SITE}/issues/${issue?.number}/comments`, { body: own?.body ?? "" }, "t-alice");
    await review(["--runner", "other"]);
    const said = await comments(issue?.number ?? 0);
    expect(said.map(({ body }) => body.includes("**Open.**"))).toEqual([true, false]);
  });

  it("is one although the answers to what makes it are lost", async () => {
    await publish();
    standIn.addFault({ method: "POST", match: /\/issues$/, how: { kind: "reset", afterWork: true } });
    expect((await review()).exit).toBe(0);
    const [issue, ...others] = await issues();
    expect([issue?.state, others, (await comments(issue?.number ?? 0)).length]).toEqual(["closed", [], 1]);
  });

  it("cannot be kept without its permission, which is named; the review is written all the same", async () => {
    await publish();
    const result = await review([], "t-reader");
    expect([result.exit, result.stdout]).toEqual([73, ""]);
    expect(result.stderr).toMatch(/Cannot make an issue of "acme\/site"[\s\S]*need +issues: write/);
    expect(result.found().passed).toBe(true);
  });
});

it("writes no markup, mention or address that a snapshot or a login asks for", async () => {
  const evil = "<img src=x onerror=1> @octocat [x](https://evil.example) | #1 <!-- a";
  const source = { ...latest.source, runner: evil, datasetVersion: evil, refName: evil };
  await publish({ snapshot: snapshotOf(22036204221, { source }), mergedBy: "<b>@evil[bot]" });
  const result = await review();
  expect(result.exit).toBe(2);
  const [issue] = await issues();
  const [comment] = await comments(issue?.number ?? 0);
  for (const text of [comment?.body ?? "", result.read("review.md")]) {
    expect(text).not.toMatch(/<(?!!-- forgebench)|@[a-z]|[^\\]\]\(https:\/\/evil|#1\b/);
    expect(text).toContain("octocat");
  }
});

it.each([
  ["not-an-address", "it is no address"],
  ["http://example.org/latest", "plain http is only for this machine"],
  ["https://user:secret@example.org/", "holds a user or a password"],
])("does not ask %s for the page", async (url, problem) => {
  const result = await review(["--page-url", url]);
  expect([result.exit, result.stderr]).toEqual([64, expect.stringContaining(problem)]);
});
