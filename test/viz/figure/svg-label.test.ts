import assert from 'node:assert/strict';
import { svgLabel } from '../../../src/viz/figure/svg-label';
import { textWidth } from '../../../src/viz/text/text-width';

const TEXT = 'Figure 3: leather, each model on the scale of its good images';
const label = (maxWidth: number, minSize?: number) => {
  const svg = svgLabel(TEXT, { x: 0, y: 0, size: 14, maxWidth, minSize, bold: true });
  const [, size, text] = /font-size="([\d.]+)".*>(.*)<\/text>/.exec(svg)!;
  return { size: Number(size), text };
};

describe('svgLabel', () => {
  const width = textWidth(TEXT, 14, true);

  it('leaves a text as it is that has room', () => {
    assert.deepEqual(label(width + 1, 11), { size: 14, text: TEXT });
  });

  it('sets a longer one in smaller letters where it may', () => {
    const { size, text } = label(0.9 * width, 11);
    assert.equal(text, TEXT);
    assert.ok(size >= 11 && size < 14);
    assert.ok(textWidth(TEXT, size, true) <= 0.9 * width);
  });

  it('shortens what would be longer even so', () => {
    for (const minSize of [undefined, 11]) {
      const { size, text } = label(0.5 * width, minSize);
      assert.equal(size, minSize ?? 14);
      assert.ok(text.endsWith('…') && textWidth(text, size, true) <= 0.5 * width);
    }
  });
});
