import { describe, expect, it } from "vitest";
import { normalQuantile, studentTQuantile, studentTTail } from "./student-t.ts";

describe("the quantile", () => {
  // Any table of Student's t.
  it.each([
    { freedom: 1, tail: 0.025, t: 12.7062 },
    { freedom: 2, tail: 0.005, t: 9.9248 },
    { freedom: 4, tail: 0.025, t: 2.7764 },
    { freedom: 9, tail: 0.005, t: 3.2498 },
    { freedom: 9, tail: 0.05, t: 1.8331 },
    { freedom: 19, tail: 0.005, t: 2.8609 },
    { freedom: 30, tail: 0.0005, t: 3.646 },
    { freedom: 120, tail: 0.025, t: 1.9799 },
    { freedom: Number.POSITIVE_INFINITY, tail: 0.025, t: 1.96 },
  ])("of a tail of $tail with $freedom degrees of freedom is $t", ({ freedom, tail, t }) => {
    expect(studentTQuantile(tail, freedom)).toBeCloseTo(t, 3);
    expect(studentTQuantile(1 - tail, freedom)).toBeCloseTo(-t, 3);
  });

  it("undoes the tail, from the middle to very small chances", () => {
    for (const freedom of [1, 2, 2.7, 9, 199, 50_000, Number.POSITIVE_INFINITY]) {
      for (const tail of [0.5, 0.3, 0.01, 1.3e-4, 1e-9]) {
        expect(studentTTail(studentTQuantile(tail, freedom), freedom) / tail).toBeCloseTo(1, 6);
      }
    }
  });

  it("is not there for a chance of 0 or 1, or without degrees of freedom", () => {
    for (const tail of [0, 1, -1, Number.NaN]) expect(studentTQuantile(tail, 5)).toBeNaN();
    expect(studentTQuantile(0.1, 0)).toBeNaN();
    expect(normalQuantile(0.025)).toBeCloseTo(1.959964, 5);
  });
});

describe("the tail", () => {
  it("is that of Cauchy's distribution with one degree of freedom", () => {
    for (const t of [-30, -1, 0, 0.2, 1, 7, 1000]) {
      expect(studentTTail(t, 1)).toBeCloseTo(0.5 - Math.atan(t) / Math.PI, 12);
    }
  });

  it("falls to 0 far out and is never NaN for a number", () => {
    expect(studentTTail(Number.POSITIVE_INFINITY, 3)).toBe(0);
    expect(studentTTail(Number.NEGATIVE_INFINITY, 3)).toBe(1);
    expect(studentTTail(1e200, 3)).toBe(0);
    expect(studentTTail(Number.NaN, 3)).toBeNaN();
  });
});
