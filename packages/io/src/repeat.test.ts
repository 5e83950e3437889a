import { describe, expect, it } from "vitest";
import { Again, backoffMs, repeat, retry, waitText } from "./repeat.ts";

const calm = new AbortController().signal;

it("work is done until it gives something, and told which attempt it is", async () => {
  const attempts: number[] = [];
  const work = async (attempt: number) => {
    attempts.push(attempt);
    return attempt < 3 ? new Again(0) : "done";
  };
  expect(await repeat(calm, work)).toBe("done");
  expect(attempts).toEqual([1, 2, 3]);
});

describe("retry", () => {
  it("goes on while the rule gives a wait, and ends with what the rule throws", async () => {
    const waits: number[] = [];
    const failing = async (attempt: number) => {
      throw new Error(`no ${attempt}`);
    };
    const upToThree = (error: unknown, attempt: number) => {
      if (attempt === 3) throw error;
      waits.push(attempt);
      return 1;
    };
    await expect(retry(calm, failing, upToThree)).rejects.toThrow("no 3");
    expect(waits).toEqual([1, 2]);
  });

  it("ends with the signal's reason, during a wait and when the work fails of it", async () => {
    const controller = new AbortController();
    const waiting = retry(
      controller.signal,
      async () => {
        throw new Error("no");
      },
      () => {
        setImmediate(() => controller.abort(new Error("enough")));
        return 600_000;
      },
    );
    await expect(waiting).rejects.toThrow("enough");
    const failing = async () => {
      throw new Error("no");
    };
    await expect(retry(controller.signal, failing, () => 0)).rejects.toThrow("enough");
  });
});

it("waits double, differ and end at a minute", () => {
  for (const [failed, longestMs] of [
    [1, 500],
    [2, 1000],
    [4, 4000],
    [5000, 60_000],
  ] as const) {
    const waits = Array.from({ length: 200 }, () => backoffMs(500, failed));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(longestMs / 2);
    expect(Math.max(...waits)).toBeLessThanOrEqual(longestMs);
    expect(new Set(waits).size).toBeGreaterThan(20);
  }
});

it("waits are shown in seconds", () => {
  expect([40, 1500, 61_000].map(waitText)).toEqual(["0.0 s", "1.5 s", "61 s"]);
});
