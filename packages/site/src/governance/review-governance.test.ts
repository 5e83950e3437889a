import { checkArtifact, governanceReview, nonCanonicalReasons, type SiteSnapshot } from "@forgebench/artifacts";
import { UsageError } from "@forgebench/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planSiteUpdate } from "../plan-site-update.ts";
import { buildSnapshot } from "../testing.ts";
import type { GovernanceFacts, PullRequestFacts, PullRequestReview, ScheduledNight } from "./governance-facts.ts";
import { describeGovernance, governanceMarker } from "./governance-text.ts";
import { usualPeriod } from "./night-dates.ts";
import { reviewGovernance } from "./review-governance.ts";

const HEAD = "4ff596ceb9d3d7e0057d82e071c834505a212868";
const latest = buildSnapshot({ runId: 7, generatedAt: "2026-03-10T03:00:00.000Z" });
const older = buildSnapshot({ runId: 6, generatedAt: "2026-03-09T03:00:00.000Z" });
const historyOf = (...snapshots: readonly SiteSnapshot[]) =>
  planSiteUpdate({ snapshots, published: {}, retention: 20, objections: nonCanonicalReasons }).history;
const review = (change: Partial<PullRequestReview> = {}): PullRequestReview => ({
  login: "reviewer",
  state: "APPROVED",
  commit: HEAD,
  submittedAt: "2026-03-10T09:00:00Z",
  ...change,
});
const pullRequest: PullRequestFacts = {
  url: "https://github.com/owner/site/pull/3",
  author: "sync[bot]",
  mergedBy: "reviewer",
  isMergedByPerson: true,
  mergedAt: "2026-03-10T10:00:00Z",
  reviews: [review()],
  mergeCommit: "7d1a8c2",
  headCommit: HEAD,
};
const quiet = { outcome: "green", controls: "passed" } as const;
type Found = Pick<ScheduledNight, "outcome" | "controls">;
const nightOf = (recordedAt: string, found: Found = quiet, runId = recordedAt): ScheduledNight => ({
  runId,
  recordedAt,
  ...found,
});
const nightsUntil = (day: number, ...found: readonly Found[]) =>
  found.map((one, index) => nightOf(new Date(Date.UTC(2026, 2, day - found.length + 1 + index, 4)).toISOString(), one));
/** Nights one after the other until the newest that is due: nothing is missing. */
const nightly = (...found: readonly Found[]) => nightsUntil(11, ...found);
const facts: GovernanceFacts = {
  now: "2026-03-12T00:00:00Z",
  period: "2026-03",
  latest,
  history: historyOf(latest, older),
  pullRequest,
  standard: {
    tier: "tier200",
    maxAgeDays: 14,
    nightStartMinutes: 163,
    datasetVersions: ["0.9.0", "1.0.0"],
    runner: "ubuntu-24.04",
    profiles: [{ id: "P2", formats: "webp,avif", quality: 80, blur: true, widths: null }],
  },
  page: { status: 200, shownSnapshotId: "7.1", links: [{ url: "https://a.example/", status: 200 }] },
  nights: nightly(...Array(9).fill(quiet)),
};
const { latest: _l, history: _h, pullRequest: _p, page: _pg, ...bare } = facts;
const standard = (change: object): GovernanceFacts => ({ ...facts, standard: { ...facts.standard, ...change } });
const withReviews = (...reviews: readonly PullRequestReview[]): GovernanceFacts => ({
  ...facts,
  pullRequest: { ...pullRequest, reviews },
});
const withPull = (change: Partial<PullRequestFacts>): GovernanceFacts => ({
  ...facts,
  pullRequest: { ...pullRequest, ...change },
});
const without = (...fields: readonly (keyof PullRequestFacts)[]): GovernanceFacts => ({
  ...facts,
  pullRequest: Object.fromEntries(
    Object.entries(pullRequest).filter(([key]) => !fields.includes(key as never)),
  ) as unknown as PullRequestFacts,
});
const openOf = (given: GovernanceFacts) =>
  reviewGovernance(given).checks.flatMap(({ id, status, detail }) => (status === "pass" ? [] : [[id, status, detail]]));

