import assert from 'node:assert/strict';
import {
  reconstructionGrid,
  type ReconstructedImage,
} from '../../../src/viz/figure/reconstruction-grid';
import { scene } from '../scene';
import { assertPngSnapshot, pixels } from '../snapshot';

const shape = [8, 8, 4] as const;
const maps = (value: (i: number) => number) => ({
  shape,
  data: Float32Array.from({ length: 256 }, (_, i) => value(i)),
});
const wave = (i: number) => Math.sin(i / 7);
const image = (label: string, error: number): ReconstructedImage => ({
  label,
  image: scene().image,
  features: maps(wave),
  reconstruction: maps((i) => wave(i) + (i < 128 ? error : 0)),
});
const small = { panelWidth: 48, pixelRatio: 1, channels: 2 };

describe('reconstructionGrid', () => {
  it('shows features, reconstruction and difference of every image', async () => {
    const images = [image('good', 0.1), image('defective', 1)];
    const figure = await reconstructionGrid(images, { ...small, title: 'Level 1' });
    await assertPngSnapshot('reconstruction', figure.png);
    assert.match(figure.alt, /channels 0, 2 of F, A\(F\) and their difference, for good and/);
  });

  it('draws no difference in the darkest colour, on one scale for all images', async () => {
    const images = [image('good', 0), image('defective', 1)];
    const { png } = await reconstructionGrid(images, small);
    const { data, size } = await pixels(png);
    const brightest = (from: number, to: number): number => {
      let most = 0;
      for (let y = from; y < to; y++) {
        const at = 3 * (y * size[0] + 8 + 36 + 52 + 24);
        most = Math.max(most, data[at]);
      }
      return most;
    };
    // The third of three rows of 52, and the sixth after the gap between the images.
    const top = 8 + 18;
    assert.ok(brightest(top + 106, top + 150) < 10);
    assert.ok(brightest(top + 152 + 14 + 106, top + 152 + 14 + 128) > 200);
  });

  it('refuses no image, and features that do not fit', async () => {
    await assert.rejects(() => reconstructionGrid([]), /expected an image, found none/);
    const wrong = { ...image('b', 1), reconstruction: { shape, data: new Float32Array(3) } };
    await assert.rejects(
      () => reconstructionGrid([image('a', 1), wrong]),
      /expected 256 values of the shape \[8, 8, 4\] of a, found 3 .* for b/,
    );
    await assert.rejects(
      () => reconstructionGrid([image('a', 1)], { channels: [4] }),
      /channels from 0 to 3, found 4/,
    );
  });
});
