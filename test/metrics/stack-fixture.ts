import { readFixture } from './fixture';

interface Case {
  name: string;
  images: number;
  height: number;
  width: number;
  scores: number[];
  masks: string[];
  regions: number;
  curvePoints: number;
  aupro: Record<string, number>;
  instanceAveragePrecision: number;
  aupimoBounds: [number, number];
  aupimo: (number | null)[];
}

/** Stacks of anomaly maps and masks, with areas counted anew at every threshold. */
export const stackCases = readFixture<Case[]>('stacks.json').map((expected) => ({
  name: expected.name,
  scores: Float32Array.from(expected.scores),
  labels: Uint8Array.from(expected.masks.join(''), Number),
  size: { width: expected.width, height: expected.height },
  expected,
}));
