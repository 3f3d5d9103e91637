import assert from 'node:assert/strict';
import { JUPYTER_DISPLAY } from '../../../src/viz/display/mime-bundle';
import type { EncodedRows } from '../../../src/viz/plotly/plotly-view';
import { mapView } from '../../../src/viz/plotly/map-view';
import { modelMaps, scene } from '../scene';
import { decodeRows } from './decode-rows';

describe('mapView', () => {
  const view = () => mapView({ ...scene(), ...modelMaps('STFPM', 0.1) }, { title: 'A defect' });

  it('has the final map and three levels, of which one is shown', async () => {
    const { data } = (await view()).spec as { data: { name: string; visible: boolean }[] };
    assert.deepEqual(
      data.map(({ name }) => name),
      ['map', '16 × 16', '32 × 32', '64 × 64'],
    );
    assert.deepEqual(
      data.map(({ visible }) => visible),
      [true, false, false, false],
    );
  });

  it('has the very values, in rows from the top', async () => {
    const { product } = modelMaps('STFPM', 0.1);
    const [{ z }] = (await view()).spec.data as unknown as { z: EncodedRows }[];
    const rows = decodeRows(z);
    assert.deepEqual([rows.length, rows[0].length], [32, 32]);
    assert.deepEqual(rows.flat(), [...product]);
  });

  it('is as large as it is told to be', async () => {
    const { layout } = (await mapView({ ...scene(), ...modelMaps('STFPM', 0.1) }, { size: 320 }))
      .spec;
    assert.deepEqual([layout.width, layout.height], [320, 320]);
    assert.equal((await view()).spec.layout.width, 560);
  });

  it('outlines the defect between the pixels', async () => {
    const { shapes } = (await view()).spec.layout as { shapes: { path: string }[] };
    assert.match(shapes[0].path, /M 7\.5 +11\.5 H 15\.5/);
  });

  it('shows itself as Plotly, picture and text, and survives JSON', async () => {
    const shown = await view();
    const bundle = shown[JUPYTER_DISPLAY]();
    assert.deepEqual(Object.keys(bundle).sort(), [
      'application/vnd.plotly.v1+json',
      'image/png',
      'text/plain',
    ]);
    assert.deepEqual(JSON.parse(JSON.stringify(shown.spec)), shown.spec);
    assert.match(bundle['text/plain'], /^A defect: /);
  });
});
