import assert from 'node:assert/strict';
import {
  maxInstructions,
  PickleError,
  unpickle,
  type PickleWorld,
} from '../../src/lib/weights/torch/pickle';

const world: PickleWorld = {
  findGlobal(module, name) {
    if (module === 'builtins' && name === 'sum') return ([a, b]: number[]) => a + b;
    throw new PickleError(`no ${module}.${name}`);
  },
  persistentLoad: (id) => ({ id }),
};

/** A pickle from its pieces: strings are ASCII, numbers bytes. */
function pickle(...pieces: (string | number)[]): Uint8Array {
  return Buffer.concat(
    pieces.map((piece) =>
      typeof piece === 'string' ? Buffer.from(piece, 'latin1') : Buffer.of(piece),
    ),
  );
}

function read(...pieces: (string | number)[]): unknown {
  return unpickle(pickle(...pieces), world);
}

describe('unpickle', () => {
  it('reads numbers', () => {
    assert.equal(read('K', 255, '.'), 255);
    assert.equal(read('M', 0x39, 0x30, '.'), 12345);
    assert.equal(read('J', 0xfe, 0xff, 0xff, 0xff, '.'), -2);
    assert.equal(read('G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, '.'), 1.5);
    assert.equal(read(0x8a, 0, '.'), 0);
    assert.equal(read(0x8a, 2, 0x00, 0x80, '.'), -32768);
    assert.equal(read(0x8a, 8, 0, 0, 0, 0, 0, 0, 0, 1, '.'), 2n ** 56n);
    assert.equal(read(0x8b, 1, 0, 0, 0, 0xff, '.'), -1);
  });

  it('reads texts, bytes and constants', () => {
    assert.equal(read('X', 2, 0, 0, 0, 0xc3, 0xa9, '.'), 'é');
    assert.equal(read(0x8c, 1, 'a', '.'), 'a');
    assert.equal(read(0x8d, 1, 0, 0, 0, 0, 0, 0, 0, 'a', '.'), 'a');
    assert.deepEqual(read('C', 2, 1, 2, '.'), Uint8Array.of(1, 2));
    assert.deepEqual(read('B', 2, 0, 0, 0, 1, 2, '.'), Uint8Array.of(1, 2));
    assert.deepEqual(read(0x8e, 1, 0, 0, 0, 0, 0, 0, 0, 7, '.'), Uint8Array.of(7));
    assert.deepEqual(read('(N', 0x88, 0x89, 't.'), [null, true, false]);
  });

  it('reads tuples, lists, dicts and sets', () => {
    assert.deepEqual(read(')', '.'), []);
    assert.deepEqual(read('K', 1, 'K', 2, 'K', 3, 0x87, '.'), [1, 2, 3]);
    assert.deepEqual(read('K', 0, 'K', 1, 'K', 2, 0x86, 0x86, '.'), [0, [1, 2]]);
    assert.deepEqual(read('K', 1, 0x85, '.'), [1]);
    assert.deepEqual(read('(K', 1, '(K', 2, 'tt.'), [1, [2]]);
    assert.deepEqual(read(']K', 1, 'a(K', 2, 'K', 3, 'e.'), [1, 2, 3]);
    assert.deepEqual(read('}K', 1, 'K', 2, 's(K', 3, 'K', 4, 'u.'), new Map([[1, 2], [3, 4]])); // prettier-ignore
    assert.deepEqual(read(0x8f, '(K', 1, 'K', 1, 0x90, '.'), new Set([1]));
  });

  it('recalls what it memoised', () => {
    assert.deepEqual(read(']q', 7, 'h', 7, 0x86, '.'), [[], []]);
    assert.deepEqual(read('K', 5, 'r', 0, 1, 0, 0, 'j', 0, 1, 0, 0, 0x86, '.'), [5, 5]);
    assert.deepEqual(read('K', 5, 0x94, 'h', 0, 0x86, '.'), [5, 5]);
  });

  it('calls only what its world allows', () => {
    assert.equal(read('cbuiltins\nsum\nK', 1, 'K', 2, 0x86, 'R.'), 3);
    assert.equal(read(0x8c, 8, 'builtins', 0x8c, 3, 'sum', 0x93, 'K', 1, 'K', 2, 0x86, 'R.'), 3);
    assert.equal(read('cbuiltins\nsum\nK', 1, 'K', 2, 0x86, 0x81, '.'), 3);
    assert.throws(() => read('cos\nsystem\n.'), /no os\.system/);
    assert.throws(() => read('K', 1, ')R.'), /is not a function/);
    assert.throws(() => read('cbuiltins\nsum\nK', 1, 'R.'), /is not a function/);
  });

  it('passes on persistent ids and ignores states', () => {
    assert.deepEqual(read('K', 3, 'Q.'), { id: 3 });
    assert.deepEqual(read('}K', 3, 'b.'), new Map());
  });

  it('passes over the protocol and frames', () => {
    assert.equal(read(0x80, 5, 0x95, 9, 0, 0, 0, 0, 0, 0, 0, 'K', 2, '.'), 2);
  });

  it('makes values that are huge to walk through as quickly as small ones', () => {
    const doubled = Array.from({ length: 200 }, (_, i) => ['q', i, 'h', i, 0x86]).flat();
    let value = read(')', ...doubled, '.');
    for (let depth = 0; depth < 200; depth++) [value] = value as unknown[];
    assert.deepEqual(value, []);
  });

  const broken: [title: string, pieces: (string | number)[], message: RegExp][] = [
    ['nothing at all', [], /ends at byte 0/],
    ['a pickle without an end', ['K', 1], /ends at byte 2/],
    ['an end without a value', ['.'], /empty stack/],
    ['an opcode of text pickles', ['I1\n.'], /opcode 0x49 at byte 0/],
    ['a protocol of the future', [0x80, 6], /protocol 6/],
    ['a text longer than the pickle', ['X', 255, 255, 255, 255, 'a.'], /ends at byte 7/],
    ['a name without an end', ['cos'], /ends at byte 3/],
    ['a name that is no text', ['K', 1, 'K', 2, 0x93, '.'], /name is not a string/],
    ['a tuple of more than there is', ['K', 1, 0x86, '.'], /empty stack/],
    ['a mark that was never set', ['K', 1, 't.'], /mark/],
    ['values taken from under a mark', ['K', 1, '(', 0x85, '.'], /empty stack/],
    ['a memo that was never stored', ['h', 1, '.'], /memo 1/],
    ['memoising nothing', ['q', 1, '.'], /empty stack/],
    ['appending to a number', ['K', 1, 'K', 2, 'a.'], /is not a list/],
    ['setting an item of a number', ['K', 1, 'K', 2, 'K', 3, 's.'], /is not a dict/],
    ['adding to a number', ['K', 1, '(', 0x90, '.'], /is not a set/],
    ['an item without a value', ['}(K', 1, 'u.'], /without a value/],
    ['a pickle that goes on and on', [']'.repeat(maxInstructions + 1)], /more than 500000/],
    ['a value doubled', ['K', 1, '2', 0x86, '.'], /opcode 0x32 at byte 2/],
    ['an integer of a megabyte', [0x8b, 0, 0, 16, 0, '.'], /integer of 1048576 bytes/],
  ];
  for (const [title, pieces, message] of broken) {
    it(`refuses ${title}`, () => {
      assert.throws(
        () => read(...pieces),
        (error) => error instanceof PickleError && message.test(error.message),
      );
    });
  }
});
