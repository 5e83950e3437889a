import fc from "fast-check";
import { expect, it } from "vitest";
import { median } from "./descriptive.ts";
import { RunningMedian } from "./running-median.ts";

it("is the median of the values so far, after each of them", () => {
  const values = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })), { maxLength: 40 });
  fc.assert(
    fc.property(values, (list) => {
      const running = new RunningMedian();
      expect(running.median).toBeNaN();
      for (const [index, value] of list.entries()) {
        running.add(value);
        expect(running.median + 0).toBe(median(list.slice(0, index + 1)) + 0);
      }
    }),
    { seed: 8, numRuns: 200 },
  );
});
