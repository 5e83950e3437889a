import { nonCanonicalReasons, type SiteSnapshot } from "@forgebench/artifacts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planSiteUpdate, type SiteFiles, type SiteUpdate } from "../plan-site-update.ts";
import { buildSnapshot, recordedNote, recordedSnapshots } from "../testing.ts";
import { describeSync, SITE_SYNC_MARKER, type SyncContext } from "./describe-sync.ts";

const context: SyncContext = {
  runUrl: "https://github.com/owner/tool/actions/runs/7",
  siteBranch: "codex/benchmark-sync-nightly",
  files: ["data/benchmarks/latest.json", "data/benchmarks/history.json"],
  closedByHand: [],
  notes: [],
};
const update = (snapshots: readonly SiteSnapshot[], published: SiteFiles = {}, retention = 20): SiteUpdate =>
  planSiteUpdate({ snapshots, published, retention, objections: nonCanonicalReasons });
const bodyOf = (planned: SiteUpdate, given: Partial<SyncContext> = {}) =>
  describeSync(planned, { ...context, ...given }).body;
const day = (date: number) => `2026-03-${String(date).padStart(2, "0")}T03:00:00.000Z`;
const night = (date: number, source: object = {}, coldWallMs = 80_000) =>
  buildSnapshot({ runId: 100 + date, generatedAt: day(date), source, coldWallMs, rest: { outcome: "green" } });
const show = (snapshot: SiteSnapshot): SiteFiles => ({ latest: snapshot, history: update([snapshot]).history });

describe("the verdict comes first", () => {
  it.each<[string, SiteUpdate, string, string]>([
    [
      "first",
      update([night(1)]),
      "**Latest becomes 101.1 (tier200, March 1, 2026, green)**",
      "Benchmarks: latest 101.1 (tier200, March 1, 2026), 1 night added",
    ],
    [
      "newer",
      update([night(2)], show(night(1))),
      "**Latest becomes 102.1 (tier200, March 1, 2026, green)**",
      "Benchmarks: latest 102.1 (tier200, March 1, 2026), 1 night added",
    ],
    [
      "older",
      update([night(1)], show(night(2))),
      "**Latest stays 102.1 (tier200, March 1, 2026, green): 101.1: is older than 102.1 of March 1, 2026**",
      "Benchmarks: 1 night added, latest stays",
    ],
    [
      "other tier",
      update([night(2, { tier: "tier30" })], show(night(1))),
      "**Latest stays 101.1 (tier200, March 1, 2026, green): 102.1: tier30 is not tier200**",
      "Benchmarks: 1 night added, latest stays",
    ],
    [
      "none",
      update([night(2, { tier: "tier30" })]),
      "**Nothing is shown as the latest: 102.1: tier30 is not tier200**",
      "Benchmarks: 1 night added, none shown as the latest",
    ],
    [
      "nothing new",
      update([], show(night(2))),
      "**Latest stays 102.1 (tier200, March 1, 2026, green): nothing newer may be shown**",
      "Benchmarks: 0 nights added, latest stays",
    ],
    [
      "exported again",
      update([{ ...night(2, {}, 40_000), generatedAt: day(3) }], show(night(2))),
      "**Latest is replaced by another export of 102.1 (tier200, March 1, 2026, green)**",
      "Benchmarks: latest 102.1 (tier200, March 1, 2026), 0 nights added",
    ],
    [
      "taken back",
      update([{ ...night(2), generatedAt: day(3), canonical: false }, night(1)], show(night(2))),
      "**Latest goes back to 101.1 (tier200, March 1, 2026, green): 102.1 was taken back**",
      "Benchmarks: latest 101.1 (tier200, March 1, 2026), 1 night added",
    ],
  ])("%s", (_, planned, verdict, title) => {
    const text = describeSync(planned, context);
    expect(text.body.split("\n")[0]).toBe(verdict);
    expect(text.title).toBe(title);
  });

  it("of snapshots without an outcome names the alerts", () => {
    const summary = { ...night(1).summary, alertCount: 2 };
    const { outcome: _, ...old } = { ...night(1), acceptance: { by: "x" }, summary };
    expect(bodyOf(update([old]))).toContain("Latest becomes 101.1 (tier200, March 1, 2026, 2 alerts, accepted by x)");
  });
});

