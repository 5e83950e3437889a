import { sampleStandardDeviation } from "./descriptive.ts";
import { logGamma } from "./incomplete-beta.ts";
import { studentTTail } from "./student-t.ts";

/**
 * The standard deviation of k known values together with that of two newcomers which lies nearer to their mean: where the
 * two differ by a change, the one that did not change is as good as one more known value, and nobody knows which it is.
 */
export function newcomersSpread(known: readonly number[], first: number, second: number): number {
  return Math.min(sampleStandardDeviation([...known, first]), sampleStandardDeviation([...known, second]));
}

/**
 * P(T > t) of T = (second − first) / (√2 · spread), with the spread of {@link newcomersSpread}, when k ≥ 3 known values and
 * both newcomers are drawn from one normal distribution. Exact: let n = k + 1 and V, W be the deviations of the nearer and
 * the further newcomer from the mean of n values, in their standard deviations. V · √n / (n − 1) is the sine of an angle with
 * density ∝ cosⁿ⁻³ (Thompson 1935), W / √(1 + 1/n) is Student's t with n − 1 degrees of freedom, and both are independent
 * (Basu 1955). By symmetry T > t > 0 is twice as likely as "second is further, and W > V + √2·t".
 */
export function newcomersTail(t: number, knownCount: number): number {
  if (Number.isNaN(t) || !(knownCount >= 3)) return Number.NaN;
  if (t < 0) return 1 - newcomersTail(-t, knownCount);
  const n = knownCount + 1;
  const reach = (n - 1) / Math.sqrt(n);
  const further = Math.sqrt(1 + 1 / n);
  const integrand = (angle: number) => {
    const v = reach * Math.sin(angle);
    // Further from the mean of the known values, which lies 1/k beside that of all n.
    const isFurther = v < 0 ? -v * (1 + 2 / knownCount) : v;
    const w = Math.max(v + Math.SQRT2 * t, isFurther);
    return Math.cos(angle) ** (n - 3) * studentTTail(w / further, n - 1);
  };
  // Of many values no angle but small ones counts; the integrand has a bend where it is enough to be further.
  const end = Math.min(Math.PI / 2, MAX_DEVIATIONS / Math.sqrt(n));
  const bend = -Math.min(end, Math.asin(Math.min(1, (Math.SQRT2 * t) / (2 + 2 / knownCount) / reach)));
  const area = integral(integrand, -end, bend) + integral(integrand, bend, end);
  const density = Math.exp(logGamma((n - 1) / 2) - logGamma((n - 2) / 2)) / Math.sqrt(Math.PI);
  return Math.min(0.5, 2 * density * area);
}

/** The t of which {@link newcomersTail} is `tail`, for a tail of less than ½. */
export function newcomersQuantile(tail: number, knownCount: number): number {
  if (!(tail > 0 && tail < 0.5 && knownCount >= 3)) return Number.NaN;
  let [low, high] = [0, 1];
  while (newcomersTail(high, knownCount) > tail) {
    low = high;
    high *= 2;
  }
  while (high - low > 1e-7 * high) {
    const middle = (low + high) / 2;
    if (newcomersTail(middle, knownCount) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const PARTS = 24;
/** Angles beyond so many standard deviations have no weight. */
const MAX_DEVIATIONS = 8;

/** Simpson's rule. */
function integral(integrand: (x: number) => number, from: number, to: number): number {
  if (to <= from) return 0;
  const step = (to - from) / PARTS;
  let sum = integrand(from) + integrand(to);
  for (let part = 1; part < PARTS; part += 1) sum += (part % 2 === 1 ? 4 : 2) * integrand(from + part * step);
  return (sum * step) / 3;
}
