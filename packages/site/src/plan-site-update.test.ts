import { nonCanonicalReasons, type SiteSnapshot, serializeArtifact, siteHistory } from "@forgebench/artifacts";
import { UsageError } from "@forgebench/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareByAge } from "./merge-snapshots.ts";
import { planSiteUpdate, type SiteFiles, type SiteUpdate, type SiteUpdateRequest } from "./plan-site-update.ts";
import { buildSnapshot, recordedNote, recordedSnapshots } from "./testing.ts";

type Given = Partial<Omit<SiteUpdateRequest, "snapshots">>;

const plan = (snapshots: readonly SiteSnapshot[], given: Given = {}): SiteUpdate =>
  planSiteUpdate({ published: {}, retention: 20, objections: nonCanonicalReasons, ...given, snapshots });
const filesOf = ({ latest, history }: SiteUpdate): SiteFiles => ({
  ...(latest === undefined ? {} : { latest }),
  history,
});
const idsOf = (snapshots: readonly SiteSnapshot[] = []) => snapshots.map(({ snapshotId }) => snapshotId);
const day = (date: number) => `2026-03-${String(date).padStart(2, "0")}T03:00:00.000Z`;
const night = (date: number, source: object = {}) =>
  buildSnapshot({ runId: 100 + date, generatedAt: day(date), source });

/** Nights of few moments and runs, so that all kinds of equality occur; some not to be shown. */
const anyNight = fc
  .record({ runId: fc.integer({ min: 1, max: 12 }), runAttempt: fc.integer({ min: 1, max: 2 }) })
  .map(({ runId, runAttempt }) => {
    // What a run was does not depend on when it is given.
    const tier = (runId + runAttempt) % 3 === 0 ? "tier30" : "tier200";
    return buildSnapshot({ runId, runAttempt, generatedAt: day(1 + (runId % 5)), source: { tier } });
  });
const nights = fc.array(anyNight, { maxLength: 12 });
const someNights = fc.array(anyNight, { minLength: 1, maxLength: 12 });
const anyRetention = fc.integer({ min: 1, max: 15 });

/** What a person does between two syncs. */
type Step = { readonly give: readonly number[]; readonly isMerged: boolean };

const anySteps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ give: fc.array(fc.nat(1000), { maxLength: 6 }), isMerged: fc.boolean() }),
  { maxLength: 6 },
);

/** Carries out syncs of some of the snapshots, with or without merging in between, and at last one of all of them. */
function inSteps(all: readonly SiteSnapshot[], start: SiteFiles, retention: number, steps: readonly Step[]): SiteFiles {
  let [published, pending]: [SiteFiles, SiteFiles] = [start, {}];
  const given = new Set<SiteSnapshot>();
  const sync = (snapshots: readonly SiteSnapshot[]) => {
    pending = filesOf(plan(snapshots, { published, pending, retention }));
    for (const snapshot of snapshots) given.add(snapshot);
  };
  for (const { give, isMerged } of steps) {
    sync(give.flatMap((index) => all[index % Math.max(1, all.length)] ?? []));
    // A merged branch is deleted.
    if (isMerged) [published, pending] = [pending, {}];
  }
  // Only what was not given yet: what waits is kept by the branch alone.
  sync(all.filter((snapshot) => !given.has(snapshot)));
  return pending;
}