it("gives a run on one's own machine no link, and its reason once", () => {
  const runUrl = "https://localhost/";
  const body = bodyOf(update([night(2, { eventName: "local", tier: "tier4", datasetSource: "local", runUrl })]));
  expect(body).toContain("| 102.1 | March 1, 2026 | tier4 | green | no: measured on one's own machine |");
  expect(body).not.toMatch(/localhost|tier200|release/);
  expect(body.match(/own machine/g)).toHaveLength(1);
});

it("says who accepted a regression and why, with the verdict and in the table, escaped", () => {
  const acceptance = { by: "Ann <b>", reason: "worth it: `x` | @team [a](https://a.example)" };
  const accepted: SiteSnapshot = { ...night(2), outcome: "regression", acceptance };
  const told = "regression, accepted by Ann &lt;b&gt;: worth it: \\`x\\` \\| @\u2060team \\[a\\](https\\://a.example)";
  const [verdict, ...rest] = bodyOf(update([accepted], show(night(1)))).split("\n");
  expect(verdict).toBe(`**Latest becomes 102.1 (tier200, March 1, 2026, ${told})**`);
  expect(rest).toContain(
    `| [102.1](https://github.com/owner/tool/actions/runs/102) | March 1, 2026 | tier200 | ${told} | yes |`,
  );
  const long = bodyOf(update([{ ...accepted, acceptance: { by: "a".repeat(500), reason: "r".repeat(5000) } }]));
  expect(long.split("\n")[0]?.length).toBeLessThan(400);
});

describe("the headline", () => {
  it("stands before and after, with the change", () => {
    expect(bodyOf(update([night(2, {}, 84_000)], show(night(1))))).toContain(
      [
        "| Headline P2/batch-all | published: 101.1 | new: 102.1 | change |",
        "| --- | ---: | ---: | ---: |",
        "| cold wall | 80.0 s | 84.0 s | +5.0 % |",
        "| warm median | 400 ms | 400 ms | 0.0 % |",
        "| speedup | 195× | 205× | +5.0 % |",
      ].join("\n"),
    );
  });

  it.each<[string, object, string]>([
    ["dataset", { datasetVersion: "2.0.0" }, "dataset 1.0.0 → 2.0.0"],
    ["runner", { runner: "ubuntu-26.04" }, "runner ubuntu-24.04 → ubuntu-26.04"],
    ["Node", { nodeVersion: "v24.1.0" }, "Node 22 → 24"],
  ])("is not compared when the %s differs", (_, source, why) => {
    const body = bodyOf(update([night(2, source, 84_000)], show(night(1))));
    expect(body.match(/not comparable \|/g)).toHaveLength(3);
    expect(body).toContain(`Not comparable: ${why}.`);
    expect(body).not.toContain("+5.0 %");
  });

  it("is not compared with another tier, and with nothing where there was nothing", () => {
    expect(bodyOf(update([night(2)], show(night(1, { tier: "tier30" }))))).toContain(
      "Not comparable: tier tier30 → tier200.",
    );
    const patch = bodyOf(update([night(2, { nodeVersion: "22.9.0" })], show(night(1, { nodeVersion: "22.1.0" }))));
    expect(patch).not.toContain("omparable");
    const told = { datasetSource: "release", datasetSha256: "0".repeat(64) };
    expect(bodyOf(update([night(2, told)], show(night(1))))).not.toContain("omparable");
    expect(bodyOf(update([night(2)]))).toContain("| cold wall | – | 80.0 s | – |");
  });

  it("stands there also when the latest was exported again with other figures", () => {
    const again = { ...night(2, {}, 40_000), generatedAt: day(3) };
    expect(bodyOf(update([again], show(night(2))))).toContain("| cold wall | 80.0 s | 40.0 s | −50.0 % |");
  });

  it("is left out where the latest stays, and holds no figure where there is none", () => {
    expect(bodyOf(update([night(1)], show(night(2))))).not.toContain("Headline");
    for (const profileId of ["__proto__", "P2"]) {
      const headline = { profileId, scenario: "toString" };
      const odd = { ...night(2), benchmark: { ...night(2).benchmark, headline } };
      expect(bodyOf(update([odd]))).toContain("| cold wall | – | – | – |");
    }
  });
});