describe("reviewGovernance", () => {
  it("passes when all is right, and fits its schema", () => {
    const result = checkArtifact(governanceReview, reviewGovernance(facts), "f");
    expect(openOf(facts)).toEqual([]);
    expect(result).toMatchObject({ passed: true, summary: "All 15 checks pass.", pullRequestUrl: pullRequest.url });
    expect(result.checks.every(({ blocking, remedy }) => blocking && remedy === "")).toBe(true);
    expect(result.snapshot).toMatchObject({ snapshotId: "7.1", tier: "tier200", runner: "ubuntu-24.04" });
  });

  it("is not green because it had nothing to judge", () => {
    const result = reviewGovernance({
      ...bare,
      standard: { tier: "tier200", maxAgeDays: 14, nightStartMinutes: 163 },
      nights: [],
    });
    expect(result.passed).toBe(false);
    expect(new Set(result.checks.map(({ status }) => status))).toEqual(new Set(["unknown"]));
    expect(result.checks.every(({ remedy }) => remedy !== "")).toBe(true);
    expect(checkArtifact(governanceReview, result, "f")).toMatchObject({ snapshot: null, pullRequestUrl: null });
  });

  it.each(["2026", "2026-13", "2026-3", "march", ""])("does not review %j", (period) => {
    expect(() => reviewGovernance({ ...facts, period })).toThrow(UsageError);
  });

  const aged = (now: string) => ({ ...facts, now });
  const other = (change: object) => ({ ...latest, ...change }) as SiteSnapshot;
  const shown = (one: SiteSnapshot, history = historyOf(one, older)) => ({ ...facts, latest: one, history });
  const red = { outcome: "invalid", controls: "red" } as const;
  const missed = { outcome: "invalid", controls: "missed" } as const;

  it.each<[string, GovernanceFacts, string, string, string]>([
    [
      "unreadable",
      { ...facts, unreadable: { history: "history.json: not JSON" } },
      "readable",
      "fail",
      "history.json: not JSON",
    ],
    [
      "approved by who wrote a commit of it",
      withPull({ commitAuthors: ["Reviewer"] }),
      "reviewed",
      "fail",
      `nobody but its authors or a bot approved ${pullRequest.url}`,
    ],
    [
      "old",
      { ...aged("2026-03-24T03:00:01Z"), nights: nightsUntil(23, quiet) },
      "fresh",
      "fail",
      "7.1 is 14.0 days old; 14 are allowed",
    ],
    [
      "of the future",
      aged("2026-03-10T02:00:00Z"),
      "fresh",
      "fail",
      "7.1 says that it was made at 2026-03-10T03:00:00.000Z, after 2026-03-10T02:00:00Z",
    ],
    ["marked", shown(other({ canonical: false })), "canonical", "fail", "it is marked canonical: false"],
    ["not in the history", shown(latest, historyOf(older)), "history", "fail", "7.1 is not in the history"],
    [
      "with other figures in the history",
      shown(latest, historyOf(other({ owner: "else" }), older)),
      "history",
      "fail",
      "the history holds other figures of 7.1",
    ],
    [
      "in a history without order",
      shown(latest, { ...facts.history, items: [older, latest] } as never),
      "history",
      "fail",
      "the history is not in order",
    ],
    [
      "twice in the history",
      shown(latest, { ...facts.history, items: [latest, latest] } as never),
      "history",
      "fail",
      "the history is not free of repetitions",
    ],
    [
      "not the newest",
      { ...shown(older, facts.history), page: { status: 200, shownSnapshotId: "6.1", links: facts.page?.links ?? [] } },
      "history",
      "fail",
      "7.1 of the history is newer and may be shown",
    ],
    [
      "of another dataset",
      standard({ datasetVersions: ["0.9.0", "2.0.0"] }),
      "dataset-version",
      "fail",
      "dataset 1.0.0 is not 0.9.0 or 2.0.0",
    ],
    [
      "without a standard for datasets",
      standard({ datasetVersions: [] }),
      "dataset-version",
      "unknown",
      "the standard names no dataset; found 1.0.0",
    ],
    ["of another runner", standard({ runner: "macos-15" }), "runner", "fail", "runner ubuntu-24.04 is not macos-15"],
    ["of another tier", standard({ tier: "tier500" }), "tier", "fail", "tier tier200 is not tier500"],
    [
      "of other profiles",
      standard({ profiles: [{ id: "P2", quality: 90 }, { id: "P3" }] }),
      "profiles",
      "fail",
      "P2 has quality 80, not 90; P3 is missing",
    ],
    [
      "of more profiles",
      standard({ profiles: [{ id: "P1" }] }),
      "profiles",
      "fail",
      "P1 is missing; P2 is not in the standard",
    ],
    [
      "without a standard for profiles",
      standard({ profiles: [] }),
      "profiles",
      "unknown",
      "the standard names no profiles; found P2",
    ],
    [
      "by a bot",
      withPull({ mergedBy: "merge[bot]" }),
      "merged",
      "fail",
      `merge[bot], who merged ${pullRequest.url}, is not a person`,
    ],
    [
      "by who is no person",
      withPull({ isMergedByPerson: false }),
      "merged",
      "fail",
      `reviewer, who merged ${pullRequest.url}, is not a person`,
    ],
    ["not at all", without("mergedAt"), "merged", "fail", `${pullRequest.url} is not merged`],
    ["by nobody", without("mergedBy"), "merged", "unknown", `it is not known who merged ${pullRequest.url}`],
    [
      "by no commit",
      without("mergeCommit"),
      "merged",
      "unknown",
      `the commit by which ${pullRequest.url} was merged is not known`,
    ],
    [
      "on a page that fails",
      { ...facts, page: { ...facts.page, status: 500, links: facts.page?.links ?? [] } },
      "page",
      "fail",
      "the page answers 500",
    ],
    [
      "on a page without an answer",
      { ...facts, page: { ...facts.page, status: 0, links: facts.page?.links ?? [] } },
      "page",
      "fail",
      "the page answers nothing",
    ],
    [
      "on a page of another",
      { ...facts, page: { ...facts.page, status: 200, shownSnapshotId: "6.1", links: facts.page?.links ?? [] } },
      "page",
      "fail",
      "the page shows 6.1, not 7.1",
    ],
    [
      "on a silent page",
      { ...facts, page: { status: 200, links: facts.page?.links ?? [] } },
      "page",
      "unknown",
      "the page does not say which snapshot it shows",
    ],
    [
      "with dead links",
      {
        ...facts,
        page: {
          status: 200,
          shownSnapshotId: "7.1",
          links: [404, 0, 301, 200].map((status) => ({ url: `u${status}`, status })),
        },
      },
      "links",
      "fail",
      "2 of 4 do not answer: u404 (404), u0 (nothing)",
    ],
    [
      "without links",
      { ...facts, page: { status: 200, shownSnapshotId: "7.1", links: [] } },
      "links",
      "unknown",
      "no link of the page was requested",
    ],
    [
      "with false alarms",
      { ...facts, nights: nightly(red, red, red, quiet) },
      "false-alarms",
      "fail",
      "3 of 4 nights with a red null check, 75.0 % [30.1, 95.4]; the limit is 1 %",
    ],
    [
      "with misses",
      { ...facts, nights: nightly(missed, missed, quiet) },
      "misses",
      "fail",
      "2 of 3 nights with a missed slowdown, 66.7 % [20.8, 93.9]; the limit is 5 %",
    ],
  ])("finds what is %s", (_, given, id, status, detail) => {
    expect(openOf(given)).toEqual([[id, status, detail]]);
    expect(reviewGovernance(given).passed).toBe(false);
  });

  it("cannot tell what is due at no time", () => {
    expect(openOf(aged("soon"))).toEqual([
      ["fresh", "unknown", "its age cannot be told: 2026-03-10T03:00:00.000Z against soon"],
      ["nights", "unknown", "no night was due in 2026-03 yet, counted from the first that was recorded"],
    ]);
  });

  it("accepts a latest that the history has dropped because newer ones may not be shown", () => {
    const small = buildSnapshot({ runId: 8, generatedAt: "2026-03-11T03:00:00.000Z", source: { tier: "tier30" } });
    expect(openOf({ ...facts, history: { ...historyOf(small), retention: 1 } })).toEqual([]);
  });

  it("does not take one unlucky night for a rate, nor nights that did not check themselves", () => {
    const month = { ...standard({ maxAgeDays: 30 }), now: "2026-04-01T00:00:00Z" };
    expect(openOf({ ...month, nights: nightsUntil(31, red, ...Array(29).fill(quiet)) })).toEqual([]);
    const { rates } = reviewGovernance({
      ...facts,
      nights: nightly(quiet, red, { ...quiet, controls: "absent" }, { ...quiet, controls: null }),
    });
    expect(rates.falseAlarms).toMatchObject({ count: 1, total: 2, sharePct: 50 });
    expect(
      openOf({ ...facts, nights: nightly({ ...quiet, controls: "absent" }) }).map(([id, status]) => [id, status]),
    ).toEqual([
      ["false-alarms", "unknown"],
      ["misses", "unknown"],
    ]);
  });

  it("gives the intervals of a share that Wilson's formula gives", () => {
    const { falseAlarms, misses } = reviewGovernance({ ...facts, nights: nightly(red, ...Array(9).fill(quiet)) }).rates;
    expect(falseAlarms.lowPct).toBeCloseTo(1.788, 2);
    expect(falseAlarms.highPct).toBeCloseTo(40.415, 2);
    expect(misses).toMatchObject({ count: 0, total: 10, sharePct: 0, lowPct: 0 });
    expect(misses.highPct).toBeCloseTo(27.753, 2);
  });
});

