import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { checkArtifact, nightRecord, type RunContext } from "@forgebench/artifacts";
import { evidenceSources, packEvidence, readEvidenceBundle } from "@forgebench/evidence";
import { writeTestNight } from "@forgebench/evidence/testing";
import { afterAll, describe, expect, it } from "vitest";
import { type NightFacts, recordOfEvidence } from "./night-lines.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "lines ü "));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function recordOf(dataset: RunContext["dataset"], more: Pick<NightFacts, "cadence"> = {}) {
  const { workspace, ...files } = await writeTestNight(mkdtempSync(path.join(root, "night-")), {
    context: { dataset },
  });
  const packed = await packEvidence(evidenceSources(workspace, files), { runId: "7", runAttempt: 1 });
  const file = path.join(workspace, packed.name);
  await writeFile(file, packed.bytes);
  const facts = { recordedAt: "2026-02-15T03:00:00Z", event: "schedule", refName: "main", baseReason: null } as const;
  const shas = { headSha: "a".repeat(40), baseSha: null };
  const record = recordOfEvidence(await readEvidenceBundle(file), packed.name, { ...facts, ...shas, ...more });
  return checkArtifact(nightRecord, JSON.parse(JSON.stringify(record)), "the record");
}

describe("the record of a night", () => {
  const identity = { datasetVersion: "1.0.0", tierId: "tier30", sha256: "d".repeat(64) };
  const release = { repository: "o/n", tag: "bench-dataset-v1.0.0", archiveSha256: "e".repeat(64) };

  it.each([
    { ...identity, source: "release", release },
    { ...identity, source: "fallback", fallback: { reason: "no release" } },
    { ...identity, source: "local" },
    { ...identity, source: "release" },
  ])("says the dataset with its origin: $source", async (dataset) => {
    expect((await recordOf(dataset)).dataset).toEqual(dataset);
  });

  it("says that it was compared with a release; of one that was not it says nothing, as those of old", async () => {
    const dataset = { ...identity, source: "local" } as const;
    expect(await recordOf(dataset, { cadence: "release" })).toMatchObject({ cadence: "release" });
    expect(await recordOf(dataset, { cadence: "night" })).not.toHaveProperty("cadence");
  });
});
