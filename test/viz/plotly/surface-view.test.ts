import assert from 'node:assert/strict';
import { JUPYTER_DISPLAY } from '../../../src/viz/display/mime-bundle';
import type { EncodedRows } from '../../../src/viz/plotly/plotly-view';
import { surfaceView } from '../../../src/viz/plotly/surface-view';
import { modelMaps, scene } from '../scene';
import { decodeRows } from './decode-rows';

interface Trace {
  type: string;
  name: string;
  visible: boolean;
  x: (number | null)[];
  z: EncodedRows;
  surfacecolor?: EncodedRows;
  cmax: number;
}

describe('surfaceView', () => {
  const maps = modelMaps('STFPM', 0.1);
  const traces = async (options = {}, viewed = { ...scene(), ...maps }) =>
    (await surfaceView(viewed, options)).spec.data as unknown as Trace[];

  it('has a surface of the final map, one of each level and one under the image', async () => {
    const surfaces = (await traces()).filter(({ type }) => type === 'surface');
    assert.deepEqual(
      surfaces.map(({ name, visible }) => [name, visible]),
      [
        ['map', true],
        ['2 × 2', false],
        ['4 × 4', false],
        ['8 × 8', false],
        ['image', false],
      ],
    );
    // The defect is bright, its surroundings are not.
    const brightness = decodeRows(surfaces[4].surfacecolor as EncodedRows);
    assert.deepEqual([brightness[15][11], brightness[0][0]], [240, 0]);
  });

  it("is as high as the map, whose highest value is the image's score", async () => {
    const [{ z, x }] = await traces({ resolution: 8 });
    const rows = decodeRows(z);
    assert.deepEqual([rows.length, rows[0].length, x.length], [8, 8, 8]);
    assert.deepEqual(x.slice(0, 2), [1.5, 5.5]);
    assert.equal(Math.max(...rows.flat()), Math.max(...maps.product));
  });

  it('outlines the ground truth on the surface that is shown, and none without a mask', async () => {
    const outlines = (await traces()).filter(({ type }) => type === 'scatter3d');
    assert.deepEqual(
      outlines.map(({ visible }) => visible),
      [true, false, false, false, false],
    );
    assert.equal(Math.min(...outlines[0].x.map((x) => x ?? Infinity)), 7.5);
    const without = await traces({}, { ...scene(), ...maps, mask: null } as never);
    assert.ok(without.every(({ type }) => type === 'surface'));
  });

  it('shows one surface a button, with its outline and its own heights', async () => {
    const { layout, data } = (await surfaceView({ ...scene(), ...maps })).spec;
    const { buttons } = (
      layout.updatemenus as { buttons: { label: string; args: unknown[] }[] }[]
    )[0];
    const [{ visible }, relayout] = buttons[2].args as [{ visible: boolean[] }, object];
    assert.equal(visible.length, data.length);
    assert.deepEqual(
      visible.flatMap((isShown, i) => (isShown ? [(data[i] as unknown as Trace).name] : [])),
      ['4 × 4', 'ground truth, 4 × 4'],
    );
    const [lo, hi] = Object.values(relayout)[0] as [number, number];
    // Plotly cuts off what touches an end of the axis.
    assert.ok(lo < Math.min(...maps.levels[1]) && hi > Math.max(...maps.levels[1]));
  });

  it('takes the colours from a scale that several images share', async () => {
    const range = { lo: 0, hi: 4 };
    const [{ cmax }] = await traces({ scale: { levels: [range, range, range], product: range } });
    assert.equal(cmax, 4);
  });

  it('shows itself as Plotly, picture and text in the size that is asked for, and survives JSON', async () => {
    const shown = await surfaceView({ ...scene(), ...maps }, { title: 'A defect', size: 320 });
    const bundle = shown[JUPYTER_DISPLAY]();
    assert.deepEqual(Object.keys(bundle).sort(), [
      'application/vnd.plotly.v1+json',
      'image/png',
      'text/plain',
    ]);
    assert.deepEqual(JSON.parse(JSON.stringify(shown.spec)), shown.spec);
    assert.match(bundle['text/plain'], /^A defect: /);
    assert.deepEqual([shown.spec.layout.width, shown.picture.width], [320, 320]);
  });
});
