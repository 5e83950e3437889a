import { describe, expect, it } from "vitest";
import { BRANCH, nightly, startSite, TOKEN } from "./site-sync/test-helpers.ts";

describe("bad input", () => {
  it("a history that cannot be read or is of another kind is exit 65 and no empty start", {
    tags: ["slow"],
  }, async () => {
    const site = await startSite();
    const start = { schemaVersion: "1.0", generatedAt: "2026-03-01T00:00:00Z", retention: 20 };
    for (const text of [
      ...["{", "[]", "", "null", "\u0000", JSON.stringify({ ...start, nights: [] })],
      ...[JSON.stringify({ ...start, schemaVersion: "2.0", items: [] }), JSON.stringify({ ...start, items: [{}] })],
    ]) {
      const file = "data/benchmarks/history.json";
      await site.standIn.pushCommit("acme/site", { branch: "main", files: { [file]: text }, login: "ann" });
      const { exitCode, stderr } = await site.sync([nightly(1)]);
      expect([exitCode, text]).toEqual([65, text]);
      expect(stderr).toContain(`branch main: ${file}`);
    }
    expect(site.writesSince(0)).toEqual([]);
  });

  it("flags that are wrong are exit 64 before anything is asked", async () => {
    const site = await startSite();
    for (const flags of [
      ["--retention", "0"],
      ["--site-branch", "main"],
      ["--site-branch=-x"],
      ["--site-default-branch=--upload-pack=touch x"],
      ["--site-branch", "a..b"],
      ["--site-branch", "a/.b"],
      ["--git-url", "http://example.org"],
      ["--api-url", "http://example.org"],
      ["--git-url", "https://me:secret@example.org"],
      ["--git-url", "ext::sh"],
      ["--token-env", TOKEN],
      ["--token-env", TOKEN.replaceAll(/\W/g, "")],
      ["--pr-title", "a\nb"],
      ["--site-repo", "acme/../site"],
    ]) {
      const { exitCode, stderr } = await site.sync([nightly(1)], { flags });
      expect([exitCode, flags.join(" ")], stderr).toEqual([64, flags.join(" ")]);
      expect(stderr).not.toContain("c4n4ry");
    }
    expect(site.standIn.requests).toEqual([]);
  });

  it("a branch that was renamed is named as it is now", { tags: ["slow"] }, async () => {
    const site = await startSite();
    await site.sync([nightly(1)]);
    site.git("update-ref", "refs/heads/--upload-pack=trunk", "main");
    site.git("symbolic-ref", "HEAD", "refs/heads/--upload-pack=trunk");
    site.git("update-ref", "-d", "refs/heads/main");
    const { exitCode, stderr } = await site.sync([nightly(2)]);
    expect(exitCode).toBe(65);
    expect(stderr).toContain('has no branch "main"');
    expect(stderr).toContain('--site-default-branch "--upload-pack=trunk"');
    site.git("update-ref", "refs/heads/main", "refs/heads/--upload-pack=trunk");
    site.git("symbolic-ref", "HEAD", "refs/heads/main");
    await site.standIn.renameDefaultBranch("acme/site", "trunk");
    const renamed = await site.sync([nightly(2)], { flags: ["--site-default-branch", "trunk"] });
    expect(renamed.outputs).toMatchObject({ SITE_SYNC: "updated", SITE_PR_URL: expect.stringMatching(/pull\/1$/) });
  });

  it("the website's default branch is never pushed to, whatever the flags", async () => {
    const site = await startSite();
    site.git("branch", "develop", "main");
    const flags = ["--site-branch", "main", "--site-default-branch", "develop"];
    const { exitCode, stderr } = await site.sync([nightly(1)], { flags });
    expect([exitCode, site.writesSince(0)]).toEqual([73, []]);
    expect(stderr).toContain('"main" is its default branch');
  });

  it("a protected branch, a token that is old, a stranger's or a reader's: said, with what is missing", async () => {
    const site = await startSite();
    const refused = async (token?: string, repository?: string) => {
      const { exitCode, stderr } = await site.sync([nightly(1)], {
        ...(token === undefined ? {} : { token }),
        ...(repository === undefined ? {} : { repository }),
      });
      return { exitCode, stderr };
    };
    for (const [token, text] of [
      ["old", "a token that is valid and not expired"],
      ["reader", "contents: write for this repository"],
      ["stranger", "contents: write for this repository"],
    ] as const) {
      const { exitCode, stderr } = await refused(token);
      expect([exitCode, token]).toEqual([73, token]);
      expect(stderr).toContain(text);
      expect(stderr).toContain('from the variable "IMAGEFORGE_SITE_SYNC_TOKEN"');
    }
    expect(await refused("")).toMatchObject({ exitCode: 64 });
    site.standIn.protectBranch("acme/site", BRANCH);
    const protectedBranch = await refused();
    expect(protectedBranch.exitCode).toBe(73);
    expect(protectedBranch.stderr).toMatch(/a rule of the repository protects the branch[\s\S]*GH006/);
    expect(await site.pulls()).toEqual([]);
  });

  it("a private repository without access, and one that is renamed: said, with what helps", async () => {
    const site = await startSite({ private: true }, { "acme/new": { renamedFrom: ["acme/old"] } });
    const hidden = await site.sync([nightly(1)], { token: "stranger" });
    expect(hidden.exitCode).toBe(65);
    expect(hidden.stderr).toContain("it does not exist, or this token cannot see it");
    const moved = await site.sync([nightly(1)], { repository: "acme/old" });
    expect(moved.exitCode).toBe(65);
    expect(moved.stderr).toContain("it was renamed or moved");
    expect(site.writesSince(0)).toEqual([]);
  });

  it("a token for contents alone pushes, says what is missing, and a right one ends it", {
    tags: ["slow"],
  }, async () => {
    const site = await startSite({ private: true });
    const half = await site.sync([nightly(1)], { token: "no-pulls" });
    expect(half.exitCode).toBeGreaterThanOrEqual(65);
    expect(half.stderr).toMatch(/pull[_ ]requests: (read|write)/);
    expect(half.stderr).toContain("is pushed; run the same command again to finish the sync");
    expect((await site.sync([nightly(1)])).outputs.SITE_SYNC).toBe("created");
    expect(site.history()).toEqual(["1001.1"]);
  });

  it("names full of markup come through escaped, and a text stays below GitHub's limit", {
    tags: ["slow"],
  }, async () => {
    const site = await startSite();
    const evil = "<img src=x onerror=alert(1)> [x](javascript:1) `|` @ann ::set-output name=a::b";
    const nights = Array.from({ length: 400 }, (_, index) =>
      nightly(1, { source: { runId: index + 1, tier: evil }, rest: { snapshotId: `${index + 1}.1`, asOfDate: evil } }),
    );
    const { exitCode, stderr } = await site.sync(nights, { flags: ["--retention", "400"] });
    expect(exitCode, stderr).toBe(0);
    const [pull] = await site.pulls();
    expect(pull?.body.length).toBeLessThan(60_000);
    expect(pull?.body).not.toMatch(/<img|[^\\]\]\(javascript:| @ann/);
    expect(site.history()).toHaveLength(400);
    for (const line of stderr.split("\n")) expect(line).not.toMatch(/^::/);
  });
});
