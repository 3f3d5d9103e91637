import assert from 'node:assert/strict';
import { choosePrecision } from '../../src/cli/inputs/precision';

const fast = () => null;
const slow = () => 'it counts on its fingers';
const unasked = () => {
  throw new Error('the machine was looked at');
};

describe('--precision', () => {
  it('leaves the setting alone where it is not given', () => {
    assert.deepEqual(choosePrecision(undefined, undefined, unasked), { precision: undefined });
    assert.deepEqual(choosePrecision(undefined, 'float32', unasked), { precision: undefined });
  });

  it('auto: bfloat16 where that is faster, else float32 with a note', () => {
    assert.deepEqual(choosePrecision('auto', undefined, fast), { precision: 'bfloat16' });
    assert.deepEqual(choosePrecision('auto', undefined, slow), {
      precision: 'float32',
      note: 'Precision: float32, since it counts on its fingers',
    });
  });

  it('auto keeps what the run has that it goes on with', () => {
    assert.deepEqual(choosePrecision('auto', 'float32', fast), { precision: 'float32' });
    assert.equal(choosePrecision('auto', 'bfloat16', slow).precision, 'bfloat16');
  });

  it('bf16 is what was asked for on any machine, and a note says where it is slow', () => {
    assert.deepEqual(choosePrecision('bf16', undefined, fast), { precision: 'bfloat16' });
    assert.deepEqual(choosePrecision('float32', 'bfloat16', unasked), { precision: 'float32' });
    for (const [asked, before] of [
      ['bf16', undefined],
      [undefined, 'bfloat16'],
    ] as const) {
      assert.equal(
        choosePrecision(asked, before, slow).note,
        'Precision: bfloat16, although it counts on its fingers',
      );
    }
  });
});
