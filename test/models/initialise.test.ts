import assert from 'node:assert/strict';
import { initialiseResNet18, resnet18Shapes } from '../../src/lib/models/resnet18';
import { initialiseUniform } from '../../src/lib/models/auto-encoder';
import { Random } from '../../src/lib/random/random';

describe('initialiseResNet18', () => {
  const arrays = initialiseResNet18(Random.fromSeed(0));
  const dataOf = (name: string, from = arrays) => from.get(name)?.data ?? new Float32Array();

  it('makes every array of the backbone, in its shape', () => {
    const shapes = [...arrays].map(([name, { shape }]) => [name, shape]);
    assert.deepEqual(shapes, [...resnet18Shapes()]);
    for (const { shape, data } of arrays.values()) {
      assert.equal(
        data.length,
        shape.reduce((product, size) => product * size, 1),
      );
    }
  });

  it('draws convolutions from a normal distribution of variance 2 / fan_out', () => {
    for (const [name, { shape, data }] of arrays) {
      if (shape.length !== 4) continue;
      const variance = 2 / (shape[0] * shape[2] * shape[3]);
      const n = data.length;
      const moment = (k: number) =>
        data.reduce((sum, x) => sum + (x / Math.sqrt(variance)) ** k, 0) / n;
      // Five standard errors of the mean, the variance and the fourth moment of a normal sample.
      assert.ok(Math.abs(moment(1)) < 5 * Math.sqrt(1 / n), `mean of ${name}: ${moment(1)}`);
      assert.ok(
        Math.abs(moment(2) - 1) < 5 * Math.sqrt(2 / n),
        `variance of ${name}: ${moment(2)}`,
      );
      assert.ok(
        Math.abs(moment(4) - 3) < 5 * Math.sqrt(96 / n),
        `kurtosis of ${name}: ${moment(4)}`,
      );
    }
  });

  it('starts batch norms as the identity', () => {
    for (const [name, { shape, data }] of arrays) {
      if (shape.length !== 1) continue;
      const expected = /\.(weight|running_var)$/.test(name) ? 1 : 0;
      assert.ok(
        data.every((x) => x === expected),
        name,
      );
    }
  });

  it('gives the same numbers for a seed everywhere', () => {
    assert.deepEqual(
      [...dataOf('conv1.weight').slice(0, 3)],
      [0.010162904858589172, -0.036351852118968964, 0.04760287329554558],
    );
    assert.deepEqual(
      [...dataOf('layer3.1.conv2.weight').slice(0, 3)],
      [0.045932162553071976, -0.026744650676846504, 0.025005361065268517],
    );
    const again = initialiseResNet18(Random.fromSeed(0));
    const other = initialiseResNet18(Random.fromSeed(1));
    assert.deepEqual(again, arrays);
    assert.notDeepEqual(dataOf('conv1.weight', other), dataOf('conv1.weight'));
  });

  it('gives each array numbers of its own', () => {
    const first = dataOf('layer1.0.conv1.weight');
    for (const other of ['layer1.0.conv2.weight', 'layer1.1.conv1.weight']) {
      const dot = dataOf(other).reduce((sum, x, i) => sum + x * first[i], 0);
      const norm = first.reduce((sum, x) => sum + x * x, 0);
      assert.ok(Math.abs(dot / norm) < 5 / Math.sqrt(first.length), other);
    }
  });
});

describe('initialiseUniform', () => {
  it('gives each array numbers of its own name, whatever else is there', () => {
    const first: [string, number[]][] = [
      ['a.weight', [4, 3, 3, 3]],
      ['a.bias', [4]],
    ];
    const second: [string, number[]][] = [
      ['b.weight', [4, 3, 3, 3]],
      ['b.bias', [4]],
    ];
    const alone = initialiseUniform(new Map(second), Random.fromSeed(0));
    const both = initialiseUniform(new Map([...first, ...second]), Random.fromSeed(0));
    assert.deepEqual(both.get('b.weight'), alone.get('b.weight'));
    assert.deepEqual(both.get('b.bias'), alone.get('b.bias'));
    assert.notDeepEqual(both.get('a.weight'), both.get('b.weight'));
  });

  it("refuses what is no convolution's weight or bias", () => {
    const make = (name: string, shape: number[]) => () =>
      initialiseUniform(new Map([[name, shape]]), Random.fromSeed(0));
    assert.throws(
      make('norm.weight', [4]),
      /"norm\.weight": expected a convolution's weight or bias/,
    );
    assert.throws(make('lost.bias', [4]), /"lost\.bias": expected/);
  });
});
