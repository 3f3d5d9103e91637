import assert from 'node:assert/strict';
import { autoEncoderDiagram } from '../../../src/viz/diagram/auto-encoder-diagram';
import { drawDiagram } from '../../../src/viz/diagram/diagram';
import { methodDiagram } from '../../../src/viz/diagram/method-diagram';
import { assertSvgSnapshot, pixels } from '../snapshot';

const levels = [
  { name: 'conv2_x', shape: [64, 64, 64] },
  { name: 'conv3_x', shape: [32, 32, 128] },
  { name: 'conv4_x', shape: [16, 16, 256] },
] as const;

describe('methodDiagram', () => {
  it('draws the whole method', async () => {
    const figure = await methodDiagram({ imageSize: 256, levels });
    assertSvgSnapshot('method', await figure.toSvg());
    assert.deepEqual((await pixels(figure.png)).size, [2 * figure.width, 2 * figure.height, 3]);
    assert.match(figure.alt, /256 × 256 into features at 3 levels \(64 × 64 × 64, /);
  });

  it('draws STFPM where there are no auto-encoders', async () => {
    const figure = await methodDiagram({ imageSize: 256, levels, hasAutoEncoders: false });
    assertSvgSnapshot('method-baseline', await figure.toSvg());
    assert.doesNotMatch(`${await figure.toSvg()} ${figure.alt}`, /auto-encoder/);
  });
});

describe('autoEncoderDiagram', () => {
  const steps = [
    { kind: 'input', shape: [16, 16, 8] },
    { kind: 'convolution', shape: [16, 16, 4] },
    { kind: 'pooling', shape: [8, 8, 4] },
    { kind: 'convolution', shape: [8, 8, 16] },
    { kind: 'transposed convolution', shape: [16, 16, 4] },
    { kind: 'concatenation', shape: [16, 16, 8] },
  ] as const;

  it('draws a bar for each step, and the skips', async () => {
    const figure = await autoEncoderDiagram(steps, { title: 'Small U-Net' });
    assertSvgSnapshot('auto-encoder', await figure.toSvg());
  });

  it('names in the legend only what there is', async () => {
    const svg = await (await autoEncoderDiagram(steps.slice(0, 4), { title: 'Down' })).toSvg();
    assert.match(svg, />max&#45;pooling 2 × 2</);
    assert.doesNotMatch(svg, />concatenation<|>transposed convolution/);
  });

  it('refuses to draw nothing', () => {
    assert.throws(() => autoEncoderDiagram([], { title: 'Empty' }), RangeError);
  });
});

describe('drawDiagram', () => {
  const box = { at: [30, 20], size: [40, 20] } as const;

  it('sets text as it is written', async () => {
    const label = '<b> & "C:\\new"';
    const figure = await drawDiagram({ boxes: [{ ...box, id: 'a', label }], lines: [] }, 'text');
    assert.match(await figure.toSvg(), />&lt;b&gt; &amp; &quot;C:\\new&quot;</);
  });

  it('refuses a line to a box that there is not', async () => {
    const boxes = [{ ...box, id: 'a', label: 'a' }];
    await assert.rejects(
      drawDiagram({ boxes, lines: [{ through: ['a', 'b'] }] }, 'broken'),
      /there is no box "b"/,
    );
  });
});