describe("the nights", () => {
  const failed = { outcome: "failed", controls: null } as const;
  const day = (date: string, time = "04:00") => nightOf(`2026-${date}T${time}:00.000Z`);
  const days = (first: number, last: number, month = "03") =>
    Array.from({ length: last - first + 1 }, (_, index) => day(`${month}-${String(first + index).padStart(2, "0")}`));
  const repeated = (date: string, runId: string, found: Found = quiet) => nightOf(`2026-${date}`, found, runId);
  const judged = (now: string, nights: readonly ScheduledNight[], period = "2026-03") => {
    const { status, detail } =
      reviewGovernance({ ...facts, now, period, nights }).checks.find(({ id }) => id === "nights") ?? {};
    return [status, detail];
  };
  const NOON = "2026-03-12T15:00:00Z";
  const none = "no scheduled night was ever recorded";
  const notYet = (period = "2026-03") => `no night was due in ${period} yet, counted from the first that was recorded`;

  it.each<[string, string, readonly ScheduledNight[], string, string, string?]>([
    ["without a history", NOON, [], "unknown", none],
    ["before the first was recorded", NOON, days(1, 12), "unknown", notYet("2026-02"), "2026-02"],
    ["before one was due in the month", "2026-03-01T06:17:00Z", days(26, 28, "02"), "unknown", notYet()],
    ["from the first that was recorded on", NOON, days(7, 12), "pass", "6 of 6 nights recorded"],
    ["of which some were lost", NOON, [day("03-01"), ...days(4, 12)], "pass", "missing: 2026-03-02 to 2026-03-03"],
    [
      "of which too many were lost",
      NOON,
      [...days(1, 1), ...days(4, 8), ...days(10, 12)],
      "fail",
      "9 of 12 nights recorded; missing: 2026-03-02 to 2026-03-03, 2026-03-09; at most 2 may be missing",
    ],
    ["the newest of which is missing", NOON, days(1, 11), "pass", "missing: 2026-03-12"],
    [
      "which stopped",
      NOON,
      days(1, 10),
      "fail",
      "10 of 12 nights recorded; missing: 2026-03-11 to 2026-03-12; the newest 2 in a row",
    ],
    ["which stopped before the month", "2026-03-01T15:00:00Z", days(1, 27, "02"), "fail", "the newest 2 in a row"],
    [
      "which never ran in the month",
      NOON,
      days(1, 28, "02"),
      "fail",
      "0 of 12 nights recorded; missing: 2026-03-01 to",
    ],
    ["one of which may still run", "2026-03-12T14:42:00Z", days(1, 11), "pass", "11 of 11 nights recorded"],
    ["one of which is done early", "2026-03-12T04:30:00Z", days(1, 12), "pass", "12 of 12 nights recorded"],
    ["of the future", NOON, [...days(1, 12), day("03-20")], "pass", "12 of 12 nights recorded"],
    ["of a month that is over", "2026-04-01T06:17:00Z", days(1, 31), "pass", "31 of 31 nights recorded"],
    ["of a month that is over, at its end", "2026-06-01T00:00:00Z", days(1, 29), "fail", "the newest 2 in a row"],
    [
      "that came to nothing",
      NOON,
      [...days(1, 10), nightOf("2026-03-11T04:00:00Z", failed), day("03-12")],
      "pass",
      "12 of 12 nights recorded; failed: 2026-03-11; at most 2 may be missing",
    ],
    [
      "one of which was run again the next day",
      NOON,
      [...days(1, 10), repeated("03-11T04:00:00Z", "7", failed), repeated("03-12T08:00:00Z", "7")],
      "pass",
      "11 of 12 nights recorded; missing: 2026-03-12; at most 2 may be missing",
    ],
  ])("%s", (_, now, nights, status, detail, period = "2026-03") => {
    expect(judged(now, nights, period)).toEqual([status, expect.stringContaining(detail)]);
  });

  it("belong to the start before they were recorded, also across midnight and the edges of the month", () => {
    const late = [day("03-01", "02:42"), ...days(1, 31), day("04-01", "02:42")];
    const next = "2026-04-01T06:17:00Z";
    expect(judged(next, late)).toEqual(["pass", expect.stringContaining("31 of 31")]);
    expect(judged(next, [...days(1, 30), day("04-01", "02:42")])[1]).toContain("31 of 31");
    expect(judged(next, [...days(1, 30), day("04-01", "02:43")])[1]).toContain("missing: 2026-03-31;");
    const { rates } = reviewGovernance({ ...facts, period: "2026-03", nights: late });
    expect(rates.misses.total).toBe(32);
  });

  it.each([
    ["2026-03-12T00:00:00Z", days(1, 11), "2026-03"],
    ["2026-04-01T06:17:00Z", days(1, 31), "2026-03"],
    ["2026-04-01T06:17:00Z", [], "2026-03"],
    ["2026-04-01T06:17:00Z", [day("04-01")], "2026-04"],
    ["2026-04-01T02:30:00Z", [day("04-01", "02:20")], "2026-03"],
    ["2026-01-01T06:17:00Z", days(1, 3), "2026-03"],
  ])("are reviewed at %s by the month that was there", (now, nights, month) => {
    expect(usualPeriod({ now, nights, nightStartMinutes: 163 })).toBe(month);
  });

  it("are not those that are compared with a release, which run besides", () => {
    const weekly = { ...day("03-08", "12:00"), cadence: "release" };
    expect(judged(NOON, [...days(1, 7), weekly, ...days(9, 12)])[1]).toContain("missing: 2026-03-08;");
    expect(judged(NOON, [weekly])[0]).toBe("unknown");
  });

  it("are in the review, date by date", () => {
    const nights = [day("03-01"), day("03-03"), nightOf("2026-03-04T04:00:00Z", failed), ...days(5, 11)];
    const result = checkArtifact(governanceReview, reviewGovernance({ ...facts, nights }), "f");
    expect(result.nights).toEqual({ dueCount: 11, missing: ["2026-03-02"], failed: ["2026-03-04"] });
    expect(reviewGovernance({ ...facts, nights: [] })).not.toHaveProperty("nights");
  });
});

