import type { Fault } from "@forgebench/github-stand-in";
import { describe, expect, it } from "vitest";
import { BRANCH, nightly, type Site, startSite } from "./site-sync/test-helpers.ts";

/** All of them take minutes. */
const ALL_FAULTS = process.env.FORGEBENCH_SYNC_FAULTS === "all";

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
  it("when the pull request is made: never two", async () => {
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

  it("two syncs at once end in one pull request with both nights", async () => {
    const site = await startSite();
    const synced = await Promise.all([1, 2].map((day) => site.sync([nightly(day)])));
    for (const { exitCode, stderr } of synced) expect(exitCode, stderr).toBe(0);
    await expectRight(site, 2);
  });
});