describe("the rest of the text", () => {
  it("lists the nights, what is replaced and dropped, what was closed, what to check, and says who merges", () => {
    const published = { latest: night(3), history: update([night(1), night(2), night(3)]).history };
    const again = { ...night(3), "x-more": 1 };
    const planned = update([again, night(4), night(5, { tier: "tier30" })], published, 3);
    const body = bodyOf(planned, {
      closedByHand: ["https://github.com/owner/site/pull/3"],
      notes: ["a.js is not read"],
    });
    expect(body).toContain("2 nights added:\n\n| night | as of |");
    expect(body).toContain(
      "| [104.1](https://github.com/owner/tool/actions/runs/104) | March 1, 2026 | tier200 | green | yes |",
    );
    expect(body).toContain("| green | no: tier30 is not tier200 |");
    expect(body).toContain(
      "Replaced by a later export of the same run: 103.1.\nThe history keeps 3 snapshots and removes 102.1, 101.1.",
    );
    expect(body).toContain("- [https\\://github.com/owner/site/pull/3](https://github.com/owner/site/pull/3)");
    expect(body).toContain("- a.js is not read");
    expect(body.match(/^- \[ \] /gm)).toHaveLength(5);
    expect(body).toContain(
      "- [ ] The only changed files are data/benchmarks/latest.json and data/benchmarks/history.json\n",
    );
    expect(body).toContain("as the standard says: tier200, dataset 1.0.0, ubuntu-24.04, Node 22");
    expect(body).toContain("Made by [this run](https://github.com/owner/tool/actions/runs/7) on branch codex/");
    expect(body).toContain("It is never merged automatically.");
    expect(body.endsWith(`${SITE_SYNC_MARKER}\n`)).toBe(true);
  });

  it("asks for the controls that there were, and of a latest only where there is one", () => {
    const of = (status: "passed" | "absent") => bodyOf(update([{ ...night(2), controls: { status } }]));
    expect(of("passed")).toContain("stated above, and its controls passed: null check quiet");
    const nullAlone = bodyOf(update([{ ...night(2), controls: { status: "passed", null: [], planted: [] } }]));
    expect(nullAlone).toContain("its controls passed: null check quiet, no slowdown was planted");
    expect(of("absent")).toContain("stated above; the state of its controls: absent");
    expect(bodyOf(update([night(2)]))).toContain("stated above; its snapshot has no controls");
    expect(bodyOf(update([night(2, { tier: "tier30" })])).match(/^- \[ \] /gm)).toHaveLength(3);
  });

  it("names twenty of many, and whole notes", () => {
    const many = Array.from({ length: 25 }, (_, index) => night(index + 1));
    const { history } = update(many, {}, 30);
    const body = bodyOf(update([], { latest: night(25), history }, 1), { notes: ["x".repeat(250)] });
    expect(body).toMatch(/^The history keeps 1 snapshot and removes 124\.1, .*105\.1 and 4 more\.$/m);
    expect(body).toContain(`\n- ${"x".repeat(250)}\n`);
  });

  it("stays below the limit for many nights with much to say", () => {
    const many = Array.from({ length: 500 }, (_, index) =>
      buildSnapshot({ runId: index + 1, rest: { canonical: false, nonCanonicalReasons: ["<&>".repeat(200)] } }),
    );
    const long = Array<string>(500).fill(`https://github.com/${"x".repeat(300)}`);
    const body = bodyOf(update(many, { history: update(many, {}, 1000).history, latest: night(1) }, 1), {
      closedByHand: long,
      notes: long,
    });
    expect(body.length).toBeLessThan(60_000);
    const added = bodyOf(update(many, {}, 1000), { closedByHand: long, notes: long });
    expect(added.length).toBeLessThan(60_000);
    expect(added).toMatch(/^500 nights added:$/m);
    const rows = added.match(/^\| \[\d+\.1\]/gm)?.length ?? 0;
    expect(added).toMatch(new RegExp(`^and ${500 - rows} more\\.$`, "m"));
    expect(
      bodyOf(
        update(
          many.map((one) => ({ ...one, canonical: true })),
          {},
          1000,
        ),
      ).length,
    ).toBeLessThan(60_000);
  });

  it("is harmless whatever the texts of snapshots and context", () => {
    const evil = fc.oneof(
      fc.constantFrom(
        "@everyone",
        "a|b",
        "<img src=x>",
        "![x](https://evil.example/)",
        "\n# heading\n- [x] done",
        "-->",
        "`",
        "javascript:x",
        "https://u:p@evil.example/)x",
        "#1",
        "\u202e",
      ),
      fc.string({ unit: "binary", minLength: 1 }),
    );
    fc.assert(
      fc.property(fc.array(evil, { minLength: 9, maxLength: 9 }), fc.boolean(), (texts, isShown) => {
        const [
          tier = "",
          runner = "",
          runUrl = "",
          asOfDate = "",
          reason = "",
          branch = "",
          closed = "",
          note = "",
          profileId = "",
        ] = texts;
        const one = night(2, { runner, runUrl, datasetVersion: tier, ...(isShown ? {} : { tier }) });
        const snapshot = { ...one, asOfDate, canonical: isShown, nonCanonicalReasons: [reason] };
        const headline = { profileId, scenario: note };
        const planned = update([{ ...snapshot, benchmark: { ...one.benchmark, headline } }], show(night(1)));
        const { title, body } = describeSync(planned, {
          runUrl,
          siteBranch: branch,
          files: [tier],
          closedByHand: [closed],
          notes: [note],
        });
        expect(title.length).toBeLessThanOrEqual(100);
        expect(title).not.toMatch(/[`*_[\]<>@#|~$\\\n]/);
        const own = body
          .replace(SITE_SYNC_MARKER, "")
          .replace(/\\[\\`*_[\]#|~$:.]/g, "")
          .replace(/\]\(https?:\/\/[^\s()<>]*\)/g, "](url)");
        expect(own).not.toMatch(/<|>|`|@(?!\u2060)|!\[|:\/\/|\r|javascript:[^x]/);
        expect(body.match(/^#|^- \[ \] |^- \[x/gm)).toHaveLength(5);
        const rows = own.split("\n").filter((line) => line.startsWith("|"));
        expect(new Set(rows.map((line) => line.split("|").length))).toEqual(new Set(isShown ? [6, 7] : [7]));
      }),
      { numRuns: 30 },
    );
  });

  it("links nothing but https, or http on this machine, without a user name", () => {
    const linkOf = (runUrl: string) => /Made by (.*) on branch/.exec(bodyOf(update([night(1)]), { runUrl }))?.[1];
    expect(linkOf("https://h.example/a(b)?c=d&e")).toBe("[this run](https://h.example/a%28b%29?c=d&amp;e)");
    expect(linkOf("http://127.0.0.1:8080/runs/1")).toBe("[this run](http://127.0.0.1:8080/runs/1)");
    for (const url of ["http://h.example/", "javascript:alert(1)", "https://user@h.example/", "x"]) {
      expect(linkOf(url)).toBe("this run");
    }
    const { runUrl: _, ...rest } = context;
    expect(describeSync(update([night(1)]), rest).body).toContain(
      "Made by hand, or by a run that is not named, on branch",
    );
  });
});

describe.skipIf(recordedSnapshots.length === 0)(`recorded snapshots${recordedNote}`, () => {
  it("are described", () => {
    const before = planSiteUpdate({
      snapshots: recordedSnapshots.slice(0, 24),
      published: {},
      retention: 20,
      objections: nonCanonicalReasons,
    });
    const { latest, history } = before;
    const planned = update(recordedSnapshots.slice(24, 25), latest === undefined ? { history } : { latest, history });
    const { title, body } = describeSync(planned, context);
    expect(title).toBe("Benchmarks: latest 23176752007.1 (tier200, March 17, 2026), 1 night added");
    expect(body).toContain("**Latest becomes 23176752007.1 (tier200, March 17, 2026, no alerts)**");
    expect(body).not.toContain("not comparable");
  });
});