describe("an approval", () => {
  const nobody = `nobody but its authors or a bot approved ${pullRequest.url}`;
  it.each<[string, GovernanceFacts, string | undefined]>([
    ["of the merged commit counts", withReviews(review()), undefined],
    [
      "is kept beside later comments",
      withReviews(review(), review({ state: "COMMENTED", submittedAt: "2026-03-10T09:30:00Z" })),
      undefined,
    ],
    [
      "counts after changes asked for by the same person",
      withReviews(review({ state: "CHANGES_REQUESTED", submittedAt: "2026-03-10T08:00:00Z" }), review()),
      undefined,
    ],
    ["is needed", withReviews(), nobody],
    [
      "of an earlier commit is stale",
      withReviews(review({ commit: "aaaaaaabbb" })),
      "reviewer approved aaaaaaa, but 4ff596c was merged",
    ],
    ["of the author does not count", withPull({ author: "Reviewer" }), nobody],
    ["of a bot does not count", withReviews(review({ login: "helper[bot]" })), nobody],
    ["of who is no person does not count", withReviews(review({ isPerson: false })), nobody],
    ["after the merge does not count", withReviews(review({ submittedAt: "2026-03-10T10:00:01Z" })), nobody],
    [
      "that was dismissed does not count",
      withReviews(review(), review({ state: "DISMISSED", submittedAt: "2026-03-10T09:10:00Z" })),
      nobody,
    ],
    [
      "taken back by asking for changes does not count, in whatever order they come",
      withReviews(review({ state: "CHANGES_REQUESTED", submittedAt: "2026-03-10T09:10:00Z" }), review()),
      "reviewer asked for changes and has not taken it back",
    ],
    [
      "does not outvote who asks for changes",
      withReviews(review(), review({ login: "other", state: "CHANGES_REQUESTED" })),
      "other asked for changes and has not taken it back",
    ],
    [
      "cannot be judged without the merged commit",
      without("headCommit"),
      `the commit of ${pullRequest.url} that was merged is not known`,
    ],
  ])("%s", (_, given, problem) => {
    const found = reviewGovernance(given).checks.find(({ id }) => id === "reviewed");
    expect([found?.status === "pass", found?.detail]).toEqual(
      problem === undefined ? [true, "reviewer approved 4ff596c, which was merged"] : [false, problem],
    );
  });
});

