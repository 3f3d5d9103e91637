import assert from 'node:assert/strict';
import sharp from 'sharp';
import { comparisonStrip, type StripOptions } from '../../src/viz/figure/strip';
import { modelMaps, scene } from './scene';
import { assertSamePicture, pixels } from './snapshot';

describe('the comparison of a picture with its snapshot', () => {
  const scale = { levels: [1, 1, 1].map((hi) => ({ lo: 0, hi })), product: { lo: 0, hi: 1 } };
  const figure = async (options: StripOptions = {}): Promise<Buffer> => {
    const { image, mask } = scene();
    const images = [{ image, mask, label: 'square', models: [modelMaps('Ours', 0.05)] }];
    const style = { look: 'shared', scale, title: 'Image 1', panelWidth: 64 } as const;
    return (await comparisonStrip(images, { ...style, ...options })).png;
  };
  const changed = async (png: Buffer, change: (data: Buffer) => void): Promise<Buffer> => {
    const { data, size } = await pixels(png);
    change(data);
    return sharp(data, { raw: { width: size[0], height: size[1], channels: 3 } })
      .png()
      .toBuffer();
  };
  const isRefused = async (other: Buffer): Promise<void> =>
    assert.rejects(assertSamePicture('a', other, await figure()), /pixels have changed/);

  it('lets rounding pass, everywhere by a few levels and at a few edges by more', async () => {
    const png = await figure();
    await assertSamePicture('a', png, png);
    const rounded = await changed(png, (data) => {
      data.forEach((value, i) => (data[i] = Math.min(255, value + (i % 4))));
      for (let i = 0; i < 5; i++) data[30 * i] ^= 32;
    });
    await assertSamePicture('a', rounded, png);
  });

  it('refuses another letter', async () => {
    await isRefused(await figure({ title: 'lmage 1' }));
    await isRefused(await figure({ title: 'Image l' }));
  });

  it('refuses a label, an outline or a colour bar’s text that is missing', async () => {
    await isRefused(await figure({ scaleLabels: ['', '99.9th percentile of good images'] }));
    await isRefused(await figure({ outlines: false }));
    await isRefused(await figure({ levelTitles: ['16 × 16', '32 × 32', ' '] }));
  });

  it('refuses a faint change of many pixels', async () => {
    const png = await figure();
    await isRefused(await changed(png, (data) => data.fill(247, 0, 3 * 200)));
  });

  it('refuses another size', async () => {
    const other = await figure({ panelWidth: 65 });
    await assert.rejects(assertSamePicture('a', other, await figure()), /another size/);
  });
});
