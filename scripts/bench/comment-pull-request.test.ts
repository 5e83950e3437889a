import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Comparison, comparison as comparisonKind } from "@forgebench/artifacts";
import { buildComparison, buildEvidenceComparison, buildSummary } from "@forgebench/artifacts/testing";
import { type Fault, type StandIn, startStandIn } from "@forgebench/github-stand-in";
import { memoryIo } from "@forgebench/io";
import { COMMENT_MARKER } from "@forgebench/report";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { main } from "./comment-pull-request.ts";

const TOKEN = "ghs_CanaryOfComments1234567890";
const FORKER = "t-mallory";
const REPO = "acme/tool";
const FORK = "mallory/tool";
const ALL = { contents: "write", pullRequests: "write", issues: "write" } as const;
const RUN = 7001;

/** What a terminal or a reader would act on, but for line ends. */
const CONTROL = /[^\P{Cc}\n]|[\u202a-\u202e]/u;
/** What the runner of a workflow would act on. */
const COMMAND = /^\s*::|##\[/m;

let folder: string;
let standIn: StandIn;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "comment-pull-request-"));
  standIn = await startStandIn({
    accounts: {
      [TOKEN]: { login: "github-actions[bot]", kind: "Bot", permissions: { ...ALL, contents: "read", issues: "none" } },
      [FORKER]: { login: "mallory", permissions: ALL },
      "t-reader": { login: "rita", permissions: { contents: "read", pullRequests: "read", issues: "read" } },
    },
    repositories: { [REPO]: {}, [FORK]: { forkOf: REPO } },
  });
});
afterAll(async () => {
  await standIn.stop();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(() => standIn.clearFaults());

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every kind
async function ask(route: string, json?: unknown, token = FORKER): Promise<any> {
  const [method = "GET", where = ""] = route.split(" ");
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${standIn.apiUrl}/repos/${REPO}${where}`, { method, headers, ...body });
  return response.json();
}

/** A pull request of the fork; its number and the commit at its tip. */
let branches = 0;
async function openPull({ branch = `feature-${++branches}`, title = "Make it faster" } = {}) {
  const sha = await standIn.pushCommit(FORK, { branch, files: { a: branch }, login: "mallory" });
  const pull = await ask("POST /pulls", { title, head: `mallory:${branch}`, base: "main", body: "" });
  return { number: Number(pull.number), sha, branch };
}

const red = { "P2/batch-all/cold/wall": { verdict: "regressed" }, "P1/batch-all/cold/wall": {} } as const;

function artifact(files: Readonly<Record<string, unknown>> = { "compare.json": buildEvidenceComparison(red) }): string {
  const place = mkdtempSync(path.join(folder, "artifact-"));
  for (const [name, value] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(place, name)), { recursive: true });
    writeFileSync(path.join(place, name), typeof value === "string" ? value : JSON.stringify(value));
  }
  return place;
}

interface Run {
  readonly pull: { readonly sha: string; readonly branch: string };
  readonly artifact?: string;
  readonly runId?: number;
  readonly token?: string;
  readonly headRepo?: string;
  readonly more?: readonly string[];
}

async function comment({
  pull,
  artifact: place = artifact(),
  runId = RUN,
  token = TOKEN,
  headRepo = FORK,
  more = [],
}: Run) {
  const output = path.join(mkdtempSync(path.join(folder, "output-")), "github-output");
  writeFileSync(output, "");
  const io = memoryIo({ cwd: folder, env: { GITHUB_TOKEN: token, GITHUB_OUTPUT: output } });
  const event = [
    "--run-id",
    `${runId}`,
    "--head-sha",
    pull.sha,
    "--head-repo",
    headRepo,
    `--head-branch=${pull.branch}`,
  ];
  const args = ["--artifact", place, "--repo", REPO, ...event, "--api-url", standIn.apiUrl, ...more];
  const exit = await main(args, io);
  const outputs = readFileSync(output, "utf8");
  expect(outputs).toBe(io.stdoutText());
  return { exit, outputs, said: io.stderrText() };
}

async function commentsOn(number: number): Promise<{ body: string; user: { login: string } }[]> {
  return ask(`GET /issues/${number}/comments?per_page=100`);
}

async function onlyComment(number: number): Promise<string> {
  const [first, ...others] = await commentsOn(number);
  expect(others).toEqual([]);
  return first?.body ?? "";
}

describe("a comment on a pull request of a fork", () => {
  it("says the verdict first, then that it is advisory, and is replaced by later runs", async () => {
    const pull = await openPull();
    expect(await comment({ pull })).toMatchObject({
      exit: 0,
      outputs: expect.stringMatching(/^COMMENT=created\nCOMMENT_URL=http\S+#issuecomment-\d+\n$/),
    });
    const body = await onlyComment(pull.number);
    expect(body.split("\n").slice(2, 3)[0]).toMatch(
      /^> \*\*Regression\.\*\* `P2\/batch-all\/cold\/wall` is 6\.8 % slower/,
    );
    expect(body.indexOf("**Advisory:**")).toBeLessThan(body.indexOf("| cell |"));
    expect(body).toContain(`/acme/tool/actions/runs/${RUN}`);
    const green = artifact({ "compare/compare.json": buildEvidenceComparison({ "P1/a/cold/wall": {} }) });
    expect((await comment({ pull, runId: RUN + 1, artifact: green })).outputs).toContain("COMMENT=updated\n");
    expect(await onlyComment(pull.number)).toContain("**Nothing changed.**");
    expect((await comment({ pull, runId: RUN + 1, artifact: green })).outputs).toContain("COMMENT=unchanged\n");
    expect((await comment({ pull })).outputs).toContain("COMMENT=newer\n");
    expect(await onlyComment(pull.number)).toContain("**Nothing changed.**");
  });

  it("is made once by runs that start together, and after an answer that was lost", async () => {
    const pull = await openPull();
    standIn.addFault({ method: "POST", match: /\/comments$/, how: { kind: "reset", afterWork: true } });
    const runs = Array.from({ length: 5 }, (_, index) => comment({ pull, runId: RUN + index }));
    expect((await Promise.all(runs)).map(({ exit }) => exit)).toEqual([0, 0, 0, 0, 0]);
    expect(await onlyComment(pull.number)).toContain(COMMENT_MARKER);
  });

  it("knows the token of a job, which may not ask for its login", async () => {
    const pull = await openPull();
    standIn.addFault({ match: /GET \/user$/, times: 2, how: { kind: "status", status: 403 } });
    await comment({ pull });
    expect((await comment({ pull, runId: RUN + 1 })).outputs).toContain("COMMENT=updated");
    await onlyComment(pull.number);
  });

  it("finds its own comment although it was told the wrong author", async () => {
    const pull = await openPull();
    for (const runId of [RUN, RUN + 1]) await comment({ pull, runId, more: ["--author", "somebody"] });
    expect(await onlyComment(pull.number)).toContain(`run=${RUN + 1}`);
  });

  it.each<[string, Parameters<typeof buildEvidenceComparison>[0], string]>([
    ["no cell", {}, 'says "green", but it is "invalid" by its 0 cells'],
    ["cells that regressed", red, 'says "green", but it is "regression" by its 2 cells'],
  ])("does not say green of %s", async (_what, cells, why) => {
    const pull = await openPull();
    const compared = buildEvidenceComparison(cells, { outcome: "green" });
    const { exit, outputs, said } = await comment({ pull, artifact: artifact({ "compare.json": compared }) });
    expect([exit, outputs, await commentsOn(pull.number)]).toEqual([65, "", []]);
    expect(said).toContain(why);
  });

  it("stays below 60,000 characters for 10,000 cells", async () => {
    const pull = await openPull();
    const names = Array.from({ length: 10_000 }, (_, index) => `P1/a/cold/${"x".repeat(60)}${index}`);
    const warnings = [{ code: "outliers", message: "y".repeat(500), remedy: "z".repeat(500) } as const];
    const cells = names.map((name) => [name, { verdict: "regressed" as const, warnings }] as const);
    const gating = ["P1/a/cold/wall", {}] as const;
    const large = artifact({ "compare.json": buildEvidenceComparison(Object.fromEntries([gating, ...cells])) });
    expect((await comment({ pull, artifact: large })).outputs).toContain("COMMENT=created");
    const body = await onlyComment(pull.number);
    expect(body.length).toBeLessThan(60_000);
    expect(body.length).toBeGreaterThan(10_000);
  });
});

describe("no comment, and exit 0,", () => {
  const skipped = { exit: 0, outputs: "COMMENT=skipped\n" };

  it("when the pull request has moved on, is closed, or never was", async () => {
    const pull = await openPull();
    await standIn.pushCommit(FORK, { branch: pull.branch, files: { b: "2" }, login: "mallory" });
    expect(await comment({ pull })).toMatchObject({ ...skipped, said: expect.stringContaining("newer commits") });
    expect(await comment({ pull: { ...pull, branch: "main" } })).toMatchObject(skipped);
    const other = await openPull({ branch: "other" });
    await ask(`PATCH /pulls/${other.number}`, { state: "closed" });
    expect(await comment({ pull: other })).toMatchObject({ ...skipped, said: expect.stringContaining("no open") });
    expect(await commentsOn(pull.number)).toEqual([]);
  });

  it("when the commit is that of somebody else's pull request", async () => {
    const pull = await openPull();
    const own = await standIn.pushCommit(REPO, { branch: pull.branch, files: { a: "own" }, login: "wendy" });
    expect(await comment({ pull: { ...pull, sha: own } })).toMatchObject(skipped);
    expect(await comment({ pull, headRepo: "mallory/other" })).toMatchObject(skipped);
    expect(await comment({ pull, headRepo: REPO })).toMatchObject(skipped);
  });

  it("when the run was no pull request's, or came to no comparison", async () => {
    const pull = await openPull();
    expect(await comment({ pull, more: ["--event", "push"] })).toMatchObject(skipped);
    expect(await comment({ pull, artifact: artifact({ "notes.txt": "x" }) })).toMatchObject(skipped);
  });
});

describe("what a stranger may try", () => {
  const EVIL = [
    "$(touch owned)`touch owned`\n::set-output name=COMMENT::owned\n",
    "</details><script>alert(1)</script><img src=x onerror=alert(1)>",
    "<!-- forgebench:comment run=999999 --> @acme/admins @wendy #1 GH-1 https://evil.example [x](https://evil.example)",
    "| a | b |\r\n> **Nothing changed.**\u202e\u001b[31m",
  ].join(" ");

  function expectHarmless(text: string): void {
    const seen = text.replace(/`[^`\n]*`/g, "`code`");
    expect(seen.replace(/^<!-- forgebench:comment run=\d+ -->/, "")).not.toMatch(/<(?!\/?(details|summary)>)/);
    expect(seen).not.toMatch(/(?<!\\)@[a-z]|(?<![\\\w])#\d|GH-\d|(?<!\\):\/\/evil|(?<!\\)\]\(https?[^)]*evil/);
    expect(text).not.toMatch(CONTROL);
    expect(text.split("\n").filter((line) => line.startsWith("<details>")).length).toBeLessThan(2);
    // Every pair of backticks closes on its line: none of the code can end early.
    for (const line of text.split("\n")) expect((line.match(/(?<!\\)`/g) ?? []).length % 2).toBe(0);
  }

  /** Every text of a document that its schema leaves free. */
  function poisoned(value: unknown, key = ""): unknown {
    const fixed =
      /^(kind|version|generatedAt|policy|outcome|gateMode|phase|family|verdict|severity|better|status|code|reason|role|sha256|id)$/;
    if (typeof value === "string") return fixed.test(key) && key !== "reason" ? value : `${EVIL}${value}`;
    if (Array.isArray(value)) return value.map((item) => poisoned(item, key));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, poisoned(inner, name)]));
  }

  it("the title and the branch of the pull request run nothing and say nothing", async () => {
    const pull = await openPull({ branch: "-x$(touch,owned);`id`&&echo", title: EVIL.slice(0, 250) });
    const { exit, outputs } = await comment({ pull });
    expect(exit).toBe(0);
    expect(outputs.split("\n")).toHaveLength(3);
    expect(await onlyComment(pull.number)).not.toMatch(/owned|evil/);
  });

  it("a branch that looks like a flag is a branch", async () => {
    const pull = await openPull();
    expect(await comment({ pull: { ...pull, branch: "--help" } })).toMatchObject({
      exit: 0,
      outputs: "COMMENT=skipped\n",
    });
  });

  it("names of benchmarks are text", async () => {
    const name = `P1/${EVIL.replaceAll("/", "_")}/cold/wall`;
    const cell = { verdict: "regressed", profileId: EVIL, scenario: EVIL, unit: EVIL, metric: EVIL } as const;
    const pull = await openPull();
    const { exit, outputs, said } = await comment({
      pull,
      artifact: artifact({ "compare.json": buildEvidenceComparison({ [name]: { ...cell, id: EVIL } }) }),
    });
    expect([exit, outputs.split("\n").length]).toEqual([0, 3]);
    expect(said).not.toMatch(COMMAND);
    expect(said).not.toMatch(CONTROL);
    expectHarmless(await onlyComment(pull.number));
  });

  it("every free text of an artifact is text, under both policies", async () => {
    const side = { profileId: "", scenario: "", reason: "different-dataset", message: "m", remedy: "r" } as const;
    const all: readonly Comparison[] = [
      buildEvidenceComparison(red, { warnings: [{ code: "same-file", message: "m", remedy: "r" }] }),
      buildEvidenceComparison({ "P1/a/cold/wall": { verdict: "incomparable", reason: "r", remedy: "s" } }),
      buildEvidenceComparison({ "P1/a/cold/wall": { verdict: "undecided", reason: "r", remedy: "s" } }),
      buildComparison({ "P1/a": { headMs: 900, alerts: ["cold"] } }),
      buildComparison({ "P1/a": {} }, { incomparable: [side] }),
    ];
    const pull = await openPull();
    for (const [index, document] of all.entries()) {
      const evil = JSON.parse(
        JSON.stringify(poisoned(document)).replace(
          `${JSON.stringify(EVIL).slice(1, -1)}different-dataset`,
          "different-dataset",
        ),
      );
      expect(comparisonKind.schema.safeParse(evil).error).toBeUndefined();
      const { exit, outputs, said } = await comment({
        pull,
        runId: RUN + index,
        artifact: artifact({ "compare.json": evil }),
      });
      expect([exit, outputs.split("\n").length, said]).toEqual([0, 3, expect.not.stringMatching(COMMAND)]);
      expectHarmless(await onlyComment(pull.number));
    }
  });

  it("output of the subject, kept in a summary, is text", async () => {
    const failures = [{ profileId: "P1", scenario: "a", message: `run 3: exit 1: ${EVIL}` }];
    const head = buildSummary({ "P1/a": {} }, { validation: { passed: false, failureCount: 1, failures } });
    const pull = await openPull();
    const files = { "compare.json": buildEvidenceComparison(red), "summary.json": head, "base-summary.json": head };
    expect((await comment({ pull, artifact: artifact(files) })).exit).toBe(0);
    const body = await onlyComment(pull.number);
    expect(body).toContain("Failed runs");
    expectHarmless(body);
  });

  it("an acceptance that the artifact made up is not told", async () => {
    const pull = await openPull();
    const acceptance = { by: "the maintainers", reason: "reviewed and agreed" };
    const forged = artifact({ "compare.json": buildEvidenceComparison(red, { acceptance }) });
    expect((await comment({ pull, artifact: forged })).exit).toBe(0);
    const body = await onlyComment(pull.number);
    expect(body).toContain("**Regression.**");
    expect(body).not.toMatch(/accepted|maintainers|agreed/i);
  });

  it("marks in the comments of others are not ours", async () => {
    const pull = await openPull();
    const forged = `${COMMENT_MARKER}${RUN + 9} -->\n\n> **Nothing changed.**`;
    await ask(`POST /issues/${pull.number}/comments`, { body: forged });
    expect((await comment({ pull })).outputs).toContain("COMMENT=created");
    const all = await commentsOn(pull.number);
    expect(all.map(({ user }) => user.login)).toEqual(["mallory", "github-actions[bot]"]);
    expect(all[0]?.body).toBe(forged);
  });

  it.each([
    ["a link", (place: string) => symlinkSync("/etc/passwd", path.join(place, "summary.json")), "link or a device"],
    ["a linked folder", (place: string) => symlinkSync("/etc", path.join(place, "etc")), "link or a device"],
    ["a pipe", (place: string) => execFileSync("mkfifo", [path.join(place, "base-summary.json")]), "link or a device"],
    ["a name twice", (place: string) => writeAt(place, "x/compare.json", "{}"), "in it twice"],
    [
      "many files",
      (place: string) => Array.from({ length: 101 }, (_, n) => writeAt(place, `${n}`, "")),
      "more than 100",
    ],
    ["deep folders", (place: string) => writeAt(place, "a/b/c/d/e/f", ""), "deeper than 4"],
    [
      "a long text",
      (place: string) => writeAt(place, "summary.json", JSON.stringify(" ".repeat(1e6))),
      "longer than 10000",
    ],
    [
      "deep nesting",
      (place: string) => writeAt(place, "summary.json", "[".repeat(5e4) + "]".repeat(5e4)),
      "nested deeper",
    ],
    ["no JSON", (place: string) => writeAt(place, "summary.json", "\u001b[31m{"), "summary"],
    ["another form", (place: string) => writeAt(place, "summary.json", "{}"), "version"],
    ["prototypes", (place: string) => writeAt(place, "summary.json", '{"__proto__":{"version":"1.0"}}'), "version"],
    [
      "a sparse giant",
      (place: string) => execFileSync("truncate", ["-s", "40M", path.join(place, "summary.json")]),
      "at most",
    ],
    ["giants", (place: string) => execFileSync("truncate", ["-s", "1100M", path.join(place, "other")]), "larger than"],
  ])("an artifact with %s is refused before GitHub is asked", async (_what, spoil, said) => {
    const pull = { sha: "0".repeat(40), branch: "feature" };
    const place = artifact();
    spoil(place);
    const before = standIn.requests.length;
    const result = await comment({ pull, artifact: place });
    expect(result).toMatchObject({ exit: 65, outputs: "", said: expect.stringContaining(said) });
    expect(result.said).not.toMatch(/root:/);
    expect(result.said).not.toMatch(CONTROL);
    expect(standIn.requests.length).toBe(before);
  });

  const writeAt = (place: string, name: string, text: string) => {
    mkdirSync(path.dirname(path.join(place, name)), { recursive: true });
    writeFileSync(path.join(place, name), text);
  };
});

it("names expiry where nothing was downloaded, and says nothing on the pull request", async () => {
  const pull = await openPull();
  const before = standIn.requests.length;
  const missing = await comment({ pull, artifact: path.join(folder, "never-downloaded") });
  expect(missing).toMatchObject({ exit: 65, outputs: "" });
  expect(missing.said).toMatch(/it does not exist\n +try +run the job that uploads it again.*has expired/);
  expect(standIn.requests.length).toBe(before);
  expect(await comment({ pull, artifact: artifact({}) })).toMatchObject({ exit: 0, outputs: "COMMENT=skipped\n" });
  expect(await commentsOn(pull.number)).toEqual([]);
});

it("says that a commit was not measured, in the place of figures of an earlier one", async () => {
  const pull = await openPull();
  const more = ["--allow-missing"];
  await comment({ pull, more });
  const missing = path.join(folder, "never-downloaded");
  expect((await comment({ pull, runId: RUN + 1, artifact: missing, more })).outputs).toContain("COMMENT=updated");
  expect((await onlyComment(pull.number)).split("\n")[2]).toBe(
    `> **Not measured.** The run of commit \`${pull.sha.slice(0, 12)}\` left no comparison.`,
  );
  await comment({ pull, runId: RUN + 2, more });
  // Its artifact has expired meanwhile, and the comment is made again.
  for (const place of [missing, artifact({})])
    expect((await comment({ pull, runId: RUN + 2, artifact: place, more })).outputs).toContain("COMMENT=newer");
  expect(await onlyComment(pull.number)).toContain("**Regression.**");
});

describe("what goes wrong at GitHub", () => {
  it("names the permission that is missing, and never the token", async () => {
    const pull = await openPull();
    const { exit, said } = await comment({ pull, token: "t-reader" });
    expect([exit, said]).toEqual([73, expect.stringMatching(/Cannot comment on #\d+ of "acme\/tool"[\s\S]*write/)]);
    const wrong = await comment({ pull, token: "ghs_wrong" });
    expect(wrong).toMatchObject({ exit: 65, said: expect.stringContaining("does not know the token") });
    expect(wrong.said).not.toContain("ghs_wrong");
  });

  it("waits for a rate limit in the middle", async () => {
    const pull = await openPull();
    standIn.addFault({ method: "POST", match: /\/comments$/, how: { kind: "secondary-limit", retryAfterSeconds: 0 } });
    const { exit, said } = await comment({ pull });
    expect([exit, said]).toEqual([0, expect.stringContaining("asks to wait")]);
    await onlyComment(pull.number);
  });

  it.each<[string, Fault["how"]]>([
    ["429 for an hour", { kind: "status", status: 429, headers: { "retry-after": "3600" } }],
    ["403 of a limit that ends too late", { kind: "rate-limit", resetSeconds: 3600 }],
    ["403 of another limit, for an hour", { kind: "secondary-limit", retryAfterSeconds: 3600 }],
  ])("ends with 69 at %s in the middle, and is right when it is run again", { tags: ["slow"] }, async (_what, how) => {
    const pull = await openPull();
    await comment({ pull });
    for (const [method, match] of [
      ["GET", /\/comments/],
      ["PATCH", /\/comments\//],
    ] as const) {
      standIn.addFault({ method, match, how });
      const limited = await comment({ pull, runId: RUN + 1 });
      expect([limited.exit, limited.outputs]).toEqual([69, ""]);
      expect(await onlyComment(pull.number)).toContain(`run=${RUN} `);
    }
    expect((await comment({ pull, runId: RUN + 1 })).outputs).toContain("COMMENT=updated\n");
    expect(await onlyComment(pull.number)).toContain(`run=${RUN + 1} `);
  });
});
