import assert from 'node:assert/strict';
import { blend, superposition } from '../../../src/viz/image/overlay';

const image = { width: 2, height: 1, data: Uint8Array.of(100, 50, 0, 200, 200, 200) };
const map = Float32Array.of(0, 1);

describe('superposition', () => {
  it('adds JET and image and divides by the largest channel', () => {
    // JET: (0, 0, 128) and (128, 0, 0); the largest sum is 328.
    const expected = [100, 50, 128, 328, 200, 200].map((sum) => Math.floor((255 * sum) / 328));
    assert.deepEqual([...superposition(image, map).data], expected);
  });

  it('brightens a dim sum until its largest channel is 255', () => {
    const dim = { width: 1, height: 1, data: Uint8Array.of(0, 10, 22) };
    // JET of a constant map: (0, 0, 128); the largest sum is 150.
    assert.deepEqual([...superposition(dim, Float32Array.of(3)).data], [0, 17, 255]);
  });

  it('survives an image and a colour of nothing but zeros', () => {
    const black = { width: 1, height: 1, data: new Uint8Array(3) };
    const { data } = superposition(black, Float32Array.of(0), { colormap: 'grey' });
    assert.deepEqual([...data], [0, 0, 0]);
  });

  it('refuses a map of another size', () => {
    assert.throws(() => superposition(image, new Float32Array(3)), /found 3/);
  });
});

describe('blend', () => {
  it('shows the image where the map is 0', () => {
    assert.deepEqual([...blend(image, map).data.slice(0, 3)], [100, 50, 0]);
  });

  it('shows the colour with the opacity where the map reaches the top', () => {
    const { data } = blend(image, map, { colormap: 'grey', opacity: 0.5 });
    assert.deepEqual([...data.slice(3)], [228, 228, 228]);
    const opaque = blend(image, map, { colormap: 'jet', opacity: 1 });
    assert.deepEqual([...opaque.data.slice(3)], [128, 0, 0]);
  });

  it('leaves a good image as it is on a scale that reaches far above it', () => {
    const { data } = blend(image, Float32Array.of(0, 1e-4), { range: { lo: 0, hi: 1 } });
    assert.deepEqual([...data], [...image.data]);
  });
});
