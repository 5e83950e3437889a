import { describe, expect, it } from "vitest";
import { BRANCH, nightly, startSite } from "./site-sync/test-helpers.ts";

describe("people", () => {
  it("who close the pull request get a new one that says so", async () => {
    const site = await startSite();
    await site.sync([nightly(1)]);
    await site.ask("PATCH", "/pulls/1", { state: "closed" });
    const { outputs, stderr } = await site.sync([nightly(2)]);
    expect(outputs).toMatchObject({ SITE_SYNC: "created", SITE_PR_URL: expect.stringMatching(/pull\/2$/) });
    expect(stderr).toMatch(/pull\/1 was closed without being merged; \S+pull\/2 is opened in its place/);
    expect((await site.pulls())[0]?.body).toMatch(/Closed without being merged before this one[\s\S]*pull\/1/);
    expect(site.history()).toEqual(["1002.1", "1001.1"]);
  });

  it("who delete the branch get it again", { tags: ["slow"] }, async () => {
    const site = await startSite();
    await site.sync([nightly(1)]);
    await site.standIn.deleteBranch("acme/site", BRANCH);
    expect((await site.sync([nightly(2)])).outputs.SITE_SYNC).toBe("created");
    expect(site.history()).toEqual(["1002.1"]);
  });

  it("who merge, and take a night out afterwards, are not undone by the branch that was left", {
    tags: ["slow"],
  }, async () => {
    const site = await startSite();
    await site.sync([nightly(1), nightly(2)]);
    await site.standIn.mergePull("acme/site", 1, { login: "ann" });
    const { items, ...rest } = JSON.parse(site.git("show", "main:data/benchmarks/history.json"));
    const kept = { ...rest, items: items.filter(({ snapshotId }: { snapshotId: string }) => snapshotId !== "1001.1") };
    const files = { "data/benchmarks/history.json": JSON.stringify(kept) };
    await site.standIn.pushCommit("acme/site", { branch: "main", files, login: "ann" });
    expect((await site.sync([nightly(3)])).outputs.SITE_SYNC).toBe("created");
    expect(site.history()).toEqual(["1003.1", "1002.1"]);
  });

  it("whose commit was merged with the branch are in nobody's way", { tags: ["slow"] }, async () => {
    const site = await startSite();
    await site.sync([nightly(1)]);
    await site.standIn.pushCommit("acme/site", { branch: BRANCH, files: { "a.txt": "a" }, login: "ann" });
    await site.standIn.mergePull("acme/site", 1, { login: "ann" });
    expect((await site.sync([nightly(2)])).outputs.SITE_SYNC).toBe("created");
    expect(site.history()).toEqual(["1002.1", "1001.1"]);
  });

  it.each([
    ["commit", { files: { "data/benchmarks/latest.json": "{}" } }],
    ["merge", undefined],
  ])("who %s to the branch are not overwritten", async (_, commit) => {
    const site = await startSite();
    await site.sync([nightly(1)]);
    await site.standIn.pushCommit("acme/site", { branch: "main", files: { "a.txt": "a" }, login: "ann" });
    if (commit !== undefined) {
      await site.standIn.pushCommit("acme/site", { branch: BRANCH, login: "ann", ...commit });
    } else {
      // What "Update branch" makes; even in the bot's name it is not a sync's.
      const bot = ["-c", "user.name=bot", "-c", "user.email=forgebench-bot@users.noreply.github.com"];
      const tree = site.git("merge-tree", "--write-tree", BRANCH, "main");
      const merge = site.git(...bot, "commit-tree", tree, "-p", BRANCH, "-p", "main", "-m", "Merge branch 'main'");
      site.git("update-ref", `refs/heads/${BRANCH}`, merge);
    }
    const tip = site.git("rev-parse", BRANCH);
    const from = site.standIn.requests.length;
    const { exitCode, stderr } = await site.sync([nightly(2)]);
    expect(exitCode).toBe(73);
    expect(stderr).toContain("is a person's, not a sync's");
    expect(site.writesSince(from)).toEqual([]);
    expect(site.git("rev-parse", BRANCH)).toBe(tip);
  });

  it("who opened a pull request of their own from the branch into another keep it", { tags: ["slow"] }, async () => {
    const site = await startSite();
    await site.sync([nightly(1)]);
    site.git("branch", "docs", "main");
    await site.ask("PATCH", "/pulls/1", { state: "closed" });
    await site.ask("POST", "/pulls", { head: BRANCH, base: "docs", title: "Mine", body: "mine" });
    const { outputs, stderr } = await site.sync([nightly(2)]);
    expect(outputs).toMatchObject({ SITE_SYNC: "created", SITE_PR_URL: expect.stringMatching(/pull\/3$/) });
    expect(stderr).toContain('pull/2 of the same branch into "docs" is left alone');
    expect((await site.pulls())[1]).toMatchObject({ title: "Mine", body: "mine", base: { ref: "docs" } });
  });

  it("who opened it by hand, or pointed it elsewhere, have it taken over", { tags: ["slow"] }, async () => {
    const site = await startSite();
    await site.sync([nightly(1)], { token: "no-pulls" });
    await site.ask("POST", "/pulls", { head: BRANCH, base: "main", title: "By hand" });
    expect((await site.sync([nightly(1)])).outputs.SITE_SYNC).toBe("updated");
    site.git("branch", "docs", "main");
    await site.ask("PATCH", "/pulls/1", { base: "docs" });
    expect((await site.sync([nightly(1)])).outputs.SITE_SYNC).toBe("updated");
    const [pull, ...more] = await site.pulls();
    expect(more).toEqual([]);
    expect(pull).toMatchObject({ base: { ref: "main" }, title: expect.stringMatching(/^Benchmarks: /) });
  });
});
