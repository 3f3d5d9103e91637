import assert from 'node:assert/strict';
import { printable, printableLines } from '../../src/lib/text/printable';

describe('printable', () => {
  it('leaves names alone, whatever their script', () => {
    for (const name of ['part 7.png', 'größe_漢字_🙂.png', 'a\\b'])
      assert.equal(printable(name), name);
  });

  it('writes what would forge a line or reach the terminal as escapes', () => {
    assert.equal(printable('x.png\n0.01  good  y.png'), 'x.png\\n0.01  good  y.png');
    assert.equal(printable('\x1b[2Jx\r\t\x9b1m\x7f'), '\\u001b[2Jx\\r\\t\\u009b1m\\u007f');
    assert.equal(printable('gnp.\u202ex\u2028'), 'gnp.\\u202ex\\u2028');
  });

  it('keeps the line breaks of a message of our own', () => {
    assert.equal(printableLines('one\n\ttwo \x1b[1m'), 'one\n\ttwo \\u001b[1m');
  });
});
