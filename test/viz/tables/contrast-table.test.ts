import assert from 'node:assert/strict';
import { compareContrasts } from '../../../src/lib/evaluation/contrast';
import { contrastComparisonTable, contrastTable } from '../../../src/viz/tables/contrast-table';

const of = (contrast: number | null) => ({ auroc: 0.9, background: 0.25, contrast });

describe('tables of contrasts', () => {
  const models = ['ours', 'STFPM'] as const;

  it('have a row an image, and a note where a contrast is undefined', () => {
    const defined = [{ label: 'spot 000', contrasts: [of(2), of(1)] }];
    const undefinedToo = [...defined, { label: 'spot 001', contrasts: [of(null), of(1)] }];
    assert.doesNotMatch(contrastTable(models, defined).toText(), /undefined/);
    const text = contrastTable(models, undefinedToo).toText();
    assert.match(text, /^spot 000 +0\.9000 +0\.9000 +0\.250 +0\.250 +2\.00 +1\.00$/m);
    assert.match(text, /^spot 001 +0\.9000 +0\.9000 +0\.250 +0\.250 +n\/a +1\.00$/m);
    assert.match(text, /contrast is undefined \(n\/a\) where one of the two medians is 0/);
  });

  const comparison = (ours: (number | null)[]) =>
    contrastComparisonTable(
      [...models],
      compareContrasts(
        ours.map(of),
        ours.map(() => of(1)),
      ),
    ).toText();

  it('compare two models, and say over which images where some are left out', () => {
    const whole = comparison([2, 3]);
    assert.match(
      whole,
      /^contrast \(higher is better\) +2\.50 +1\.00 +\+1\.50 .* 2 images, worse/m,
    );
    assert.doesNotMatch(whole, /undefined|, on \d/);
    const part = comparison([2, null]);
    assert.match(part, /^contrast \(higher is better\), on 1 of 2 images +2\.00 +1\.00 /m);
    assert.match(part, /^background \(lower is better\) +0\.250/m);
    assert.match(part, /undefined \(n\/a\)/);
  });

  it('know nothing of a contrast that no image has', () => {
    assert.match(
      comparison([null, null]),
      /^contrast \(higher is better\), on 0 of 2 images +n\/a +n\/a +n\/a +n\/a$/m,
    );
  });
});
