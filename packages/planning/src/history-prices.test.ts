import { describe, expect, it } from "vitest";
import { blockTimes } from "./block-times.ts";
import { historyPrices } from "./history-prices.ts";
import { makeRun, makeRuns } from "./testing.ts";

const pricesOf = (...logs: Parameters<typeof historyPrices>[0][number]["runs"][]) =>
  historyPrices(logs.map((runs) => ({ runs, isByEvidence: false })));

describe("the price of a block", () => {
  it("is a run of each arm and what passes around them", () => {
    const runs = makeRuns([{ id: "P1/one/cold", wallMs: 100, gapMs: 30, blockCount: 4 }]);
    // The last block has no successor that would tell; the others say 2 × 30 ms.
    expect(pricesOf(runs).get("P1/one/cold")).toEqual({ blockMs: 260, blocksTaken: null });
  });

  it("adds a tenth where nothing tells what passes around the runs", () => {
    const runs = makeRuns([{ id: "P1/one/cold", wallMs: 100, blockCount: 1 }]);
    expect(pricesOf(runs).get("P1/one/cold")?.blockMs).toBeCloseTo(220);
  });

  it("is that of two arms where only one was run", () => {
    const cells = [{ id: "P1/one/cold", wallMs: 100, gapMs: 30, blockCount: 3 }];
    expect(pricesOf(makeRuns(cells, { arms: ["head"] })).get("P1/one/cold")?.blockMs).toBe(260);
  });

  it("does not hold the filling of warm folders, which comes before the first warm block", () => {
    const cold = makeRuns([{ id: "P1/one/cold", wallMs: 100, gapMs: 10, blockCount: 2 }]);
    const later = makeRuns([{ id: "P1/one/warm", wallMs: 50, gapMs: 10, blockCount: 3 }]);
    const afterFill = later.map((run) => ({
      ...run,
      timestamp: new Date(Date.parse(run.timestamp) + 20_000).toISOString(),
    }));
    const times = blockTimes([...cold, ...afterFill]);
    expect(times.map(({ overheadMs }) => overheadMs)).toEqual([20, null, 20, 20, null]);
  });

  it("holds no pause and no clock that went back", () => {
    const at = (seconds: number, block: number) =>
      (["head", "base"] as const).map((arm, position) =>
        makeRun("P1/one/cold", { arm, block, position, timestamp: new Date((seconds + 100) * 1000).toISOString() }),
      );
    const runs = [...at(0, 0), ...at(4000, 1), ...at(3000, 2)];
    expect(blockTimes(runs).map(({ overheadMs }) => overheadMs)).toEqual([null, null, null]);
  });

  it("ignores blocks that failed or took no time, and is missing where there are no others", () => {
    const good = makeRuns([{ id: "P1/one/cold", wallMs: 100, blockCount: 1 }]);
    const failed = makeRun("P1/one/cold", { block: 7, valid: false, wallMs: 600_000 });
    const zero = makeRun("P1/all/cold", { wallMs: 0 });
    const prices = pricesOf([...good, failed, zero]);
    expect([...prices.keys()]).toEqual(["P1/one/cold"]);
    expect(prices.get("P1/one/cold")?.blockMs).toBeLessThan(600);
  });

  it("is the median over all histories, so that one slow night of three moves nothing", () => {
    const night = (wallMs: number) => makeRuns([{ id: "P1/one/cold", wallMs, gapMs: 1, blockCount: 5 }]);
    expect(pricesOf(night(100), night(900), night(100)).get("P1/one/cold")?.blockMs).toBe(202);
  });

  it("keeps the controls of two shards apart from one another and from cells", () => {
    const shard = (index: number) =>
      makeRuns([{ id: "control/null", wallMs: 80, blockCount: 2 }], { shard: { index, count: 2 } });
    expect(blockTimes([...shard(1), ...shard(2)])).toHaveLength(4);
    expect([...pricesOf([...shard(1), ...shard(2)]).keys()]).toEqual(["control/null"]);
  });
});

it("says how many blocks a cell took where histories are by evidence", () => {
  const night = (blockCount: number) => makeRuns([{ id: "P1/one/cold", wallMs: 100, blockCount }]);
  const histories = [14, 30, 18].map((blockCount) => ({ runs: night(blockCount), isByEvidence: true }));
  const fixed = { runs: night(1), isByEvidence: false };
  expect(historyPrices([...histories, fixed]).get("P1/one/cold")?.blocksTaken).toBe(18);
});
