import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { featureGrid } from '../../../src/viz/figure/feature-grid';
import { imageGrid } from '../../../src/viz/figure/image-grid';
import { panelGrid } from '../../../src/viz/figure/panel-grid';
import { comparisonStrip, type StripImage } from '../../../src/viz/figure/strip';
import { JUPYTER_DISPLAY } from '../../../src/viz/display/mime-bundle';
import { temporaryFolder } from '../../data/temporary-folder';
import { modelMaps, scene } from '../scene';
import { assertPngSnapshot, pixels } from '../snapshot';

const small = { panelWidth: 64, pixelRatio: 1 };
const range = (hi: number) => ({ lo: 0, hi });
const scale = { levels: [range(1), range(1), range(1)], product: range(1) };
const twoModels = (): StripImage => ({
  ...scene(),
  label: 'square 000',
  models: [modelMaps('Joint', 0.02), modelMaps('STFPM', 0.3)],
});

describe('comparisonStrip', () => {
  it("has the paper's look: JET, each map on its own range, no outlines", async () => {
    const figure = await comparisonStrip([twoModels()], { ...small, title: 'Paper' });
    await assertPngSnapshot('strip-paper', figure.png);
  });

  it('has a look with one scale, a uniform colour map and outlines', async () => {
    const figure = await comparisonStrip([twoModels()], { ...small, look: 'shared', scale });
    await assertPngSnapshot('strip-shared', figure.png);
  });

  it('sets several images side by side', async () => {
    const one = { ...scene(), label: 'a label too long for it', models: [modelMaps('A', 0)] };
    const images = [one, one, one];
    const figure = await comparisonStrip(images, { ...small, imageColumns: 2 });
    await assertPngSnapshot('strip-columns', figure.png);
  });

  it('hides in its own range what the shared scale shows: the background', async () => {
    const bright = { ...scene(), models: [modelMaps('A', 0.5)] };
    const backgroundOf = async (png: Buffer): Promise<number[]> => {
      const { data, size } = await pixels(png);
      // A corner of the 32 x 32 map's panel.
      const at = 3 * ((size[1] - 50) * size[0] + 18 + 8 + 2 * 68 + 60);
      return [...data.subarray(at, at + 3)];
    };
    const own = await comparisonStrip([bright], { ...small, colormap: 'grey' });
    const shared = await comparisonStrip([bright], {
      ...small,
      look: 'shared',
      scale,
      colormap: 'grey',
    });
    assert.ok((await backgroundOf(own.png))[0] < 10);
    assert.ok((await backgroundOf(shared.png))[0] > 120);
  });

  it("prefers a model's own scale to the figure's", async () => {
    const model = { ...modelMaps('A', 0.5), scale };
    const images = [{ ...scene(), models: [model] }];
    const wrong = { levels: [range(9), range(9), range(9)], product: range(9) };
    const [own, figureWide] = await Promise.all([
      comparisonStrip(images, { ...small, look: 'shared', scale: wrong }),
      comparisonStrip(images, { ...small, look: 'shared', scale }),
    ]);
    assert.deepEqual(own.png, figureWide.png);
  });

  it('is the same picture as SVG, with its labels as text', async () => {
    const figure = await comparisonStrip([twoModels()], { ...small, look: 'shared', scale });
    const svg = await figure.toSvg();
    assert.match(svg, /<text [^>]*>STFPM<\/text>/);
    const [drawn, png] = await Promise.all([pixels(Buffer.from(svg)), pixels(figure.png)]);
    assert.deepEqual(drawn.size, png.size);
    let difference = 0;
    drawn.data.forEach((value, i) => (difference += Math.abs(value - png.data[i])));
    const mean = difference / drawn.data.length;
    assert.ok(mean < 4, `on average ${mean} of 255 apart`);
  });

  it('draws constant maps and good images', async () => {
    const flat = new Float32Array(32 * 32).fill(0.25);
    const model = { name: 'A', levels: [flat, flat, flat], product: flat };
    const figure = await comparisonStrip([{ image: scene().image, models: [model] }], small);
    assert.ok(figure.png.length > 0);
  });

  it('says in words what it shows', async () => {
    const { alt } = await comparisonStrip([twoModels()], small);
    assert.match(alt, /Joint and STFPM on square 000; columns: input, maps 16 × 16, 32 × 32/);
    assert.match(alt, /each map scaled on its own/);
  });

  it('refuses rows with another number of levels, and a shared look without its scale', async () => {
    const image = twoModels();
    image.models[0].levels = [];
    await assert.rejects(comparisonStrip([image]), /expected 3 level maps for Joint, found 0/);
    await assert.rejects(
      comparisonStrip([twoModels()], { look: 'shared' }),
      /expects 3 level ranges and one for the product for Joint, found none/,
    );
  });

  it('refuses maps of another size than the image', async () => {
    const image = twoModels();
    image.models[1].product = new Float32Array(9);
    await assert.rejects(comparisonStrip([image]), /expected 32 x 32 = 1024 values, found 9/);
  });
});

