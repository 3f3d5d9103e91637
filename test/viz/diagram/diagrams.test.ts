import assert from 'node:assert/strict';
import { autoEncoderDiagram } from '../../../src/viz/diagram/auto-encoder-diagram';
import {
  drawDiagram,
  freeText,
  type DiagramBox,
  type DiagramLine,
} from '../../../src/viz/diagram/diagram';
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
    assert.match(svg, />max-pooling 2 × 2</);
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

  const svgOf = async (boxes: DiagramBox[], lines: DiagramLine[]): Promise<string> =>
    (await drawDiagram({ boxes, lines }, 'boxes')).toSvg();
  const far: DiagramBox = { id: 'far', at: [130, 20], size: [40, 20], label: '' };
  const near: DiagramBox = { ...box, id: 'near', label: '' };

  it('ends lines at the outer edge of the borders, those of an ellipse too', async () => {
    const plain = { hasArrow: false };
    const straight = await svgOf([near, far], [{ through: ['near', 'far'], ...plain }]);
    assert.match(straight, /d="M50\.5 20L109\.5 20"/);
    const below: DiagramBox = { ...far, at: [130, 120], size: [40, 40], shape: 'ellipse' };
    const diagonal = await svgOf([near, below], [{ through: ['near', 'far'], ...plain }]);
    // From 20.5 of 50 and 10.5 of 50 half sides; the ellipse is a circle of radius 20.5.
    assert.match(diagonal, /d="M40\.5 30\.5L115\.5 105\.5"/);
  });

  it('meets the middle of the side that a line names, and turns at places on the way', async () => {
    const svg = await svgOf(
      [near, far],
      [{ through: ['near:s', [30, 60], [130, 60], 'far:s'], hasArrow: false, isDashed: true }],
    );
    assert.match(svg, /d="M30 30L30 60L130 60L130 30" [^>]*stroke-dasharray="5 2"/);
  });

  it('sets an arrow’s tip where the line ends', async () => {
    const svg = await svgOf([near, far], [{ through: ['near:e', 'far:w'], colour: '#123456' }]);
    assert.match(svg, /d="M110 20L102\.5 \d+L102\.5 \d+Z" fill="#123456"/);
  });

  it('centres lines of text on the box, or sets them to its left border', async () => {
    const label = 'one\ntwo';
    const centred = await svgOf([{ ...near, label, textSize: 10 }], []);
    assert.match(centred, /x="30" y="17\.6" text-anchor="middle"[^>]*>one</);
    assert.match(centred, /x="30" y="29\.6" text-anchor="middle"[^>]*>two</);
    const left = await svgOf([{ ...near, label, align: 'left' }], []);
    assert.match(left, /x="18" y="[\d.]+" text-anchor="start"/);
  });

  it('draws no border around free text', async () => {
    const svg = await svgOf([freeText('free', [30, 20], { textColour: '#abcdef' })], []);
    assert.equal(svg.match(/<rect/g)?.length, 1);
    assert.match(svg, /fill="#abcdef">free</);
  });

  it('refuses a line to a box that there is not', async () => {
    const boxes = [{ ...box, id: 'a', label: 'a' }];
    await assert.rejects(
      drawDiagram({ boxes, lines: [{ through: ['a', 'b'] }] }, 'broken'),
      /there is no box "b"/,
    );
  });
});
