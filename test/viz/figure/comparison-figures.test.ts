import assert from 'node:assert/strict';
import type { Evaluation } from '../../../src/lib/evaluation/evaluate-detector';
import { comparisonFigures } from '../../../src/viz/figure/comparison-figures';
import { comparedImages, scaleOfGoodImages } from '../../../src/viz/figure/model-comparison';
import { modelMaps, scene } from '../scene';
import { assertPngSnapshot } from '../snapshot';

const SIDE = 32;

/** A good image and two with the scene's square as defect; `background` lifts their maps. */
function evaluation(background: number, { good = 1 } = {}): Evaluation {
  const { image, mask } = scene();
  const defects = [...Array<string>(good).fill('good'), 'square', 'square'];
  const data = new Uint8Array(defects.length * 3 * SIDE * SIDE);
  defects.forEach((_, i) => data.set(image.data, i * image.data.length));
  const flat = new Float32Array(SIDE * SIDE).fill(0.4);
  const { levels, product } = modelMaps('', background);
  const part = {
    samples: defects.map((defect, i) => ({
      file: `${i}.png`,
      defect,
      label: Number(defect !== 'good'),
    })),
    images: { width: SIDE, height: SIDE, data },
    masks: defects.map((defect) => (defect === 'good' ? null : mask)),
    detections: defects.map((defect) =>
      defect === 'good'
        ? { map: flat, levelMaps: [flat, flat, flat], score: 0.4 }
        : { map: product, levelMaps: [...levels].reverse(), score: 1 },
    ),
  };
  return part as unknown as Evaluation;
}
const models = (options?: { good: number }) =>
  [
    { name: 'Ours', evaluation: evaluation(0.05, options) },
    { name: 'STFPM', evaluation: evaluation(0.5, options) },
  ] as const;

describe('comparisonFigures', () => {
  const options = { title: 'Figure 4: squares', panelWidth: 64, pixelRatio: 1 };

  it('draws both looks, ours above, the coarsest level first', async () => {
    const { paper, shared } = await comparisonFigures(models(), [1], options);
    assert.match(
      paper.alt,
      /^Figure 4: squares, each map on its own scale\. .*Ours and STFPM on square 1/,
    );
    await assertPngSnapshot('comparison-shared', shared!.png);
  });

  it('gives the numbers of the images shown and of all defective ones', async () => {
    const { shownTable, overallTable } = await comparisonFigures(models(), [1], options);
    assert.equal(shownTable!.rows.length, 1);
    const background = overallTable!.rows[1];
    assert.equal(background[0], 'background (lower is better)');
    assert.ok(Number(background[1]) < Number(background[2]), `${background[1]} ${background[2]}`);
    assert.equal(background[4], '2 images, worse on 0');
  });

  it('has only the paper’s look where no good image sets a scale', async () => {
    const figures = await comparisonFigures(models({ good: 0 }), [0], options);
    assert.ok(figures.paper.png.length > 0);
    assert.deepEqual(
      [figures.shared, figures.shownTable, figures.overallTable],
      [null, null, null],
    );
  });
});

describe('comparedImages', () => {
  it('refuses models that saw different images', () => {
    const [ours, baseline] = models();
    const other = { name: 'Other', evaluation: evaluation(0.5, { good: 2 }) };
    assert.equal(comparedImages([ours, baseline], [2])[0].label, 'square 2');
    assert.throws(() => comparedImages([ours, other], [1]), /Other and Ours saw different images/);
  });
});

describe('scaleOfGoodImages', () => {
  it('is set by the good images alone', () => {
    const hi = scaleOfGoodImages(evaluation(5))!.product.hi;
    assert.ok(Math.abs(hi - 0.4) < 1e-6);
  });
});
