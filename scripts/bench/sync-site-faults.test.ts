import { setTimeout as sleep } from "node:timers/promises";
import type { SiteSnapshot } from "@forgebench/artifacts";
import type { Fault } from "@forgebench/github/stand-in";
import { SeededRandom } from "@forgebench/stats";
import { describe, expect, it } from "vitest";
import { recordedNote, recordedSnapshots } from "../../packages/site/src/testing.ts";
import { BRANCH, nightly, type Site, startSite } from "./site-sync/test-helpers.ts";

/** More of them take minutes. */
const KILLS = Number(process.env.FORGEBENCH_KILLS ?? 3);
const ROUNDS = Number(process.env.FORGEBENCH_SYNC_ROUNDS ?? 1);
const AT_ONCE = Number(process.env.FORGEBENCH_SYNCS_AT_ONCE ?? 4);
const ALL_FAULTS = process.env.FORGEBENCH_SYNC_FAULTS === "all";

const days = (count: number) => Array.from({ length: count }, (_, index) => nightly(index + 1));
const idsOf = (snapshots: readonly SiteSnapshot[]) => snapshots.map(({ snapshotId }) => snapshotId);

describe(`${AT_ONCE} syncs at once`, () => {
  it("all end in the history, in one pull request that tells of the newest", { timeout: 120_000 }, async () => {
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
      timeout: 60_000 + ROUNDS * 60_000,
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

/** Every request of a sync, as `METHOD PATH`; git asks most paths more than once. */
const CALLS = [
  ["GET", /info\/refs\?service=git-upload-pack/],
  ["POST", /git-upload-pack/],
  ["GET", /info\/refs\?service=git-receive-pack/],
  ["POST", /git-receive-pack/],
  ["GET", /\/pulls\?/],
  ["POST", /\/pulls/],
  ["PATCH", /\/pulls\//],
  ["GET", /\/git\/ref\//],
] as const;

const HOWS: Readonly<Record<string, Fault["how"]>> = {
  "502 after the work": { kind: "status", status: 502, afterWork: true },
  "reset after the work": { kind: "reset", afterWork: true },
  "half an answer": { kind: "truncate", afterBytes: 20 },
  "502": { kind: "status", status: 502 },
  reset: { kind: "reset" },
  "a secondary limit": { kind: "secondary-limit", retryAfterSeconds: 1 },
  "403": { kind: "status", status: 403, message: "Resource not accessible by integration" },
};

async function expectRight(site: Site, count: number): Promise<void> {
  expect(site.history()).toEqual(idsOf(days(count).toReversed()));
  const [pull, ...more] = await site.pulls();
  expect(more).toEqual([]);
  expect(pull).toMatchObject({ state: "open", title: expect.stringContaining(`100${count}.1`) });
  expect(pull?.head.sha).toBe(site.git("rev-parse", BRANCH));
}

describe("faults", () => {
  /** Of one kind each, or of all kinds in turn. */
  const kinds = ALL_FAULTS ? Object.keys(HOWS).map((name) => [name]) : [Object.keys(HOWS)];
  it.each(kinds)("%s, at every kind of call: right in the end", { timeout: 120_000 }, async (...names) => {
    const site = await startSite();
    await site.sync([nightly(1)]);
    const calls = CALLS.filter(([method, call]) => !(method === "POST" && call.source.includes("pulls")));
    for (const [index, [method, match]] of calls.entries()) {
      const name = names[index % names.length] ?? "";
      const how = HOWS[name] ?? { kind: "reset" };
      const day = index + 2;
      site.standIn.addFault({ method, match, how, times: name.startsWith("reset") ? 2 : 1 });
      await site.sync([nightly(day)]);
      site.standIn.clearFaults();
      const rerun = await site.sync([nightly(day)]);
      expect([rerun.exitCode, String(match)], rerun.stderr).toEqual([0, String(match)]);
      await expectRight(site, day);
    }
  });

  it("when the pull request is made: never two", { timeout: 60_000 }, async () => {
    await Promise.all(
      Object.values(HOWS)
        .slice(0, ALL_FAULTS ? undefined : 3)
        .map(async (how) => {
          const site = await startSite();
          site.standIn.addFault({ method: "POST", match: /\/pulls/, how });
          await site.sync([nightly(1)]);
          site.standIn.clearFaults();
          expect((await site.sync([nightly(1)])).exitCode).toBe(0);
          await expectRight(site, 1);
        }),
    );
  });

  it("a passing one is waited for; one that stays is exit 69, and a limit of an hour too", {
    timeout: 60_000,
  }, async () => {
    const site = await startSite();
    site.standIn.addFault({ match: /git-upload-pack/, how: { kind: "status", status: 503 } });
    const passing = await site.sync([nightly(1)]);
    expect(passing.outputs.SITE_SYNC, passing.stderr).toBe("created");
    expect(passing.stderr).toMatch(/note: the website "acme\/site" did not answer, attempt 2 of 4 in/);
    site.standIn.addFault({ match: /\/pulls/, how: { kind: "rate-limit", resetSeconds: 3600 } });
    const limited = await site.sync([nightly(2)]);
    expect(limited.exitCode).toBe(69);
    expect(limited.stderr).toContain("is pushed; the same command, run again, ends the sync");
    await site.sync([nightly(2)]);
    await expectRight(site, 2);
    site.standIn.addFault({ match: /git-upload-pack/, how: { kind: "reset" }, times: 100 });
    const staying = await site.sync([nightly(3)]);
    expect([staying.exitCode, staying.outputs]).toEqual([69, {}]);
  });

  it("the branch goes, or the branch moves, between push and pull request: made again", async () => {
    const site = await startSite();
    site.standIn.addFault({ method: "POST", match: /\/pulls/, how: { kind: "delay", delayMs: 1500 } });
    const slow = site.sync([nightly(1)]);
    while (!site.standIn.requests.some(({ url }) => url.includes("/pulls?"))) await sleep(5);
    await site.standIn.deleteBranch("acme/site", BRANCH);
    expect((await slow).exitCode, (await slow).stderr).toBe(0);
    await expectRight(site, 1);

    site.standIn.addFault({ method: "PATCH", match: /\/pulls/, how: { kind: "delay", delayMs: 1500 } });
    const older = site.sync([nightly(2)]);
    while (!site.git("for-each-ref", "--format=%(contents:subject)").includes("1002.1")) await sleep(20);
    expect((await site.sync([nightly(3)])).outputs.SITE_SYNC).toBe("updated");
    expect((await older).exitCode).toBe(0);
    await expectRight(site, 3);
  });
});

it(`after kills at ${KILLS} random moments the next sync ends right`, {
  timeout: 60_000 + KILLS * 15_000,
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
