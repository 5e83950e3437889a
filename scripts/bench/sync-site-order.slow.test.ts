/** @module-tag slow */
import { setTimeout as sleep } from "node:timers/promises";
import type { SiteSnapshot } from "@forgebench/artifacts";
import { recordedNote, recordedSnapshots } from "@forgebench/site/testing";
import { SeededRandom } from "@forgebench/stats";
import { describe, expect, it } from "vitest";
import { BRANCH, nightly, type Site, startSite } from "./site-sync/test-helpers.ts";

/** More of them take minutes. */
const KILLS = Number(process.env.FORGEBENCH_KILLS ?? 3);
const ROUNDS = Number(process.env.FORGEBENCH_SYNC_ROUNDS ?? 1);
const AT_ONCE = Number(process.env.FORGEBENCH_SYNCS_AT_ONCE ?? 4);

const days = (count: number) => Array.from({ length: count }, (_, index) => nightly(index + 1));
const idsOf = (snapshots: readonly SiteSnapshot[]) => snapshots.map(({ snapshotId }) => snapshotId);

describe(`${AT_ONCE} syncs at once`, () => {
  it("all end in the history, in one pull request that tells of the newest", async () => {
    const site = await startSite();
    const nights = days(AT_ONCE);
    const synced = await Promise.all(nights.map((night) => site.sync([night])));
    for (const { exitCode, stderr } of synced) expect(exitCode, stderr).toBe(0);
    expect(site.history()).toEqual(idsOf(nights.toReversed()));
    expect(site.latest()).toBe(nights.at(-1)?.snapshotId);
    const [pull, ...more] = await site.pulls();
    expect(more).toEqual([]);
    expect(pull?.title).toMatch(new RegExp(`^Benchmarks: latest ${site.latest()} .*, ${AT_ONCE} nights added$`));
    expect(pull?.head.sha).toBe(site.git("rev-parse", BRANCH));
    expect(site.git("rev-list", "--count", `main..${BRANCH}`)).toBe("1");
  });
});

describe("recorded snapshots", () => {
  it.skipIf(recordedSnapshots.length === 0)(
    `give the same files in any order and in any groups${recordedNote}`,
    {
      timeout: 300_000 + ROUNDS * 60_000,
    },
    async () => {
      const flags = ["--retention", "30"];
      const whole = await startSite();
      await whole.sync(recordedSnapshots, { flags });
      const filesOf = (site: Site) =>
        ["latest", "history"].map((name) => site.git("show", `${BRANCH}:data/benchmarks/${name}.json`));
      for (let round = 0; round < ROUNDS; round += 1) {
        const random = new SeededRandom(`round ${round}`);
        const site = await startSite();
        const shuffled = recordedSnapshots
          .map((snapshot) => ({ snapshot, at: random.uniform() }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ snapshot }) => snapshot);
        while (shuffled.length > 0) {
          const group = shuffled.splice(0, 1 + Math.floor(random.uniform() * 30));
          const { exitCode, stderr } = await site.sync(group, { flags });
          expect(exitCode, stderr).toBe(0);
          if (random.uniform() < 0.2) {
            const open = (await site.pulls()).find(({ state }) => state === "open");
            if (open !== undefined) await site.standIn.mergePull("acme/site", open.number, { login: "ann" });
          }
        }
        expect(filesOf(site)).toEqual(filesOf(whole));
      }
    },
  );
});

it(`after kills at ${KILLS} random moments the next sync ends right`, {
  timeout: 300_000 + KILLS * 60_000,
}, async () => {
  const site = await startSite();
  const flags = ["--retention", "1000"];
  let killed = 0;
  for (let round = 1; round <= KILLS; round += 1) {
    const { child, ended } = site.start([nightly(round)], { flags });
    const from = site.standIn.requests.length;
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    const killAt = from + Math.floor(Math.random() * 11);
    while (!isOver && site.standIn.requests.length < killAt) await sleep(1);
    await sleep(Math.random() * 60);
    child.kill("SIGKILL");
    if ((await ended).signal === "SIGKILL") killed += 1;
    const { exitCode, stderr } = await site.sync([nightly(round)], { flags });
    expect(exitCode, stderr).toBe(0);
    expect(site.history()).toEqual(idsOf(days(round).toReversed()));
    const [pull, ...more] = await site.pulls();
    expect(more).toEqual([]);
    expect(pull).toMatchObject({ state: "open", title: expect.stringContaining(`latest ${1000 + round}.1`) });
  }
  expect(killed).toBeGreaterThan(0);
});
