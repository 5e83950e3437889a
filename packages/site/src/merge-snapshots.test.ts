import { expect, it } from "vitest";
import { mergeSnapshots } from "./merge-snapshots.ts";
import { buildSnapshot } from "./testing.ts";

it("of two exports of one measurement takes the later one, whichever comes first and however much the other says", () => {
  const older = {
    ...buildSnapshot({ runId: 1 }),
    exportedAt: "2026-03-02T00:00:00Z",
    note: "a longer text ".repeat(20),
  };
  const newer = { ...buildSnapshot({ runId: 1 }), exportedAt: "2026-03-03T00:00:00Z" };
  expect(older.snapshotId).toBe(newer.snapshotId);
  for (const lists of [[[older], [newer]], [[newer], [older]], [[newer, older]]]) {
    expect(mergeSnapshots(lists).map(({ exportedAt }) => exportedAt)).toEqual([newer.exportedAt]);
  }
});
