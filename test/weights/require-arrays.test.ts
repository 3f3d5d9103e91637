import assert from 'node:assert/strict';
import { requireArrays } from '../../src/lib/weights/named-arrays';
import type { NamedArrays } from '../../src/lib/weights/named-arrays';

const expected = new Map([
  ['conv1.weight', [2, 1]],
  ['bn1.weight', [2]],
  ['layer1.0.bn1.weight', [2]],
]);

function arrays(shapes: Record<string, number[]>): NamedArrays {
  return new Map(
    Object.entries(shapes).map(([name, shape], index) => {
      const count = shape.reduce((product, size) => product * size, 1);
      return [name, { shape, data: new Float32Array(count).fill(index) }];
    }),
  );
}

const complete = { 'bn1.weight': [2], 'layer1.0.bn1.weight': [2], 'conv1.weight': [2, 1] };

function prefixed(prefix: string): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(complete).map(([name, shape]) => [prefix + name, shape]),
  );
}

describe('requireArrays', () => {
  it('gives what is asked for in the order asked for, and nothing else', () => {
    const found = arrays({ ...complete, 'fc.weight': [9], 'bn1.num_batches_tracked': [] });
    const result = requireArrays('some.pth', found, expected);
    assert.deepEqual([...result.keys()], [...expected.keys()]);
    assert.equal(result.get('conv1.weight'), found.get('conv1.weight'));
  });

  for (const prefix of ['module.', 'model.', 'backbone.', 'module.backbone.', '_orig_mod.']) {
    it(`takes off the prefix ${prefix}`, () => {
      const found = arrays({ ...prefixed(prefix), 'head.conv1.weight': [7], 'model.x': [1] });
      const result = requireArrays('some.pth', found, expected);
      assert.equal(result.get('bn1.weight'), found.get(`${prefix}bn1.weight`));
      assert.deepEqual([...result.keys()], [...expected.keys()]);
    });
  }

  it('prefers names as they are', () => {
    const found = arrays({ ...prefixed('model.'), ...complete });
    const result = requireArrays('some.pth', found, expected);
    assert.equal(result.get('bn1.weight'), found.get('bn1.weight'));
  });

  it('refuses a file with two networks that fit', () => {
    const found = arrays({ ...prefixed('model.'), ...prefixed('encoder.') });
    assert.throws(() => requireArrays('some.pth', found, expected), {
      message: 'some.pth: expected one network, found two that fit equally well, under "model." and "encoder."', // prettier-ignore
    });
  });

  it('names what is missing, with what is similar to it', () => {
    const found = arrays({ 'stem.conv1.weight': [2, 1], 'bn1.weight': [2], 'fc.weight': [5, 4] });
    assert.throws(() => requireArrays('some.pth', found, expected), {
      name: 'WeightFileError',
      message:
        'some.pth: expected 3 arrays by name, found 1 of them; missing: "conv1.weight" [2, 1] ' +
        '(similar: "stem.conv1.weight" [2, 1]), "layer1.0.bn1.weight" [2]',
    });
  });

  it('names the likeliest of several that are similar first, and no more than two', () => {
    const found = arrays({ 'a.weight': [2, 1], 'b.conv1.weight': [2, 1], 'c.conv1.weight': [3] });
    assert.throws(
      () => requireArrays('some.pth', found, new Map([['conv1.weight', [2, 1]]])),
      /\(similar: "b\.conv1\.weight" \[2, 1\], "a\.weight" \[2, 1\]\)$/,
    );
  });

  it('names the first five of many that are missing', () => {
    const many = new Map(Array.from({ length: 8 }, (_, i) => [`a${i}`, [1]]));
    assert.throws(
      () => requireArrays('some.pth', new Map(), many),
      /8 arrays by name, found 0 of them; missing: "a0" \[1\], .*"a4" \[1\], 3 more$/,
    );
  });

  it('looks for no more than four wrappers, and shows no more than a line of a name', () => {
    const endless = 'net.'.repeat(25_000);
    const found = arrays({ [`${endless}conv1.weight`]: [2, 1] });
    assert.throws(
      () => requireArrays('some.pth', found, new Map([['conv1.weight', [2, 1]]])),
      (error: Error) =>
        /similar: "net\.net\..*\.\.\." \[2, 1\]/.test(error.message) && error.message.length < 300,
    );
    const wrapped = 'module.model.backbone.net.';
    assert.equal(requireArrays('some.pth', arrays(prefixed(wrapped)), expected).size, 3);
  });

  it('refuses another shape, even of the same size', () => {
    const found = arrays({ ...prefixed('module.'), 'module.conv1.weight': [1, 2] });
    assert.throws(() => requireArrays('some.pth', found, expected), {
      message: 'some.pth: expected "module.conv1.weight" of shape [2, 1], found [1, 2]',
    });
    const longer = arrays({ ...complete, 'bn1.weight': [2, 1] });
    assert.throws(() => requireArrays('some.pth', longer, expected), /\[2\], found \[2, 1\]/);
  });

  it('refuses values that are no finite numbers', () => {
    const found = arrays(complete);
    found.get('bn1.weight')!.data[1] = NaN;
    assert.throws(() => requireArrays('some.pth', found, expected), {
      message: 'some.pth: expected finite numbers in "bn1.weight", found NaN at index 1',
    });
  });
});
