import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { nonCanonicalReasons } from "./canonical-snapshot.ts";
import { type SiteSnapshot, siteSnapshot } from "./site-snapshot.ts";
import { exampleDocument } from "./test-helpers.ts";

const example = siteSnapshot.schema.parse(exampleDocument(siteSnapshot));
const source = { ...example.source, tier: "tier200", eventName: "schedule", refName: "main", runCount: 10 };
const { outcome: _, policy: __, ...bare } = example;
const night: SiteSnapshot = { ...bare, source };
const from = (change: object): SiteSnapshot => ({ ...night, source: { ...source, ...change } });
const alerted = { ...night.summary, alertCount: 2, hasAlerts: true };
const by = { by: "maintainer", reason: "a new codec" };

describe("a snapshot is canonical", () => {
  it.each<[string, SiteSnapshot]>([
    ["of a scheduled night", night],
    ["of a dispatch that publishes", from({ eventName: "workflow_dispatch", publish: true })],
    ["of the default branch, whatever its name", from({ refName: "trunk", defaultBranch: "trunk" })],
    ["of a release", from({ datasetSource: "release" })],
    ["when green", { ...night, outcome: "green" }],
    ["by evidence, with fewer runs", { ...from({ runCount: 3 }), policy: "evidence", outcome: "green" }],
    ["when red and accepted", { ...night, outcome: "regression", acceptance: by }],
    ["when undecided and accepted", { ...night, outcome: "undecided", acceptance: by }],
    ["when old, alerted and accepted", { ...night, summary: alerted, acceptance: by }],
    ["when green beside alerts: the outcome counts", { ...night, summary: alerted, outcome: "green" }],
    ["with the mark true", { ...night, canonical: true }],
  ])("%s", (_, snapshot) => {
    expect(nonCanonicalReasons(snapshot)).toEqual([]);
  });
});

describe("a snapshot is not canonical", () => {
  const event = "is neither schedule nor a workflow_dispatch that publishes";
  it.each<[string, SiteSnapshot]>([
    ["tier30 is not tier200", from({ tier: "tier30" })],
    [`pull_request ${event}`, from({ eventName: "pull_request", publish: true })],
    [`workflow_dispatch ${event}`, from({ eventName: "workflow_dispatch" })],
    [`workflow_dispatch ${event}`, from({ eventName: "workflow_dispatch", publish: "true" })],
    ["feature is not the default branch main", from({ refName: "feature" })],
    ["main is not the default branch trunk", from({ defaultBranch: "trunk" })],
    ["dataset source local is not a release", from({ datasetSource: "local" })],
    ["dataset source fallback is not a release", from({ datasetSource: "fallback" })],
    ["validation of head failed", { ...night, summary: { ...night.summary, headValidationPassed: false } }],
    ["validation of base failed", { ...night, summary: { ...night.summary, baseValidationPassed: false } }],
    ["outcome regression is not green", { ...night, outcome: "regression" }],
    ["outcome undecided is not green", { ...night, outcome: "undecided", acceptance: { by: " " } }],
    ["outcome invalid is not green", { ...night, outcome: "invalid", acceptance: by }],
    ["2 alerts without an acceptance", { ...night, summary: alerted }],
    ["1 alert without an acceptance", { ...night, summary: { ...night.summary, hasAlerts: true } }],
    ["9 runs are fewer than 10", from({ runCount: 9 })],
    ["1 run is fewer than 10", { ...from({ runCount: 1 }), policy: "threshold" }],
    ["it is marked canonical: false", { ...night, canonical: false }],
    [
      "it is marked canonical: false (a trial; nothing else)",
      { ...night, canonical: false, nonCanonicalReasons: ["a trial", "nothing else"] },
    ],
    [
      "9 runs are fewer than 10",
      { ...from({ runCount: 9 }), canonical: false, nonCanonicalReasons: ["9 runs are fewer than 10"] },
    ],
    [
      "dataset source fallback is not a release (no release 1.0.0)",
      from({ datasetSource: "fallback", datasetFallback: { reason: "no release 1.0.0" } }),
    ],
  ])("%s", (reason, snapshot) => {
    expect(nonCanonicalReasons(snapshot)).toEqual([reason]);
  });

  it("when it was measured on one's own machine, whatever else a workflow would have to be", () => {
    const local = from({ eventName: "local", tier: "tier4", datasetSource: "local", refName: "x", runCount: 1 });
    expect(nonCanonicalReasons(local)).toEqual(["measured on one's own machine"]);
    expect(nonCanonicalReasons({ ...local, outcome: "invalid" })).toHaveLength(2);
  });

  it("for all reasons at once, the mark true notwithstanding", () => {
    const worst = { ...from({ tier: "tier30", eventName: "push", refName: "x", datasetSource: "local", runCount: 0 }) };
    expect(nonCanonicalReasons({ ...worst, outcome: "invalid", canonical: true })).toHaveLength(6);
  });
});

const REAL = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  "../../../../shared/data/site-snapshots/snapshots.json",
);
const absent = !existsSync(REAL);

describe.skipIf(absent)(`real snapshots${absent ? " (skipped: shared/data is not beside the project)" : ""}`, () => {
  it("are canonical but for what was not scheduled and one night with an alert", () => {
    const snapshots: SiteSnapshot[] = JSON.parse(readFileSync(REAL, "utf8"));
    const others = snapshots.flatMap((snapshot) => {
      const reasons = nonCanonicalReasons(snapshot);
      return reasons.length === 0 ? [] : [[snapshot.snapshotId, reasons.length]];
    });
    expect(others).toEqual([
      ["22036204221.1", 4],
      ["22118099718.1", 1],
      ["22133624904.1", 1],
      ["22209835535.1", 1],
      ["22312392957.1", 4],
    ]);
    expect(snapshots.length - others.length).toBe(43);
  });
});
