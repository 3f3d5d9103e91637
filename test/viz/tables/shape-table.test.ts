import assert from 'node:assert/strict';
import { autoEncoderConfigSchema, autoEncoderSteps } from '../../../src/lib/models/auto-encoder';
import { shapeTable } from '../../../src/viz/tables/shape-table';

const pooling = { name: 'max-pooling', shape: [2, 2, 4], parameters: 0 };
const convolution = { name: 'convolution', shape: [4, 4, 4], parameters: 1040 };

describe('shapeTable', () => {
  it('has a row a step, two columns a network, and the sums', () => {
    const wide = [
      { ...convolution, shape: [8, 8, 4] },
      { ...pooling, shape: [4, 4, 4] },
    ];
    const table = shapeTable([
      { name: 'level 1', steps: wide },
      { name: 'level 2', steps: [convolution, pooling] },
    ]);
    assert.deepEqual(table.rows, [
      ['convolution', '8 × 8 × 4', '1,040', '4 × 4 × 4', '1,040'],
      ['max-pooling', '4 × 4 × 4', '', '2 × 2 × 4', ''],
      ['all', '', '1,040', '', '1,040'],
    ]);
  });

  it('refuses networks with different steps', () => {
    assert.throws(
      () =>
        shapeTable([
          { name: 'a', steps: [convolution, pooling] },
          { name: 'b', steps: [pooling] },
        ]),
      /expected the steps of a for b, found max-pooling/,
    );
  });

  it("shows the paper's auto-encoder of level 1 as its Figure 2 does", () => {
    const steps = autoEncoderSteps(autoEncoderConfigSchema.parse({}), 64, 64);
    const { rows } = shapeTable([{ name: 'level 1', steps }]);
    assert.deepEqual(rows, [
      ['input', '64 × 64 × 64', ''],
      ['down 1: 2 convolutions 3 × 3', '64 × 64 × 32', '27,712'],
      ['max-pooling 2 × 2', '32 × 32 × 32', ''],
      ['down 2: 2 convolutions 3 × 3', '32 × 32 × 64', '55,424'],
      ['max-pooling 2 × 2', '16 × 16 × 64', ''],
      ['down 3: 2 convolutions 3 × 3', '16 × 16 × 128', '221,440'],
      ['max-pooling 2 × 2', '8 × 8 × 128', ''],
      ['bottleneck: 2 convolutions 3 × 3', '8 × 8 × 128', '295,168'],
      ['up 3: transposed convolution 2 × 2', '16 × 16 × 128', '65,664'],
      ['concatenation with down 3', '16 × 16 × 256', ''],
      ['up 2: transposed convolution 2 × 2', '32 × 32 × 64', '65,600'],
      ['concatenation with down 2', '32 × 32 × 128', ''],
      ['up 1: transposed convolution 2 × 2', '64 × 64 × 32', '16,416'],
      ['concatenation with down 1', '64 × 64 × 64', ''],
      ['all', '', '747,424'],
    ]);
  });

  it('shows every variant with the input as its last shape and all its parameters', () => {
    const variants = [
      { kind: 'basic' },
      { decoderConvolutions: true },
      { skips: 'not-top' },
      { skips: 'none', head: true },
      { crop: 8 },
    ] as const;
    const sums = variants.map((variant) => {
      const steps = autoEncoderSteps(autoEncoderConfigSchema.parse(variant), 8, 16);
      assert.deepEqual(steps[steps.length - 1].shape, [16, 16, 8]);
      return steps.reduce((sum, { parameters }) => sum + parameters, 0);
    });
    assert.equal(new Set(sums).size, variants.length);
  });
});