describe('panelGrid', () => {
  const { image } = scene();
  const wide = { width: 4, height: 2, data: new Uint8Array(24) };

  it('has as many pixels as its size times the pixel ratio', async () => {
    for (const pixelRatio of [1, 1.5, 3]) {
      const figure = await panelGrid([{ rows: [{ panels: [{ image }] }] }], {
        alt: 'x',
        panelWidth: 33,
        pixelRatio,
      });
      const { size } = await pixels(figure.png);
      assert.deepEqual(size, [
        Math.round(figure.width * pixelRatio),
        Math.round(figure.height * pixelRatio),
        3,
      ]);
    }
  });

  it('keeps the proportions of the pictures', async () => {
    const figure = await panelGrid([{ rows: [{ panels: [{ image: wide }] }] }], {
      alt: 'x',
      panelWidth: 80,
      pixelRatio: 1,
    });
    // Margins of 8 on each side.
    assert.deepEqual([figure.width, figure.height], [96, 56]);
  });

  it('leaves places empty', async () => {
    const rows = [{ panels: [{ image }, null] }, { panels: [null, { image }] }];
    const figure = await panelGrid([{ rows }], { alt: 'x', panelWidth: 40, pixelRatio: 1 });
    const { data, size } = await pixels(figure.png);
    const at = (x: number, y: number): number => data[3 * (y * size[0] + x)];
    assert.equal(at(8 + 44 + 20, 8 + 20), 255);
    assert.ok(at(8 + 20, 8 + 20) < 255);
    assert.ok(at(8 + 44 + 15, 8 + 44 + 20) < 255);
  });

  it('draws labels with characters that mean something in XML', async () => {
    const figure = await panelGrid(
      [{ label: '<b>', rows: [{ label: '&', panels: [{ image }] }] }],
      {
        alt: 'x',
        title: 'a < b & "c"',
        note: '<svg>',
      },
    );
    assert.ok(figure.png.length > 0);
  });

  it('refuses a grid without panels and titles that do not match', async () => {
    await assert.rejects(panelGrid([], { alt: 'x' }), /at least one panel/);
    const blocks = [{ rows: [{ panels: [{ image }] }] }];
    await assert.rejects(
      panelGrid(blocks, { alt: 'x', columnTitles: ['a', 'b'] }),
      /expected 1 column titles, found 2/,
    );
  });
});

describe('featureGrid', () => {
  const features = (name: string, gain: number) => ({
    name,
    data: Float32Array.from({ length: 4 * 4 * 6 }, (_, i) => gain * (i % 6) * Math.floor(i / 6)),
    shape: [4, 4, 6] as const,
  });

  it('shows one network a row and one channel a column', async () => {
    const networks = [features('Teacher', 1), features('Student', 0.5)];
    const options = { channels: 4, panelWidth: 48, pixelRatio: 1, title: 'Features' };
    const figure = await featureGrid(networks, options);
    assert.equal(figure.alt, 'Features: channels 0, 1, 3, 4 of Teacher and Student.');
    await assertPngSnapshot('features', figure.png);
  });

  it('shows all channels where there are fewer than asked for', async () => {
    const { alt } = await featureGrid([features('A', 1)], { channels: 99 });
    assert.match(alt, /channels 0, 1, 2, 3, 4, 5 of A/);
  });

  it('refuses unlike shapes, a missing channel and an array of another length', async () => {
    const first = features('A', 1);
    const other = { ...first, name: 'B', shape: [4, 2, 12] as const };
    await assert.rejects(featureGrid([first, other]), /shape \[4, 4, 6\] of A, found \[4, 2, 12\]/);
    await assert.rejects(featureGrid([first], { channels: [6] }), /from 0 to 5, found 6/);
    const short = { ...first, data: new Float32Array(5) };
    await assert.rejects(featureGrid([short]), /expected 96 values for A, found 5/);
    await assert.rejects(featureGrid([]), /found none/);
  });
});

describe('imageGrid', () => {
  it('sets images row by row with captions and outlines', async () => {
    const { image, mask } = scene();
    const figure = await imageGrid(
      [{ image, caption: 'plain' }, { image, caption: 'outlined', mask }, { image }],
      { perRow: 2, title: 'Images', ...small },
    );
    assert.equal(figure.alt, 'Images: plain, outlined.');
    await assertPngSnapshot('images', figure.png);
  });
});

describe('Figure', () => {
  const folder = temporaryFolder();

  it('saves its picture, making the folder', async () => {
    const { image } = scene();
    const figure = await imageGrid([{ image }], small);
    const file = await figure.save(folder.path('new', 'figure.png'));
    assert.ok(isAbsolute(file));
    assert.deepEqual(readFileSync(file), figure.png);
  });

  it('shows itself in a notebook as picture and text', async () => {
    const figure = await imageGrid([{ image: scene().image, caption: 'one' }], small);
    const bundle = figure[JUPYTER_DISPLAY]();
    assert.deepEqual(Object.keys(bundle).sort(), ['image/png', 'text/plain']);
    assert.deepEqual(Buffer.from(bundle['image/png'] ?? '', 'base64'), figure.png);
    assert.equal(bundle['text/plain'], 'Images: one.');
  });
});
