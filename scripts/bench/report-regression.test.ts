import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Comparison } from "@forgebench/artifacts";
import { buildComparison, buildEvidenceComparison, buildSummary } from "@forgebench/artifacts/testing";
import { type Fault, type StandIn, startStandIn } from "@forgebench/github-stand-in";
import { memoryIo } from "@forgebench/io";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { main } from "./report-regression.ts";

const TOKEN = "ghs_CanaryOfAlerts1234567890";
const REPO = "acme/tool";
const WRITE = { contents: "none", pullRequests: "none", issues: "write" } as const;
const BASE = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678";
const HEAD = "b1b2c3d4e5f60718293a4b5c6d7e8f9012345678";
const red = buildEvidenceComparison({
  "P2/batch-all/cold/wall": { verdict: "regressed" },
  "P1/batch-all/cold/wall": {},
});
const green = buildEvidenceComparison({ "P2/batch-all/cold/wall": {} });
const open = buildEvidenceComparison({ "P2/batch-all/cold/wall": { verdict: "undecided" } });

let folder: string;
let standIn: StandIn;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "report-regression-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  standIn = await startStandIn({
    accounts: {
      [TOKEN]: { login: "github-actions[bot]", kind: "Bot", permissions: WRITE },
      "t-mallory": { login: "mallory", permissions: WRITE },
      "t-reader": { login: "rita", permissions: { ...WRITE, issues: "read" } },
    },
    repositories: { [REPO]: {} },
  });
});
afterEach(() => standIn.stop());

