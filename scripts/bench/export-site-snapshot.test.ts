import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { nonCanonicalReasons, parseArtifact, type SiteSnapshot, siteSnapshot } from "@forgebench/artifacts";
import { memoryIo } from "@forgebench/io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "./export-site-snapshot.ts";
import { type NightSpec, rewriteNight, writeNight } from "./test-helpers.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "export-site-snapshot-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let nights = 0;

/** A night of tier200, on a release, with the names of the runbook. */
async function night(spec: NightSpec = {}): Promise<string> {
  const workspace = path.join(folder, `night-${++nights}`);
  const written = await writeNight(workspace, { profiles: ["P2"], scenarios: ["batch-all"], ...spec });
  const dataset = { ...written.context.dataset, tierId: "tier200" };
  await rewriteNight(workspace, { runs: written.runs, context: { ...written.context, dataset } });
  return workspace;
}

/** The runbook's command as it stands there. */
const RUNBOOK =
  `--repository f-campana/imageforge --workflow-path .github/workflows/benchmark-ci.yml --run-id 22036204221
  --run-attempt 1 --run-url https://github.com/f-campana/imageforge/actions/runs/22036204221 --event-name schedule
  --ref-name main --sha 4ff596ceb9d3d7e0057d82e071c834505a212868 --tier tier200 --run-count 10 --dataset-version 1.0.0
  --runner ubuntu-24.04 --node-version 22 --headline-profile P2 --headline-scenario batch-all`.split(/\s+/);

async function exported(
  workspace: string,
  more: readonly string[] = [],
  change: Readonly<Record<string, string>> = {},
) {
  const io = memoryIo({ cwd: workspace, now: () => new Date("2026-02-15T00:00:00Z") });
  const files = ["--head-summary", "summary.json", "--base-summary", "base-summary.json", "--compare", "compare.json"];
  const flags = RUNBOOK.map((text, index) => change[RUNBOOK[index - 1] ?? ""] ?? text);
  const exit = await main([...files, "--out", "out.json", "--workflow-name", "Benchmark CI", ...flags, ...more], io);
  const read = (): SiteSnapshot =>
    parseArtifact(siteSnapshot, readFileSync(path.join(workspace, "out.json"), "utf8"), "out.json");
  return { exit, read, stderr: io.stderrText() };
}

describe("the runbook's command", () => {
  it("exports a night by evidence as it stands, with what a reader needs to trust it", async () => {
    const workspace = await night({ sampling: { mode: "evidence", minBlocks: 24, maxBlocks: 28 } });
    const { exit, read, stderr } = await exported(workspace);
    const { cells } = JSON.parse(readFileSync(path.join(workspace, "compare.json"), "utf8"));
    const { lowPct, highPct } = cells.find(({ id }: { id: string }) => id === "P2/batch-all/warm/wall").interval;
    expect([stderr, exit]).toEqual([expect.stringContaining("--run-count says 10, but the headline had"), 0]);
    expect([lowPct, highPct]).not.toEqual([null, null]);
    const snapshot = read();
    expect(snapshot).toMatchObject({
      snapshotId: "22036204221.1",
      canonical: true,
      outcome: "green",
      policy: "evidence",
      source: {
        datasetSource: "release",
        defaultBranch: "main",
        datasetSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      deltas: [{ verdicts: { warm: "same", cold: "same" }, intervals: { warm: { lowPct, highPct } } }],
      controls: { status: "passed", null: [{ id: "control/null", passed: true }], planted: [{}, {}] },
    });
    expect(snapshot.source.runCount).toBe(snapshot.profileScenarioMetrics.P2?.["batch-all"]?.runCount);
    expect(nonCanonicalReasons(snapshot)).toEqual([]);
  });

  it("exports a night of the fixed protocol as it stands", async () => {
    const fixed = await night({ sampling: { mode: "fixed", runCount: 10 } });
    const { exit, read, stderr } = await exported(fixed);
    expect([stderr, exit, read().source.runCount, read().controls]).toEqual(["", 0, 10, undefined]);
    const other = await exported(fixed, [], { "--run-count": "4" });
    expect([other.exit, other.stderr]).toEqual([65, expect.stringContaining("is 10, but --run-count says 4")]);
  });
});

describe("a night that is not to be the newest", () => {
  it("is refused with every reason, and written with them when that is allowed", async () => {
    const workspace = await night({ factors: { "P2/batch-all/warm": 1.2 } });
    const change = { "--event-name": "workflow_dispatch", "--ref-name": "trunk" };
    const refused = await exported(workspace, [], change);
    expect(refused.exit).toBe(65);
    const reasons = [
      "workflow_dispatch is neither schedule nor a workflow_dispatch that publishes",
      "trunk is not the default branch main",
      "outcome regression is not green",
    ];
    for (const reason of reasons) expect(refused.stderr).toContain(reason);
    expect(() => refused.read()).toThrow();
    const { exit, read } = await exported(workspace, ["--allow-non-canonical"], change);
    expect([exit, read().canonical, read().nonCanonicalReasons]).toEqual([0, false, reasons]);
    expect(read()).toMatchObject({ summary: { hasAlerts: true }, deltas: [{ verdicts: { warm: "regressed" } }] });
  });

  it("may be it when a person says so, as far as a person can", async () => {
    const workspace = await night({ factors: { "P2/batch-all/warm": 1.2 } });
    const told = [
      "--publish",
      "--default-branch",
      "trunk",
      "--accepted-by",
      "maintainer",
      "--acceptance-reason",
      "a codec",
    ];
    const change = { "--event-name": "workflow_dispatch", "--ref-name": "trunk" };
    const { exit, read, stderr } = await exported(workspace, told, change);
    expect([stderr.includes("not canonical"), exit]).toEqual([false, 0]);
    expect(read()).toMatchObject({
      canonical: true,
      outcome: "regression",
      acceptance: { by: "maintainer", reason: "a codec" },
      source: { publish: true, defaultBranch: "trunk" },
    });
  });

  it("is exported with nothing to believe when its null check was red, accepted or not", async () => {
    const workspace = await night({ factors: { "control/null": 1.2, "P2/batch-all/warm": 1.2 } });
    const accepted = ["--accepted-by", "maintainer", "--acceptance-reason", "x"];
    const refused = await exported(workspace, accepted);
    expect([refused.exit, refused.stderr]).toEqual([65, expect.stringContaining("outcome invalid is not green")]);
    const { exit, read } = await exported(workspace, ["--allow-non-canonical"]);
    expect(exit).toBe(0);
    expect(read()).toMatchObject({
      outcome: "invalid",
      canonical: false,
      nonCanonicalReasons: ["outcome invalid is not green"],
      controls: { status: "red", null: [{ passed: false }] },
      deltas: [{ alerts: [], verdicts: { warm: null, cold: null }, intervals: { warm: null, cold: null } }],
    });
  });
});
