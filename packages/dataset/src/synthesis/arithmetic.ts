/**
 * Arithmetic with the same last bit in every JavaScript engine. IEEE 754 lays down + − × ÷ and the square root;
 * Math.sin, Math.hypot, ** and the like may differ between versions of Node, and with them the bytes of an image.
 */

/** A number to the power of a whole number from 1. */
export function power(base: number, exponent: number): number {
  let product = base;
  for (let factor = 1; factor < exponent; factor += 1) product *= base;
  return product;
}

/** The distance from the origin. */
export function distanceOf(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

/** The sine of an angle in turns, to 0.002 (Bhāskara's approximation). */
export function sineOfTurn(turns: number): number {
  const part = turns - Math.floor(turns);
  const half = 2 * (part < 0.5 ? part : part - 0.5);
  const bow = half * (1 - half);
  const sine = (16 * bow) / (5 - 4 * bow);
  return part < 0.5 ? sine : -sine;
}

/** The cosine of an angle in turns, as exact as {@link sineOfTurn}. */
export function cosineOfTurn(turns: number): number {
  return sineOfTurn(turns + 0.25);
}
