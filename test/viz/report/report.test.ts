import assert from 'node:assert/strict';
import sharp from 'sharp';
import { encodeMap } from '../../../src/viz/report/report-images';
import { inlineSvg } from '../../../src/viz/report/report-page';

describe('encodeMap', () => {
  const map = Float32Array.from({ length: 64 }, (_, i) => (i / 63) ** 3);

  it('can be read back, most exactly where values are low', async () => {
    const { png, lo, hi } = await encodeMap(map, { width: 16, height: 4 }, 1);
    const bytes = Buffer.from(png.split(',')[1], 'base64');
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height], [16, 4]);
    map.forEach((value, i) => {
      const read = lo + (hi - lo) * (data[info.channels * i] / 255) ** 2;
      assert.ok(Math.abs(read - value) <= Math.sqrt(value) / 255 + 1e-5, `${read}, not ${value}`);
    });
  });

  it('averages blocks', async () => {
    const blocks = Float32Array.from([0, 2, 5, 5, 0, 2, 5, 5]);
    const { lo, hi } = await encodeMap(blocks, { width: 4, height: 2 }, 2);
    assert.deepEqual([lo, hi], [1, 5]);
  });
});

describe('inlineSvg', () => {
  it('prefixes ids and what refers to them', () => {
    assert.equal(
      inlineSvg('<clipPath id="clip1"/><g clip-path="url(#clip1)"/><use href="#x"/>', 'a-'),
      '<clipPath id="a-clip1"/><g clip-path="url(#a-clip1)"/><use href="#a-x"/>',
    );
  });
});
