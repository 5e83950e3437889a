import type { NightRecord } from "@forgebench/artifacts";

/** A green scheduled night for tests. */
export function testRecord(runId: string, changes: Partial<NightRecord> = {}): NightRecord {
  return {
    kind: "night-record",
    version: "1.0",
    runId,
    runAttempt: 1,
    recordedAt: "2026-02-15T03:00:00Z",
    event: "schedule",
    refName: "main",
    headSha: "a".repeat(40),
    baseSha: "b".repeat(40),
    baseReason: null,
    outcome: "green",
    machine: null,
    dataset: null,
    suite: null,
    bundle: null,
    controls: null,
    cells: [],
    previousSha256: null,
    ...changes,
  };
}
