/** Lanczos coefficients (Press et al. 2007, section 6.1). */
const LANCZOS: readonly number[] = [
  57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202, 3.399464998481189e-5,
  4.652362892704858e-5, -9.837447530487956e-5, 0.0001580887032249125, -0.00021026444172410488, 0.00021743961811521265,
  -0.0001643181065367639, 8.441822398385275e-5, -2.6190838401581408e-5, 3.6899182659531625e-6,
];

/** The natural logarithm of the gamma function of x > 0 (Lanczos 1964, as in Press et al. 2007, section 6.1). */
export function logGamma(x: number): number {
  const shifted = x + 5.2421875;
  const series = LANCZOS.reduce((sum, coefficient, index) => sum + coefficient / (x + index + 1), 0.9999999999999971);
  return (x + 0.5) * Math.log(shifted) - shifted + Math.log((2.5066282746310007 * series) / x);
}

/**
 * The regularised incomplete beta function I_x(a, b), a and b > 0: the chance that a number of the beta distribution is
 * at most x. By a continued fraction (Press et al. 2007, section 6.4), good for a and b up to some hundred thousand.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (Number.isNaN(x + a + b)) return Number.NaN;
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const logFactor = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  // The fraction converges fast on its own side of the mean only.
  return x < (a + 1) / (a + b + 2)
    ? (Math.exp(logFactor) * betaFraction(x, a, b)) / a
    : 1 - (Math.exp(logFactor) * betaFraction(1 - x, b, a)) / b;
}

const MAX_TERMS = 10_000;
const PRECISION = 1e-15;

/** The continued fraction of I_x(a, b), by Lentz's method as Thompson and Barnett (1986) changed it. */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let term = 1; term <= MAX_TERMS; term += 1) {
    const even = (term * (b - term) * x) / ((a + 2 * term - 1) * (a + 2 * term));
    d = 1 / notZero(1 + even * d);
    c = notZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + term) * (a + b + term) * x) / ((a + 2 * term) * (a + 2 * term + 1));
    d = 1 / notZero(1 + odd * d);
    c = notZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) <= PRECISION) break;
  }
  return fraction;
}

function notZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}
