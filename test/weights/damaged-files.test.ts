import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseWeights, readWeights } from '../../src/lib/weights/read-weights';
import { WeightFileError } from '../../src/lib/weights/named-arrays';
import { useTemporaryFolder } from './temporary-folder';
import { fixture, withoutChecksums } from './weight-fixtures';

describe('a damaged weight file', () => {
  const at = useTemporaryFolder();

  for (const name of ['state-dict.pth', 'checkpoint.pth', 'zip64.pth', 'python.safetensors']) {
    const whole = readFileSync(fixture(name));

    it(`is refused when ${name} is cut off anywhere`, () => {
      for (let length = 0; length < whole.length; length++) {
        assert.throws(
          () => parseWeights(whole.subarray(0, length), name),
          (error) => error instanceof WeightFileError && error.message.startsWith(`${name}: `),
          `cut to ${length} of ${whole.length} bytes`,
        );
      }
      parseWeights(whole, name);
    });

    // Checksums would find the change before anything else has a look at it.
    const unchecked = name.endsWith('.pth') ? withoutChecksums(whole) : whole;
    it(`is refused, or read as arrays that fill their shapes, when bytes of ${name} change`, () => {
      const flip = fc.record({
        position: fc.nat({ max: whole.length - 1 }),
        value: fc.integer({ min: 1, max: 255 }),
      });
      fc.assert(
        fc.property(fc.array(flip, { minLength: 1, maxLength: 4 }), (flips) => {
          const damaged = Buffer.from(unchecked);
          for (const { position, value } of flips) damaged[position] ^= value;
          assertRefusedOrWhole(damaged, name);
        }),
        { numRuns: 300 },
      );
    });
  }

  it('is refused when it never was one', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', 'PK\x03\x04', '\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.', '12345678{'),
        fc.uint8Array({ maxLength: 200 }),
        (start, rest) => {
          const bytes = Buffer.concat([Buffer.from(start, 'latin1'), rest]);
          assert.throws(() => parseWeights(bytes, 'noise'), WeightFileError);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is named with its first bytes, for a web page saved in its place', () => {
    writeFileSync(at('resnet18.pth'), '<!DOCTYPE html>\n<title>Sign in</title>');
    assert.throws(() => readWeights(at('resnet18.pth')), {
      name: 'WeightFileError',
      message:
        `${at('resnet18.pth')}: expected network weights: a safetensors file or a PyTorch ` +
        'checkpoint (.pth), found a file of 38 bytes that begins with "<!DOCTYPE html>.<title>S"',
    });
    writeFileSync(at('empty.pth'), '');
    assert.throws(() => readWeights(at('empty.pth')), /empty\.pth: .* found an empty file/);
  });

  it('is named when it is missing or a folder', () => {
    assert.throws(() => readWeights(at('missing.pth')), {
      message: `${at('missing.pth')}: expected a readable weight file, found no such file`,
    });
    assert.throws(() => readWeights(at('')), /found a folder$/);
  });
});

function assertRefusedOrWhole(bytes: Uint8Array, name: string): void {
  try {
    for (const { shape, data } of parseWeights(bytes, name).values()) {
      assert.equal(
        data.length,
        shape.reduce((product, size) => product * size, 1),
      );
    }
  } catch (error) {
    if (!(error instanceof WeightFileError)) throw error;
  }
}
