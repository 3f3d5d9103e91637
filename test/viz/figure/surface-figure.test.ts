import assert from 'node:assert/strict';
import { surfaceFigure } from '../../../src/viz/figure/surface-figure';
import { modelMaps, scene } from '../scene';
import { assertPngSnapshot } from '../snapshot';

describe('surfaceFigure', () => {
  const { image, mask } = scene();
  const { product } = modelMaps('STFPM', 0.3);
  const options = { title: 'A map as a surface', mask, width: 320, pixelRatio: 1 };

  it('draws the map as a surface with the defect outlined on it', async () => {
    await assertPngSnapshot('surface', (await surfaceFigure(product, image, options)).png);
  });

  it('stays flat where a shared scale reaches further than the map', async () => {
    const far = { lo: 0, hi: 100 * Math.max(...product) };
    const svg = await (await surfaceFigure(product, image, { ...options, range: far })).toSvg();
    const facets = [...svg.matchAll(/fill="(rgb\([\d,]+\))" stroke="rgb/g)].map(([, fill]) => fill);
    assert.ok(facets.length > 900);
    assert.ok(new Set(facets).size < 8, `${new Set(facets).size} colours`);
  });

  it('says its highest value in words', async () => {
    const { alt } = await surfaceFigure(Float32Array.of(0, 0.25, 0, 0), { width: 2, height: 2 });
    assert.equal(alt, 'A map as a surface; its highest value is 0.25.');
  });

  it('refuses a map without values', async () => {
    const empty = new Float32Array(4).fill(NaN);
    await assert.rejects(surfaceFigure(empty, { width: 2, height: 2 }), /none that is finite/);
  });
});
