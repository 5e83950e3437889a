import { expect, it } from "vitest";
import { incompleteBeta, logGamma } from "./incomplete-beta.ts";

it("logGamma is the logarithm of the factorials, and of √π at one half", () => {
  let logFactorial = 0;
  for (let n = 1; n <= 170; n += 1) {
    expect(logGamma(n)).toBeCloseTo(logFactorial, 9);
    logFactorial += Math.log(n);
  }
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 12);
});

/** P(at least k of n coins show heads, of chance x), term by term. */
function binomialTail(k: number, n: number, x: number): number {
  let [tail, ways] = [0, 1];
  for (let i = 0; i <= n; i += 1) {
    if (i >= k) tail += ways * x ** i * (1 - x) ** (n - i);
    ways *= (n - i) / (i + 1);
  }
  return tail;
}

it.each([0.01, 0.2, 0.5, 0.77, 0.999])("I_%d(k, n − k + 1) is the tail of the binomial distribution", (x) => {
  for (const n of [1, 2, 5, 20, 60]) {
    for (let k = 1; k <= n; k += 1) expect(incompleteBeta(x, k, n - k + 1)).toBeCloseTo(binomialTail(k, n, x), 11);
  }
});

it("goes from 0 to 1, mirrors, and copes with large parameters", () => {
  expect(incompleteBeta(0, 3, 2)).toBe(0);
  expect(incompleteBeta(1, 3, 2)).toBe(1);
  expect(incompleteBeta(-1, 3, 2)).toBe(0);
  expect(incompleteBeta(0.3, 2.5, 7.1)).toBeCloseTo(1 - incompleteBeta(0.7, 7.1, 2.5), 14);
  expect(incompleteBeta(0.5, 50_000, 50_000)).toBeCloseTo(0.5, 8);
  expect(incompleteBeta(Number.NaN, 1, 1)).toBeNaN();
});
