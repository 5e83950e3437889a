import { describe, expect, it } from "vitest";
import { QuietWait, type QuietWorld } from "./quiet.ts";

/** A machine of which the clock moves by waiting alone; `othersAt` says what runs when. */
function worldOf(othersAt: (nowMs: number) => number | null): QuietWorld & { at: number } {
  const world = {
    at: 0,
    othersRunning: () => othersAt(world.at),
    nowMs: () => world.at,
    delay: async (durationMs: number) => {
      world.at += durationMs;
    },
  };
  return world;
}

/** Waits before blocks of `blockMs` until the time is up; resolves to each wait. */
async function waitsIn(durationMs: number, othersAt: (nowMs: number) => number | null, blockMs = 100) {
  const world = worldOf(othersAt);
  const quiet = new QuietWait(2, world);
  const waits: number[] = [];
  while (world.at < durationMs) {
    waits.push(await quiet.wait());
    world.at += blockMs;
  }
  return { waits, share: waits.reduce((sum, wait) => sum + wait, 0) / world.at };
}

describe("waiting for a quiet machine", () => {
  it.each([
    ["nobody else runs", () => 0],
    ["one processor is free", () => 1],
    ["the system does not say", () => null],
  ])("takes no time where %s", async (_, othersAt) => {
    const { waits } = await waitsIn(5000, othersAt);
    expect(Math.max(...waits)).toBe(0);
  });

  it("lasts until the others have ended", async () => {
    const world = worldOf((nowMs) => (nowMs < 3000 ? 2 : 0));
    expect(await new QuietWait(2, world).wait()).toBeGreaterThanOrEqual(3000);
    expect(world.at).toBeLessThan(3100);
  });

  it("hardly notices what runs for a moment", async () => {
    const { share } = await waitsIn(20_000, (nowMs) => (nowMs % 50 < 8 ? 3 : 0));
    expect(share).toBeLessThan(0.06);
  });

  it("leaves out most of a load that comes for 5 s of every 15, and takes no more than a third of the time", async () => {
    const isBusy = (nowMs: number) => nowMs % 15_000 < 5000;
    const world = worldOf((nowMs) => (isBusy(nowMs) ? 4 : 0));
    const quiet = new QuietWait(2, world);
    const blocks = { busy: 0, all: 0 };
    while (world.at < 300_000) {
      await quiet.wait();
      blocks.all += 1;
      if (isBusy(world.at)) blocks.busy += 1;
      world.at += 100;
    }
    expect(blocks.busy / blocks.all).toBeLessThan(0.05);
    expect(blocks.all).toBeGreaterThan(1900);
  });

  it("gives up on a load that never ends: in vain it is waited for less and less", async () => {
    const { waits, share } = await waitsIn(600_000, () => 8);
    expect(Math.max(...waits)).toBeLessThan(10_100);
    expect(share).toBeLessThan(0.25);
    expect(waits.slice(-100).reduce((sum, wait) => sum + wait, 0)).toBeLessThan(5000);
  });

  it("takes a twentieth of a small time budget at the beginning, and a third of what has passed since", async () => {
    const world = worldOf(() => 8);
    const quiet = new QuietWait(2, world, 6000);
    expect(await quiet.wait()).toBeLessThan(400);
    world.at += 3000;
    expect(await quiet.wait()).toBeLessThan(1200);
  });

  it("comes back once a load that was given up on has ended", async () => {
    const { waits } = await waitsIn(90_000, (nowMs) => (nowMs < 60_000 || (nowMs > 80_000 && nowMs < 84_000) ? 4 : 0));
    expect(Math.max(...waits.slice(-100))).toBeGreaterThan(3500);
  });
});
