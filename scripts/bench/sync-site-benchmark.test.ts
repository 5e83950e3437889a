import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { BRANCH, nightly, startSite } from "./site-sync/test-helpers.ts";

describe("from night to night", () => {
  it("opens, leaves alone, updates, and after a merge begins anew; two files differ, in one commit of the bot", async () => {
    const site = await startSite();
    const first = await site.sync([nightly(1)]);
    expect(first, first.stderr).toMatchObject({
      exitCode: 0,
      outputs: { SITE_SYNC: "created", SITE_LATEST: "1001.1" },
    });
    const isWhole = () => {
      expect(site.git("diff", "--name-only", "main", BRANCH).split("\n")).toEqual([
        "data/benchmarks/history.json",
        "data/benchmarks/latest.json",
      ]);
      expect(site.git("rev-parse", `${BRANCH}^@`)).toBe(site.git("rev-parse", "main"));
      expect(site.git("log", "-1", "--format=%ae %ce", BRANCH).split(" ")).toEqual([
        "forgebench-bot@users.noreply.github.com",
        "forgebench-bot@users.noreply.github.com",
      ]);
    };
    isWhole();
    const from = site.standIn.requests.length;
    expect((await site.sync([nightly(1)])).outputs).toEqual({ ...first.outputs, SITE_SYNC: "unchanged" });
    expect(site.writesSince(from)).toEqual([]);

    expect((await site.sync([nightly(2)])).outputs).toMatchObject({ SITE_SYNC: "updated", SITE_LATEST: "1002.1" });
    isWhole();
    const [pull, ...more] = await site.pulls();
    expect(more).toEqual([]);
    expect(pull).toMatchObject({ title: expect.stringContaining("1002.1"), html_url: first.outputs.SITE_PR_URL });

    await site.standIn.pushCommit("acme/site", { branch: "main", files: { "readme.md": "new" }, login: "ann" });
    await site.standIn.mergePull("acme/site", pull?.number ?? 0, { login: "ann" });
    expect((await site.sync([nightly(2)])).outputs).toEqual({ SITE_SYNC: "unchanged", SITE_LATEST: "1002.1" });
    expect((await site.sync([nightly(3)])).outputs).toMatchObject({ SITE_SYNC: "created", SITE_LATEST: "1003.1" });
    isWhole();
    expect(site.history()).toEqual(["1003.1", "1002.1", "1001.1"]);
    expect((await site.pulls()).map(({ state }) => state)).toEqual(["open", "closed"]);
    expect((await site.pulls())[0]?.body).not.toContain("Closed without being merged");
  });

  it("keeps what a reviewer ticked as long as nothing is pushed", { tags: ["slow"] }, async () => {
    const site = await startSite();
    await site.sync([nightly(1)]);
    const [pull] = await site.pulls();
    const body = pull?.body.replace("- [ ]", "- [x]").replaceAll("\n", "\r\n");
    await site.ask("PATCH", "/pulls/1", { body });
    const from = site.standIn.requests.length;
    expect((await site.sync([nightly(1)])).outputs.SITE_SYNC).toBe("unchanged");
    expect(site.writesSince(from)).toEqual([]);
    await site.sync([nightly(2)]);
    expect((await site.pulls())[0]?.body).not.toContain("[x]");
  });

  it("never shows an older one, one of another tier or one that failed as the latest, and says why", {
    tags: ["slow"],
  }, async () => {
    const site = await startSite();
    await site.sync([nightly(5)]);
    const older = await site.sync([nightly(4)]);
    expect(older.outputs).toMatchObject({ SITE_SYNC: "updated", SITE_LATEST: "1005.1" });
    expect(older.stderr).toContain("1004.1 is in the history and not shown as the latest: is older than 1005.1");
    const small = await site.sync([nightly(6, { source: { tier: "tier30" } })]);
    expect(small.stderr).toContain("tier30 is not tier200");
    expect([site.latest(), site.history()]).toEqual(["1005.1", ["1006.1", "1005.1", "1004.1"]]);
  });

  it("keeps as many as it is told, and begins on a branch that a person made without commits", async () => {
    const site = await startSite();
    site.git("branch", BRANCH, "main");
    const nights = [1, 2, 3, 4].map((day) => nightly(day));
    expect((await site.sync(nights, { flags: ["--retention", "2"] })).outputs.SITE_SYNC).toBe("created");
    expect(site.history()).toEqual(["1004.1", "1003.1"]);
  });

  it("writes as the website's formatter would, and says what it does not follow", async () => {
    const site = await startSite();
    const files = { ".prettierrc": '{ "useTabs": true, "plugins": ["./x.js"] }', "prettier.config.js": "throw 1" };
    await site.standIn.pushCommit("acme/site", { branch: "main", files, login: "ann" });
    const { stderr } = await site.sync([nightly(1)]);
    expect(site.git("show", `${BRANCH}:data/benchmarks/latest.json`)).toContain('\n\t"schemaVersion"');
    expect(stderr).toContain("names plugins, which are not loaded");
    expect((await site.pulls())[0]?.body).toContain("which are not loaded");
  });
});

describe("a dry run", () => {
  it("writes nothing anywhere, and shows the difference and the text", async () => {
    const site = await startSite();
    const { outputs, stderr } = await site.sync([nightly(1)], { flags: ["--dry-run", "--workspace", "look"] });
    expect(outputs).toEqual({ SITE_SYNC: "created", SITE_LATEST: "1001.1" });
    expect(site.writesSince(0)).toEqual([]);
    expect(stderr).toContain("+++ b/data/benchmarks/latest.json");
    expect(stderr).toContain("To check before merging:");
    const kept = (name: string) => readFileSync(path.join(site.folder, "look", name), "utf8");
    expect(JSON.parse(kept("latest.json")).snapshotId).toBe("1001.1");
    expect(JSON.parse(kept("history.json")).items).toHaveLength(1);
    expect(kept("changes.diff")).toContain('+  "snapshotId": "1001.1"');
    expect(kept("pull-request.md")).toMatch(/^# Benchmarks: latest 1001\.1/);
    expect((await site.sync([nightly(1)], { token: "", flags: ["--dry-run"] })).exitCode).toBe(0);

    await site.sync([nightly(1)]);
    const from = site.standIn.requests.length;
    expect((await site.sync([nightly(1)], { flags: ["--dry-run"] })).outputs.SITE_SYNC).toBe("unchanged");
    expect((await site.sync([nightly(2)], { flags: ["--dry-run"] })).outputs.SITE_SYNC).toBe("updated");
    expect(site.writesSince(from)).toEqual([]);
    expect(site.history()).toEqual(["1001.1"]);
  });

  it("keeps the same files as the sync itself", async () => {
    const site = await startSite();
    await site.sync([nightly(1)], { flags: ["--dry-run", "--workspace", "dry"] });
    await site.sync([nightly(1)], { flags: ["--workspace", "real"] });
    for (const name of ["latest.json", "history.json"]) {
      const [dry, real] = ["dry", "real"].map((folder) => readFileSync(path.join(site.folder, folder, name), "utf8"));
      expect(dry).toBe(real);
      expect(`${site.git("show", `${BRANCH}:data/benchmarks/${name}`)}\n`).toBe(real);
    }
  });
});
