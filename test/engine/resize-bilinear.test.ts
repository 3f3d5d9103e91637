import { resizeBilinear, tf } from '../../src/lib/engine/index';
import { assertArraysNear } from './assert-arrays-near';
import { readGolden } from './golden';

interface ResizeCase {
  shape: [number, number, number, number];
  size: [height: number, width: number];
  input: number[];
  output: number[];
}

describe('resizeBilinear', () => {
  const cases = readGolden<Record<string, ResizeCase>>('engine', 'resize-bilinear.json');
  for (const [name, { shape, size, input, output }] of Object.entries(cases)) {
    it(`gives PyTorch's values, ${name}`, () => {
      tf.tidy(() => {
        const y = resizeBilinear(tf.tensor4d(input, shape), { height: size[0], width: size[1] });
        assertArraysNear(y.dataSync(), output, 1e-6);
      });
    });
  }
});