async function night(runId: number, compared: Comparison, more: readonly string[] = [], token = TOKEN) {
  const file = path.join(folder, `compare-${runId}-${Math.random()}.json`);
  writeFileSync(file, JSON.stringify(compared));
  const io = memoryIo({ cwd: folder, env: { GITHUB_TOKEN: token } });
  const runUrl = `https://github.com/acme/tool/actions/runs/${runId}`;
  const args = ["--compare", file, "--repo", REPO, "--run-url", runUrl, "--api-url", standIn.apiUrl, ...more];
  return { exit: await main(args, io), outputs: io.stdoutText(), said: io.stderrText() };
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every kind
async function ask(route: string, json?: unknown): Promise<any> {
  const [method = "GET", where = ""] = route.split(" ");
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const headers = { authorization: "Bearer t-mallory" };
  const response = await fetch(`${standIn.apiUrl}/repos/${REPO}${where}`, { method, headers, ...body });
  return response.json();
}

/** Number, state, title, text, labels and comments of every issue, the oldest first. */
async function issues() {
  const found: { number: number; state: string; title: string; body: string; labels: { name: string }[] }[] = (
    await ask("GET /issues?state=all")
  ).toReversed();
  const comments = found.map(async ({ number }) => (await ask(`GET /issues/${number}/comments`)) as { body: string }[]);
  const said = await Promise.all(comments);
  return found.map((issue, index) => ({ ...issue, said: (said[index] ?? []).map(({ body }) => body) }));
}

describe("a line of nights", () => {
  it("opens one issue, comments on each further red night, and closes it when green", async () => {
    expect((await night(1, green, ["--close-when-green"])).outputs).toBe("ALERT=none\n");
    const shas = ["--base-sha", BASE, "--head-sha", HEAD];
    expect((await night(2, red, shas)).outputs).toMatch(/^ALERT=opened\nISSUE_URL=http\S+\/acme\/tool\/issues\/1\n$/);
    const [first] = await issues();
    expect(first).toMatchObject({
      state: "open",
      title: "Benchmark regression (nightly): P2/batch-all/cold/wall +6.8 %",
    });
    expect(first?.labels.map(({ name }) => name)).toEqual(["benchmark-regression"]);
    expect(first?.body.split("\n")[2]).toMatch(/^> \*\*Regression\.\*\* `P2\/batch-all\/cold\/wall` is 6\.8 % slower/);
    expect(first?.body).toContain("Commits: after `a1b2c3d4e5f6` up to `b1b2c3d4e5f6`");
    expect(first?.said).toEqual([]);

    expect((await night(3, red)).outputs).toContain("ALERT=updated\n");
    expect((await night(3, red)).outputs).toContain("ALERT=unchanged\n");
    expect((await night(2, red)).outputs).toContain("ALERT=later\n");
    expect((await issues())[0]?.said).toEqual([expect.stringContaining("run=3 -->")]);

    expect((await night(4, open, ["--close-when-green"])).outputs).toBe("ALERT=none\n");
    expect((await night(5, green)).outputs).toBe("ALERT=none\n");
    expect((await night(2, green, ["--close-when-green"])).outputs).toContain("ALERT=later\n");
    expect((await night(5, green, ["--close-when-green"])).outputs).toContain("ALERT=closed\nISSUE_URL=");
    expect((await night(5, green, ["--close-when-green"])).outputs).toBe("ALERT=none\n");
    const [closed] = await issues();
    expect([closed?.state, closed?.said.length, closed?.said[1]]).toEqual([
      "closed",
      2,
      expect.stringContaining("Closed by a green night"),
    ]);

    expect((await night(6, red)).outputs).toContain("/issues/2\n");
    expect((await issues()).map(({ state }) => state)).toEqual(["closed", "open"]);
  });

  it("has its own issue, and names what a bisection found", async () => {
    await night(1, red);
    await night(2, red, ["--line", "weekly"]);
    expect(await issues()).toHaveLength(2);
    await night(1, red, ["--culprit-sha", HEAD, "--confidence", "0.97"]);
    const [nightly, weekly] = await issues();
    expect(nightly?.body).toContain("Bisected: `b1b2c3d4e5f6` caused it, with 97.0 % confidence.");
    expect(weekly?.body).not.toContain("Bisected");
    expect((await night(1, red, ["--culprit-sha", HEAD])).exit).toBe(64);
  });

  it("names the commits that a bisection could not tell apart", async () => {
    await night(1, red, ["--base-sha", BASE, "--head-sha", HEAD]);
    const found = ["--suspects", `${BASE}..${HEAD}`, "--confidence", "0.95"];
    expect((await night(1, red, found)).outputs).toContain("ALERT=updated\n");
    expect((await night(1, red, found)).outputs).toContain("ALERT=unchanged\n");
    const [issue] = await issues();
    expect(issue?.body).toContain(
      "Bisected: one of the commits from `a1b2c3d4e5f6` up to `b1b2c3d4e5f6`, both included, caused it, with 95.0 % confidence " +
        "(`git log --first-parent a1b2c3d4e5f6^..b1b2c3d4e5f6`). The time was over, or commits between them could not be built or run.",
    );
    const wrong: [readonly string[], string][] = [
      [["--suspects", `${BASE}..${HEAD}`], "--confidence and one of"],
      [["--confidence", "0.95"], "--confidence and one of"],
      [[...found, "--culprit-sha", HEAD], "exclude one another"],
      [["--suspects", HEAD, "--confidence", "0.95"], "--suspects: "],
      [["--suspects", `${BASE}..${HEAD.slice(0, 12)}`, "--confidence", "0.95"], "--suspects: "],
      [["--suspects", `${BASE}..${HEAD} @acme/admins`, "--confidence", "0.95"], "--suspects: "],
      [["--suspects", `${BASE}..${HEAD}\n`, "--confidence", "0.95"], "--suspects: "],
    ];
    for (const [flags, message] of wrong) {
      expect(await night(1, red, flags)).toMatchObject({ exit: 64, said: expect.stringContaining(message) });
    }
    expect(await issues()).toEqual([issue]);
  });

  it("is not opened again by an older red night that comes late", async () => {
    await night(501, red);
    expect((await night(503, green, ["--close-when-green"])).outputs).toContain("ALERT=closed\n");
    for (const runId of [499, 502]) {
      expect((await night(runId, red)).outputs).toMatch(/^ALERT=later\nISSUE_URL=http\S+\/issues\/1\n$/);
    }
    expect(await issues()).toMatchObject([{ state: "closed", body: expect.stringContaining("run=501 -->") }]);
    expect((await night(502, red, ["--line", "weekly"])).outputs).toContain("ALERT=opened\n");
    expect((await night(504, red)).outputs).toMatch(/^ALERT=opened\n.*\/issues\/3\n$/);
  });

  it("is opened although a stranger's comment on the closed issue speaks of a later night", async () => {
    await night(1, red);
    await night(2, green, ["--close-when-green"]);
    await ask("POST /issues/1/comments", { body: "<!-- forgebench:night line=nightly run=999 -->" });
    expect((await night(3, red)).outputs).toContain("ALERT=opened\n");
  });

  it("leaves one issue of runs that start together, and after answers that were lost", async () => {
    const runs = Array.from({ length: 4 }, () => night(1, red));
    expect((await Promise.all(runs)).map(({ exit }) => exit)).toEqual([0, 0, 0, 0]);
    const all = await issues();
    expect(all.filter(({ state }) => state === "open")).toHaveLength(1);
    expect(all.slice(1).every(({ body }) => body.startsWith("Duplicate of #1"))).toBe(true);
  });

  it.each<[string, Fault]>([
    ["the issue", { method: "POST", match: /\/issues$/, how: { kind: "reset", afterWork: true } }],
    ["the text", { method: "PATCH", match: /\/issues\/1$/, how: { kind: "status", status: 502, afterWork: true } }],
    ["the comment", { method: "POST", match: /\/comments$/, how: { kind: "reset", afterWork: true } }],
  ])("is right although the answer to %s was lost", async (_what, fault) => {
    standIn.addFault(fault);
    await night(1, red);
    await night(2, red);
    expect(await issues()).toMatchObject([{ state: "open", said: [expect.stringContaining("run=2 -->")] }]);
  });

  it("waits for a limit in the middle, and after one that lasts it goes on where it was", async () => {
    await night(1, red);
    const ofText = { method: "PATCH", match: /\/issues\/1$/ } as const;
    standIn.addFault({ ...ofText, how: { kind: "status", status: 429, headers: { "retry-after": "0" } } });
    standIn.addFault({ method: "POST", match: /\/comments$/, how: { kind: "secondary-limit", retryAfterSeconds: 0 } });
    const waited = await night(2, red);
    expect([waited.exit, waited.said.match(/asks to wait/g)?.length]).toEqual([0, 2]);
    for (const how of [
      { kind: "status", status: 429, headers: { "retry-after": "3600" } },
      { kind: "rate-limit", resetSeconds: 3600 },
    ] as const) {
      standIn.addFault({ ...ofText, how });
      expect(await night(3, red)).toMatchObject({ exit: 69, outputs: "" });
    }
    expect((await night(3, red)).outputs).toContain("ALERT=updated");
    expect(await issues()).toMatchObject([
      {
        state: "open",
        body: expect.stringContaining("run=3 -->"),
        said: [expect.stringContaining("run=2 -->"), expect.stringContaining("run=3 -->")],
      },
    ]);
  });

  it("is closed by a second attempt of the same run that is green", async () => {
    await night(1, red);
    expect((await night(1, green, ["--close-when-green"])).outputs).toContain("ALERT=closed\n");
    expect(await issues()).toMatchObject([
      { state: "closed", said: [expect.stringContaining("Closed by a green night")] },
    ]);
  });

  it("goes on where a run was stopped between comment and text", async () => {
    await night(1, red);
    standIn.addFault({ method: "PATCH", match: /\/issues\/1$/, how: { kind: "status", status: 422 } });
    expect((await night(2, red)).exit).toBe(73);
    expect((await night(2, red)).outputs).toContain("ALERT=updated");
    expect(await issues()).toMatchObject([{ said: [expect.stringContaining("run=2 -->")] }]);
  });

  it("believes no green night without a cell, and no red one without an alert", async () => {
    await night(1, red);
    const nothing = buildEvidenceComparison({}, { outcome: "green" });
    expect(await night(2, nothing, ["--close-when-green"])).toMatchObject({ exit: 65, outputs: "" });
    expect(await night(2, { ...red, outcome: "green" }, ["--close-when-green"])).toMatchObject({
      exit: 65,
      outputs: "",
    });
    const { exit, said } = await night(2, { ...green, outcome: "regression" });
    expect([exit, said]).toEqual([65, expect.stringContaining('says "regression", but it is "green" by its 1 cell')]);
    expect(await issues()).toMatchObject([{ state: "open", said: [], body: expect.stringContaining("run=1 -->") }]);
  });

  it.each(["base", "head"] as const)("refuses a %s that was built from another commit than is said", async (arm) => {
    const file = path.join(folder, `${arm}-built.json`);
    const subject = { id: "5".repeat(64), commit: BASE };
    writeFileSync(file, JSON.stringify(buildSummary({ "P1/a": {} }, { subject })));
    const { exit, said } = await night(1, red, [`--${arm}-summary`, file, `--${arm}-sha`, HEAD]);
    expect([exit, await issues()]).toEqual([65, []]);
    expect(said).toContain(`${arm} was built from "${BASE}", but --${arm}-sha says "${HEAD}"`);
    expect((await night(1, red, [`--${arm}-summary`, file, `--${arm}-sha`, BASE])).exit).toBe(0);
  });

  it("names the permission that is missing", async () => {
    const { exit, said } = await night(1, red, [], "t-reader");
    expect([exit, said]).toEqual([
      73,
      expect.stringMatching(/Cannot make an issue of "acme\/tool"[\s\S]*issues: write/),
    ]);
  });

  it("is told under fixed thresholds too", async () => {
    await night(1, buildComparison({ "P1/a": { headMs: 900, alerts: ["cold"] } }));
    expect(await issues()).toMatchObject([{ title: "Benchmark regression (nightly): P1/a/cold +350.0 %" }]);
  });
});

describe("two lines", () => {
  const release = ["--line", "release"];
  const states = async () => (await issues()).map(({ title, state }) => `${title.split(":")[0]} ${state}`);
  const [nightly, weekly] = ["Benchmark regression (nightly)", "Benchmark regression (release)"];

  it("keep an issue each; a green night closes that of its own line alone", async () => {
    await night(1, red);
    await night(2, red, release);
    expect(await states()).toEqual([`${nightly} open`, `${weekly} open`]);
    expect((await night(3, green, ["--close-when-green", ...release])).outputs).toMatch(
      /ALERT=closed\n.*\/issues\/2\n/,
    );
    expect(await states()).toEqual([`${nightly} open`, `${weekly} closed`]);
    expect((await night(4, green, ["--close-when-green", ...release])).outputs).toBe("ALERT=none\n");
    await night(5, red, release);
    expect((await night(6, green, ["--close-when-green"])).outputs).toMatch(/ALERT=closed\n.*\/issues\/1\n/);
    expect(await states()).toEqual([`${nightly} closed`, `${weekly} closed`, `${weekly} open`]);
    const [first, , third] = await issues();
    expect([first?.said.length, third?.said.length]).toEqual([1, 0]);
    expect(third?.body).toContain("by every red night of the line `release`, and closed by the next green one");
  });

  it("of one run, which start together, are two issues, and no later run of one makes the other old", async () => {
    await Promise.all([night(7, red), night(7, red, release)]);
    expect((await states()).toSorted()).toEqual([`${nightly} open`, `${weekly} open`]);
    expect((await night(9, red)).outputs).toContain("ALERT=updated\n");
    expect((await night(8, red, release)).outputs).toContain("ALERT=updated\n");
    expect((await issues()).map(({ said }) => said.length)).toEqual([1, 1]);
  });

  it("are told apart also when the name of one begins with that of the other", async () => {
    await night(1, red, ["--line", "nightly-arm"]);
    expect((await night(2, green, ["--close-when-green"])).outputs).toBe("ALERT=none\n");
    expect((await night(3, red)).outputs).toContain("ALERT=opened\n");
  });
});

describe("what a stranger may try", () => {
  const EVIL =
    "$(id)`id`\n::set-output name=ISSUE_URL::x <script>alert(1)</script> @acme/admins #1 | <!-- x --> https://evil.example";

  it("names and output of the subject are text, and stand in no title", async () => {
    const cell = { verdict: "regressed", profileId: EVIL, scenario: EVIL, unit: EVIL, metric: EVIL, id: EVIL } as const;
    const failures = [{ profileId: "P1", scenario: "a", message: `run 3: exit 1: ${EVIL}` }];
    const head = path.join(folder, "summary.json");
    const validation = { passed: false, failureCount: 1, failures };
    writeFileSync(head, JSON.stringify(buildSummary({ "P1/a": {} }, { validation })));
    const evil = buildEvidenceComparison({ "P1/a/cold/wall": cell });
    const { exit, outputs, said } = await night(1, evil, ["--head-summary", head]);
    expect([exit, outputs.split("\n").length]).toEqual([0, 3]);
    expect(said).not.toMatch(/^\s*::/m);
    await night(2, evil, ["--head-summary", head]);
    const [issue] = await issues();
    expect(issue?.title).toBe("Benchmark regression (nightly): a cell +6.8 %");
    expect(issue?.body).toContain("Failed runs");
    for (const text of [issue?.body ?? "", ...(issue?.said ?? [])]) {
      const shown = text.replace(/^<!-- forgebench:\w+ line=nightly run=\d+ -->/, "").replace(/`[^`\n]*`/g, "");
      expect(shown).not.toMatch(/<(?!\/?(details|summary)>)|@[a-z]|#\d|(?<!\\):\/\/evil/);
    }
  });

  it("a short name with markup stands in no title either", async () => {
    const cell = { verdict: "regressed", id: "P1/`@acme`/#1/wall" } as const;
    await night(1, buildEvidenceComparison({ "P1/a/cold/wall": cell }));
    expect((await issues())[0]?.title).toBe("Benchmark regression (nightly): a cell +6.8 %");
  });

  it("issues and comments of others with our marks are not ours", async () => {
    const body = "<!-- forgebench:alert line=nightly run=999 -->";
    await ask("POST /issues", { title: "t", body, labels: ["benchmark-regression"] });
    expect((await night(1, red)).outputs).toContain("/issues/2\n");
    await ask("POST /issues/2/comments", { body: "<!-- forgebench:night line=nightly run=2 -->" });
    await night(2, red);
    expect((await issues()).map(({ state, said }) => [state, said.length])).toEqual([
      ["open", 0],
      ["open", 2],
    ]);
  });
});
