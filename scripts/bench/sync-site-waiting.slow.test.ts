/** @module-tag slow */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { SiteSnapshot } from "@forgebench/artifacts";
import { memoryIo } from "@forgebench/io";
import { expect, it } from "vitest";
import { main as appendHistory } from "./append-history.ts";
import { BRANCH, nightly, SITE, type Site, startSite, TOKEN, TOKEN_ENV } from "./site-sync/test-helpers.ts";
import { main as syncSite } from "./sync-site-benchmark.ts";

const TOOL = "acme/tool";
const DATA = "forgebench-data";

const store = (site: Site) => ["--store", `${site.standIn.gitUrl}/${TOOL}.git#${DATA}`, "--token-env", TOKEN_ENV];

async function append(site: Site, flags: readonly string[]): Promise<void> {
  const io = memoryIo({ cwd: site.folder, env: { PATH: process.env.PATH, [TOKEN_ENV]: TOKEN } });
  const exitCode = await appendHistory([...store(site), ...flags], io);
  expect(exitCode, io.stderrText()).toBe(0);
  expect(io.stdoutText()).toContain("HISTORY=appended");
}

/** What the job that records a night does with its snapshot. */
async function keepNight(site: Site, snapshot: SiteSnapshot): Promise<void> {
  const file = path.join(site.folder, `${snapshot.snapshotId}.json`);
  writeFileSync(file, JSON.stringify(snapshot));
  await append(site, ["--snapshot", file]);
}

/** What the job that publishes does once somebody approves it: the branch is checked out as it is then, and synced. */
async function approve(site: Site, name: string): Promise<Record<string, string>> {
  const checkout = path.join(site.folder, name);
  const git = (...args: string[]) => execFileSync("git", args, { cwd: site.folder, stdio: "ignore" });
  git("clone", "--quiet", "--depth=1", "--branch", DATA, `file://${site.standIn.bareFolder(TOOL)}`, checkout);
  const { apiUrl, gitUrl } = site.standIn;
  const io = memoryIo({ cwd: site.folder, env: { PATH: process.env.PATH, [TOKEN_ENV]: TOKEN } });
  const to = ["--site-repo", SITE, "--api-url", apiUrl, "--git-url", gitUrl];
  const exitCode = await syncSite(["--snapshots-dir", path.join(checkout, "snapshots"), ...to], io);
  expect(exitCode, io.stderrText()).toBe(0);
  return Object.fromEntries(
    io
      .stdoutText()
      .trim()
      .split("\n")
      .map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );
}

it("one approval brings every night that was recorded while nobody approved, the next one changes nothing", async () => {
  const site = await startSite({}, { [TOOL]: {} });
  const nights = [1, 2, 3].map((day) => nightly(day));
  const run = ["--failed", "no runner", "--run-id", "1000", "--event", "schedule"];
  await append(site, [...run, "--ref-name", "main", "--head-sha", "a".repeat(40)]);
  for (const night of nights) await keepNight(site, night);
  expect(site.writesSince(0).filter((write) => write.includes(SITE))).toEqual([]);
  const ids = nights.map(({ snapshotId }) => snapshotId).toReversed();

  // The oldest night is approved first: what it brings is what is there by then.
  expect(await approve(site, "first")).toMatchObject({ SITE_SYNC: "created", SITE_LATEST: ids[0] });
  expect(site.history()).toEqual(ids);
  const [pull, ...more] = await site.pulls();
  expect([pull?.title, more]).toEqual([expect.stringMatching(/, 3 nights added$/), []]);
  const tip = site.git("rev-parse", BRANCH);
  expect((await approve(site, "second")).SITE_SYNC).toBe("unchanged");
  expect(site.git("rev-parse", BRANCH)).toBe(tip);

  // Merged, and a fourth night: those that the website has are not offered again.
  await site.standIn.mergePull(SITE, pull?.number ?? 0, { login: "ann" });
  expect((await approve(site, "merged")).SITE_SYNC).toBe("unchanged");
  await keepNight(site, nightly(4));
  expect(await approve(site, "fourth")).toMatchObject({ SITE_SYNC: "created", SITE_LATEST: "1004.1" });
  expect((await site.pulls())[0]?.title).toMatch(/, 1 night added$/);
});
