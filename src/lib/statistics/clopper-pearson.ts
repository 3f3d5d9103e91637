/**
 * The exact interval of a rate of which `count` of `total` were observed (Clopper & Pearson, 1934). It is never too
 * narrow, and wide where there are few observations: 0 of 24 is still compatible with 14 %.
 *
 * It also holds for a threshold that was set between two of the very scores that are counted, with `count` of `total` above
 * it: the share of new scores above the k-th largest of n is distributed as Beta(k, n - k + 1) whatever the scores'
 * distribution is (Wilks, 1941), and the ends of this interval are quantiles of just these.
 *
 * @param confidence two-sided
 * @returns from 0 to 1
 * @throws RangeError unless count and total are whole numbers, 0 <= count <= total and total > 0
 */
export function clopperPearson(count: number, total: number, confidence = 0.95): [number, number] {
  if (!Number.isInteger(count) || !Number.isInteger(total) || count < 0 || count > total) {
    throw new RangeError(`Expected a count of 0 to ${total}, found ${count}.`);
  }
  if (total === 0) throw new RangeError('Expected a rate of at least one observation, found none.');
  const tail = (1 - confidence) / 2;
  return [
    count === 0 ? 0 : betaQuantile(tail, count, total - count + 1),
    count === total ? 1 : betaQuantile(1 - tail, count + 1, total - count),
  ];
}

/** The x in [0, 1] below which a Beta(a, b) variable lies with probability p. */
function betaQuantile(p: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  // Halves the interval until it cannot be halved any more.
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (incompleteBeta(middle, a, b) < p) low = middle;
    else high = middle;
  }
}

/** The regularised incomplete beta function I_x(a, b), from its continued fraction (DLMF 8.17.22). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges quickly on this side of the mean.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const logFront =
    a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  return (Math.exp(logFront) * continuedFraction(x, a, b)) / a;
}

const MAX_TERMS = 10000;
const TINY = 1e-300;

/** By Lentz's method. */
function continuedFraction(x: number, a: number, b: number): number {
  const notZero = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= MAX_TERMS; m++) {
    const terms = [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ];
    let factor = 1;
    for (const term of terms) {
      d = 1 / notZero(1 + term * d);
      c = notZero(1 + term / c);
      factor = c * d;
      value *= factor;
    }
    if (Math.abs(factor - 1) < 1e-15) break;
  }
  return value;
}

/** Lanczos' approximation with g = 7 and 9 terms: 15 digits for z >= 1/2. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
];

function logGamma(z: number): number {
  const [first, ...others] = LANCZOS;
  const sum = others.reduce((total, term, i) => total + term / (z + i), first);
  const t = z + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (z - 0.5) * Math.log(t) - t + Math.log(sum);
}