describe("the text of a review", () => {
  it("says the verdict first, every check, and what to do", () => {
    const { title, issue, comment } = describeGovernance(reviewGovernance(withReviews()));
    expect(title).toBe("Benchmark governance 2026-03");
    expect(issue).toContain(governanceMarker("2026-03", "issue"));
    expect(comment.split("\n")[0]).toBe("**Open.** 1 of 15 checks did not pass: The sync was reviewed.");
    expect(comment.match(/^\| .* \| ✓ pass \|/gm)).toHaveLength(14);
    expect(comment).toMatch(/^\| The sync was reviewed \| ✗ fail \| nobody but/m);
    expect(comment).toContain("To do:\n\n- The sync was reviewed: review the merged commit");
    expect(comment).toContain("false alarms 0.0 % [0.0, 29.9], missed slowdowns 0.0 % [0.0, 29.9] (of 9 nights");
    expect(comment.endsWith(`${governanceMarker("2026-03", "comment")}\n`)).toBe(true);
    const green = describeGovernance(reviewGovernance(facts)).comment;
    expect(green).toMatch(/^\*\*Passed\.\*\* All 15 checks pass\.\n/);
    expect(green).not.toContain("To do");
    expect(describeGovernance(reviewGovernance(bare)).comment).toContain("No latest snapshot could be read.");
  });

  it("is harmless and short whatever it quotes", () => {
    const evil = fc.oneof(
      fc.constantFrom("@all", "a|b", "<b>", "](x)", "`", "\n# x", "-->", "https://e.example"),
      fc.string({ unit: "binary" }),
    );
    const long = fc.tuple(evil, fc.constantFrom(1, 2000)).map(([text, times]) => text.repeat(times));
    fc.assert(
      fc.property(long, long, long, (one, other, third) => {
        const given: GovernanceFacts = {
          ...facts,
          latest: {
            ...latest,
            canonical: false,
            nonCanonicalReasons: [one],
            source: { ...latest.source, runner: other, tier: third },
          },
          pullRequest: {
            ...pullRequest,
            url: other,
            mergedBy: one,
            reviews: [review({ login: third, state: "CHANGES_REQUESTED" })],
          },
          page: { status: 200, shownSnapshotId: one, links: [{ url: other, status: 404 }] },
        };
        const { comment } = describeGovernance(reviewGovernance(given));
        expect(comment.length).toBeLessThan(60_000);
        const own = comment
          .replace(governanceMarker("2026-03", "comment"), "")
          .replace(/\\[\\`*_[\]#|~$:.]/g, "")
          .replace(/\]\(https:\/\/[^\s()<>]*\)/g, "](url)");
        expect(own).not.toMatch(/<|>|`|@(?!\u2060)|:\/\/|^#/m);
        expect(
          new Set(
            own
              .split("\n")
              .filter((line) => line.startsWith("|"))
              .map((line) => line.split("|").length),
          ),
        ).toEqual(new Set([5]));
      }),
      { numRuns: 60 },
    );
  });
});
