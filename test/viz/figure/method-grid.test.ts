import assert from 'node:assert/strict';
import type { OperatingThreshold } from '../../../src/lib/anomaly-map/threshold';
import type { Evaluation } from '../../../src/lib/evaluation/evaluate-detector';
import { methodGrid } from '../../../src/viz/figure/method-grid';
import { modelMaps, scene } from '../scene';
import { assertPngSnapshot } from '../snapshot';

const SIDE = 32;

/** A good image, and one with the scene's square as defect. */
function evaluation({ hasMap = true, score = 1 } = {}): Evaluation {
  const { image, mask } = scene();
  const data = new Uint8Array(2 * image.data.length);
  data.set(image.data);
  data.set(image.data, image.data.length);
  const { product } = modelMaps('', 0.2);
  const flat = new Float32Array(SIDE * SIDE).map((_, i) => 0.2 + (0.2 * (i % SIDE)) / SIDE);
  const detection = (map: Float32Array, value: number) => ({
    map: hasMap ? map : null,
    levelMaps: [],
    score: value,
  });
  const part = {
    samples: [
      { file: '000.png', defect: 'good', label: 0 },
      { file: '001.png', defect: 'square', label: 1 },
    ],
    images: { width: SIDE, height: SIDE, data },
    masks: [null, mask],
    detections: [detection(flat, 0.4), detection(product, score)],
  };
  return part as unknown as Evaluation;
}

describe('methodGrid', () => {
  const threshold = (value: number) => ({ value }) as OperatingThreshold;
  const options = { title: 'Squares', panelWidth: 80, pixelRatio: 1 };

  it('draws image, truth, and the map and verdict of each method that has maps', async () => {
    const figure = await methodGrid(
      [
        { name: 'sure', evaluation: evaluation(), threshold: threshold(0.5) },
        { name: 'whole images', evaluation: evaluation({ hasMap: false }) },
        { name: 'strict', evaluation: evaluation({ score: 0.2 }), threshold: threshold(0.3) },
      ],
      [0, 1],
      options,
    );
    await assertPngSnapshot('method-grid', figure.png);
    assert.match(figure.alt, /^Squares\. Anomaly maps of sure, strict on good 000, square 001;/);
    const svg = await figure.toSvg();
    const verdicts = ['passed', 'found', 'false alarm', 'missed'];
    verdicts.forEach((verdict) => assert.equal(svg.match(`>${verdict}<`)?.length, 1, verdict));
  });

  it('refuses methods of which none has maps', async () => {
    const methods = [{ name: 'whole images', evaluation: evaluation({ hasMap: false }) }];
    await assert.rejects(methodGrid(methods, [0], options), /expected a method with maps/);
  });
});