describe("the same snapshots", () => {
  it("give the same files in any order, any number of syncs, repeated, merged in between or not", () => {
    fc.assert(
      fc.property(someNights, nights, anyRetention, anySteps, (all, before, retention, steps) => {
        const start = before.length === 0 ? {} : filesOf(plan(before, { retention }));
        const atOnce = filesOf(plan(all, { published: start, retention }));
        expect(inSteps(all, start, retention, steps)).toEqual(atOnce);
        expect(filesOf(plan(all.toReversed(), { published: start, retention }))).toEqual(atOnce);
      }),
    );
  });

  it("give the same files also where the site showed one that we would not show", () => {
    fc.assert(
      fc.property(someNights, anyNight, anySteps, (all, shown, steps) => {
        const foreign = { ...shown, source: { ...shown.source, tier: "tier500" }, snapshotId: "999.1" };
        const start = { latest: foreign };
        expect(inSteps(all, start, 30, steps)).toEqual(filesOf(plan(all, { published: start, retention: 30 })));
      }),
    );
  });

  it("give the same files when one run was exported several times, taken back or accepted", () => {
    const again = fc.record({ runId: fc.integer({ min: 1, max: 4 }), date: fc.integer({ min: 1, max: 9 }) });
    const exports = fc.array(again, { minLength: 1, maxLength: 8 }).map((list) => [
      // One that may be shown and never changes, so that there is something to fall back to.
      buildSnapshot({ runId: 50, generatedAt: day(1) }),
      ...list.map(({ runId, date }) =>
        buildSnapshot({ runId, generatedAt: day(date), source: { tier: date % 2 === 0 ? "tier30" : "tier200" } }),
      ),
    ]);
    fc.assert(
      fc.property(exports, anySteps, (all, steps) => {
        const start = filesOf(plan(all.slice(0, 1)));
        expect(inSteps(all, start, 20, steps)).toEqual(filesOf(plan(all, { published: start })));
      }),
    );
  });

  it("from two syncs at once are joined in either order", () => {
    fc.assert(
      fc.property(nights, someNights, someNights, anyRetention, (before, one, other, retention) => {
        const published = before.length === 0 ? {} : filesOf(plan(before, { retention }));
        const sync = (snapshots: readonly SiteSnapshot[], pending: SiteFiles) =>
          filesOf(plan(snapshots, { published, pending, retention }));
        expect(sync(other, sync(one, {}))).toEqual(sync(one, sync(other, {})));
        expect(sync([...one, ...other], {})).toEqual(sync(one, sync(other, {})));
      }),
    );
  });

  it("given again change nothing", () => {
    fc.assert(
      fc.property(someNights, nights, anyRetention, (all, again, retention) => {
        const first = filesOf(plan([...all, ...again], { retention }));
        const waiting = plan(again, { pending: first, retention });
        expect(waiting).toMatchObject({ isPending: true, isPublished: false });
        const merged = plan(again, { published: first, retention });
        expect(merged).toMatchObject({ isPending: false, isPublished: true, added: [], replaced: [], dropped: [] });
      }),
    );
  });
});

