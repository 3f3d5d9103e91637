import { readFixture } from './fixture';
import { mixedIntegers } from './mixed-integers';

interface Expected {
  name: string;
  type: 'float32' | 'float64';
  auroc: number;
  averagePrecision: number;
  f1Max: number;
}

interface LiteralCase extends Expected {
  scores: number[];
  labels: number[];
  f1MaxThreshold: number;
  roc?: { falsePositiveRate: number[]; truePositiveRate: number[]; thresholds: number[] };
  precisionRecall?: { precision: number[]; recall: number[] };
}

interface GeneratedCase extends Expected {
  count: number;
  levels: number;
  distinct: number;
}

interface RankingFixture {
  cases: LiteralCase[];
  generated: GeneratedCase[];
}

const fixture = readFixture<RankingFixture>('ranking.json');
const arrays = { float32: Float32Array, float64: Float64Array };

/** Small cases with scikit-learn's results. */
export const literalCases = fixture.cases.map((expected) => ({
  name: expected.name,
  scores: arrays[expected.type].from(expected.scores),
  labels: Uint8Array.from(expected.labels),
  expected,
}));

/** Large cases with scikit-learn's results: their scores are made when asked for. */
export const generatedCases = fixture.generated.map((expected) => ({
  name: expected.name,
  expected,
  items: () => {
    const { count, levels } = expected;
    const labels = Uint8Array.from(mixedIntegers(count, 12345), (word) => +(word % 50 === 0));
    const lift = Math.floor(levels / 10);
    const scores = new arrays[expected.type](count);
    mixedIntegers(count, 1).forEach((word, i) => {
      scores[i] = ((word % levels) + labels[i] * lift) / 8;
    });
    return { scores, labels };
  },
}));

export const allCases = [
  ...literalCases.map(({ name, scores, labels, expected }) => ({
    name,
    items: () => ({ scores, labels }),
    expected: expected as Expected,
  })),
  ...generatedCases,
];
