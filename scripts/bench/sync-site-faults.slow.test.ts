/** @module-tag slow */
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "@forgebench/github-stand-in";
import { describe, expect, it } from "vitest";
import { BRANCH, nightly, type Site, startSite } from "./site-sync/test-helpers.ts";

/** All of them take minutes. */
const ALL_FAULTS = process.env.FORGEBENCH_SYNC_FAULTS === "all";

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
  expect(site.history()).toEqual(Array.from({ length: count }, (_, index) => `${1000 + count - index}.1`));
  const [pull, ...more] = await site.pulls();
  expect(more).toEqual([]);
  expect(pull).toMatchObject({ state: "open", title: expect.stringContaining(`100${count}.1`) });
  expect(pull?.head.sha).toBe(site.git("rev-parse", BRANCH));
}

describe("faults", () => {
  /** Of one kind each, or of all kinds in turn. */
  const kinds = ALL_FAULTS ? Object.keys(HOWS).map((name) => [name]) : [Object.keys(HOWS)];
  it.each(kinds)("%s, at every kind of call: right in the end", async (...names) => {
    const site = await startSite();
    await site.sync([nightly(1)]);
    const calls = CALLS.filter(([method, call]) => !(method === "POST" && call.source.includes("pulls")));
    const tried = ALL_FAULTS ? calls : calls.filter((_, index) => index % 3 === 2 || index === 3);
    for (const [index, [method, match]] of tried.entries()) {
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

  it("a passing one is waited for; one that stays is exit 69, and a limit of an hour too", async () => {
    const site = await startSite();
    site.standIn.addFault({ match: /git-upload-pack/, how: { kind: "status", status: 503 } });
    const passing = await site.sync([nightly(1)]);
    expect(passing.outputs.SITE_SYNC, passing.stderr).toBe("created");
    expect(passing.stderr).toMatch(/note: the website "acme\/site" did not answer, attempt 2 of 4 in/);
    site.standIn.addFault({ match: /\/pulls/, times: 2, how: { kind: "rate-limit", resetSeconds: 3600 } });
    const limited = await site.sync([nightly(2)]);
    expect(limited.exitCode).toBe(69);
    expect(limited.stderr).toContain("is pushed; run the same command again to finish the sync");
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

    site.standIn.addFault({ method: "PATCH", match: /\/pulls/, how: { kind: "delay", delayMs: 3000 } });
    const from = site.standIn.requests.length;
    const older = site.sync([nightly(2)]);
    // It looks once more just before it writes.
    while (!site.standIn.requests.slice(from).some(({ url }) => url.includes("/git/ref/"))) await sleep(5);
    expect((await site.sync([nightly(3)])).outputs.SITE_SYNC).toBe("updated");
    expect((await older).exitCode).toBe(0);
    await expectRight(site, 3);
  });
});