describe("the history", () => {
  it("is in order, without repetition, as long as it may be, and fits its schema", () => {
    fc.assert(
      fc.property(nights, nights, nights, anyRetention, (published, pending, snapshots, retention) => {
        const asFiles = (items: SiteSnapshot[]) => ({
          history: { schemaVersion: "1.0", generatedAt: day(1), retention, items },
        });
        const { history, added } = plan(snapshots, {
          published: asFiles(published),
          pending: asFiles(pending),
          retention,
        });
        const everything = new Set(idsOf([...published, ...pending, ...snapshots]));
        expect(history.items).toHaveLength(Math.min(retention, everything.size));
        expect(history.items.toSorted(compareByAge)).toEqual(history.items);
        expect(new Set(idsOf(history.items)).size).toBe(history.items.length);
        expect(idsOf(added.map(({ snapshot }) => snapshot))).toEqual(
          idsOf(history.items).filter((id) => !idsOf(published).includes(id)),
        );
        expect(() => serializeArtifact(siteHistory, history, "history.json")).not.toThrow();
      }),
    );
  });

  it("of the wrong order, with repetitions, is put right", () => {
    const wrong = {
      schemaVersion: "1.0",
      generatedAt: day(3),
      retention: 20,
      items: [1, 3, 2, 3].map((date) => night(date)),
    };
    const update = plan([], { published: { latest: night(3), history: wrong } });
    expect(idsOf(update.history.items)).toEqual(["103.1", "102.1", "101.1"]);
    expect(update).toMatchObject({ isPublished: false, added: [] });
  });

  it("keeps the nights that wait for a review", () => {
    const published = filesOf(plan([night(1)]));
    const pending = filesOf(plan([night(2)], { published }));
    const update = plan([night(3)], { published, pending });
    expect(idsOf(update.history.items)).toEqual(["103.1", "102.1", "101.1"]);
    expect(idsOf(update.added.map(({ snapshot }) => snapshot))).toEqual(["103.1", "102.1"]);
  });

  it("goes back as far as it is told, and names what it drops", () => {
    const published = filesOf(plan([1, 2, 3].map((date) => night(date))));
    const update = plan([night(4)], { published, retention: 2 });
    expect(idsOf(update.history.items)).toEqual(["104.1", "103.1"]);
    expect(idsOf(update.dropped)).toEqual(["102.1", "101.1"]);
    expect(update.history.retention).toBe(2);
    expect(plan([night(1)], { published: filesOf(update), retention: 2 }).isPublished).toBe(true);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("does not keep %d snapshots", (retention) => {
    expect(() => plan([night(1)], { retention })).toThrow(UsageError);
  });

  it("keeps unknown fields of files and snapshots, of the site's own branch before those of ours", () => {
    const noted = { ...night(1), "x-note": "from the site" };
    const published = { history: { ...plan([noted]).history, "x-site": 1, "x-both": "site" } };
    const pending = { history: { ...plan([noted]).history, "x-ours": 2, "x-both": "ours" } };
    const { history } = plan([night(1), night(2)], { published, pending });
    expect(history).toMatchObject({ "x-site": 1, "x-ours": 2, "x-both": "site" });
    expect(history.items).toEqual([night(2), noted]);
    expect(plan([noted], { published: { history: plan([night(1)]).history } }).replaced).toEqual([noted]);
  });

  it("of another tool is left alone when there is nothing new", () => {
    const history = { schemaVersion: "1.3", generatedAt: day(9), retention: 20, items: [night(2), night(1)] };
    const update = plan([night(1)], { published: { latest: night(2), history } });
    expect(update).toMatchObject({ isPublished: true, history });
    expect(plan([night(3)], { published: { latest: night(2), history } }).history).toMatchObject({
      schemaVersion: "1.3",
      generatedAt: day(3),
    });
  });

  it("says the same whatever the order of keys in the files", () => {
    const { latest, history } = plan([night(1)]);
    const turned = Object.fromEntries(Object.entries(latest ?? {}).toReversed()) as SiteSnapshot;
    expect(plan([], { published: { latest: turned, history } }).isPublished).toBe(true);
    expect(plan([], { published: { history } })).toMatchObject({ isPublished: false, latest });
  });
});

describe("the age of snapshots", () => {
  it.each([
    [
      "a moment, whatever the offset",
      { runId: 9, generatedAt: "2026-03-01T05:00:00+03:00" },
      { runId: 1, generatedAt: day(1) },
    ],
    ["of the same moment the run", { runId: 9 }, { runId: 10 }],
    ["of the same run the attempt", { runId: 9, runAttempt: 9 }, { runId: 9, runAttempt: 10 }],
  ])("is %s", (_, older, newer) => {
    expect(compareByAge(buildSnapshot(newer), buildSnapshot(older))).toBeLessThan(0);
    expect(compareByAge(buildSnapshot(older), buildSnapshot(newer))).toBeGreaterThan(0);
  });
});

describe("the latest", () => {
  it("is the newest that may be shown, and never older than what is published", () => {
    fc.assert(
      fc.property(nights, nights, someNights, (before, pending, snapshots) => {
        const published = before.length === 0 ? {} : filesOf(plan(before));
        const { latest } = plan(snapshots, { published, pending: pending.length === 0 ? {} : filesOf(plan(pending)) });
        const shown = [...before, ...pending, ...snapshots].filter((one) => nonCanonicalReasons(one).length === 0);
        expect(latest?.snapshotId).toBe(shown.toSorted(compareByAge)[0]?.snapshotId);
        if (published.latest !== undefined && latest !== undefined) {
          expect(compareByAge(latest, published.latest)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });

  it("is not replaced by an older one, and the reason says by which", () => {
    const published = filesOf(plan([night(5)]));
    const update = plan([night(4), night(6, { tier: "tier30" })], { published });
    expect(update.latest).toEqual(night(5));
    expect(update.previousLatest).toEqual(night(5));
    expect(update.notLatest.map(({ reasons }) => reasons)).toEqual([
      ["is older than 105.1 of March 1, 2026"],
      ["tier30 is not tier200"],
    ]);
    expect(update.added.map(({ reasons }) => reasons)).toEqual([["tier30 is not tier200"], []]);
  });

  it("that is published and would not be shown stays until a newer one comes", () => {
    const published = { latest: night(5, { tier: "tier30" }) };
    expect(plan([night(4)], { published }).latest).toEqual(published.latest);
    expect(plan([night(6)], { published }).latest).toEqual(night(6));
  });

  it("that was taken back gives way to an older one, and stays where there is none", () => {
    const takenBack = { ...night(5), generatedAt: day(7), canonical: false };
    const published = filesOf(plan([night(5), night(4)]));
    expect(plan([takenBack], { published }).latest).toEqual(night(4));
    expect(plan([takenBack], { published: filesOf(plan([night(5)])) }).latest).toEqual(night(5));
  });

  it("outlives the history", () => {
    const published = filesOf(plan([night(1)]));
    const small = [2, 3, 4].map((date) => night(date, { tier: "tier30" }));
    const update = plan(small, { published, retention: 2 });
    expect(idsOf(update.history.items)).toEqual(["104.1", "103.1"]);
    expect(update.latest).toEqual(night(1));
    expect(plan([night(2)], { published: filesOf(update), retention: 2 }).latest).toEqual(night(2));
  });

  it("is absent where nothing may be shown", () => {
    expect("latest" in plan([night(1, { tier: "tier30" })])).toBe(false);
    expect(plan([])).toMatchObject({
      isPublished: false,
      history: { items: [], generatedAt: "1970-01-01T00:00:00.000Z" },
    });
  });
});

describe.skipIf(recordedSnapshots.length === 0)(`recorded snapshots${recordedNote}`, () => {
  const latestId = "24546143712.1";

  it("fed in any order, in any number of syncs, give the same files", () => {
    const atOnce = filesOf(plan(recordedSnapshots));
    expect(atOnce.latest?.snapshotId).toBe(latestId);
    expect(idsOf(atOnce.history?.items)).toEqual(idsOf(recordedSnapshots.toReversed().slice(0, 20)));
    const indexes = recordedSnapshots.map((_, index) => index);
    const orders = fc.record({
      order: fc.shuffledSubarray(indexes, { minLength: indexes.length }),
      cuts: fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.boolean()), { minLength: 1, maxLength: 8 }),
    });
    fc.assert(
      fc.property(orders, ({ order, cuts }) => {
        let rest = order;
        const steps = cuts.map(([size, isMerged]) => {
          const give = rest.slice(0, size);
          rest = rest.slice(size);
          return { give, isMerged };
        });
        expect(inSteps(recordedSnapshots, {}, 20, steps)).toEqual(atOnce);
      }),
      { numRuns: 12 },
    );
  });

  it("one a night show what was newest and canonical that day", () => {
    let published: SiteFiles = {};
    const shown = recordedSnapshots.map((snapshot) => {
      published = filesOf(plan([snapshot], { published }));
      return published.latest?.snapshotId === snapshot.snapshotId;
    });
    expect(shown.filter(Boolean)).toHaveLength(43);
  });
});
