import assert from 'node:assert/strict';
import { combinations, readSweepFile } from '../../src/lib/sweep/sweep-file';
import { cellsOfSweep, makePlan } from '../../src/lib/sweep/plan';
import type { PlanData } from '../../src/lib/sweep/plan';
import { temporaryFolder } from '../data/temporary-folder';

const SWEEP = `name: short
data: images
teacher: embedded
categories: [dots]
seeds: [0, 1]
settings:
  imageSize: 64
rows:
  - name: stfpm
    method: stfpm
    settings: { protocol: B }
  - name: patchcore
    method: patchcore
    grid: { coresetShare: [0.1, 0.2] }
  - name: joint
    method: joint
    settings: { imageSize: 128 }
    grid: { alpha: [1.0e-7, 1.0e-6] }
    preTraining: { epochs: 3 }
  - name: fusion
    method: fusion
    student: stfpm
`;

describe('a sweep file', () => {
  const folder = temporaryFolder();
  const data = new Map<string, PlanData>([
    ['dots', { dataset: { root: '/d', category: 'dots', train: [], test: [] }, sha256: 'a' }],
  ]);
  const plan = (text: string, { version = '1', content = 'a' } = {}) => {
    const sweep = readSweepFile(folder.write('sweep.yaml', text));
    const images = new Map([['dots', { ...data.get('dots')!, sha256: content }]]);
    const cells = cellsOfSweep(sweep, images, { kind: 'embedded', sha256: 't' });
    const { name, resources } = sweep;
    return makePlan(cells, { name, resources, version, runs: '/runs' });
  };

  it('becomes commands, of which equal ones are there once', () => {
    const { nodes, cells, rows } = plan(SWEEP);
    assert.equal(rows.length, 6);
    assert.equal(cells.length, 12);
    const trainings = nodes.filter(({ kind }) => kind === 'train').map(({ argv }) => argv[2]);
    const count = (method: string) => trainings.filter((each) => each === method).length;
    // Two alphas share a pre-training, and fusion takes over the student that is a row itself.
    assert.deepEqual(
      ['stfpm', 'patchcore', 'pre-training', 'joint', 'fusion'].map(count),
      [2, 4, 2, 4, 2],
    );
    const joint = nodes.find(({ argv }) => argv[2] === 'joint')!;
    const before = nodes.find(({ id }) => id === joint.needs[0])!;
    assert.equal(before.config.recipe, 'pre-training');
    assert.equal(before.config.imageSize, 128);
    assert.equal('epochs' in before.config && before.config.epochs, 3);
    assert.equal(joint.argv[joint.argv.indexOf('--auto-encoders') + 1], `/runs/${before.name}`);
    // What a node needs is before it.
    const seen = new Set<string>();
    for (const { id, needs } of nodes) {
      assert.ok(needs.every((need) => seen.has(need)));
      seen.add(id);
    }
  });

  it('gives ids that change with settings, data and version, and with nothing else', () => {
    const ids = (...of: Parameters<typeof plan>) => plan(...of).nodes.map(({ id }) => id);
    assert.deepEqual(ids(SWEEP), ids(SWEEP.replace('name: short', 'name: other')));
    for (const other of [
      ids(SWEEP, { version: '2' }),
      ids(SWEEP, { content: 'b' }),
      ids(SWEEP.replace('imageSize: 64', 'imageSize: 96')),
    ]) {
      assert.notEqual(other[0], ids(SWEEP)[0]);
      assert.notEqual(other[1], ids(SWEEP)[1]);
    }
  });

  it('names the line of each mistake', () => {
    const wrong = SWEEP.replace('imageSize: 64', 'imageSze: 64')
      .replace('0.2]', '7]')
      .replace('student: stfpm', 'student: nobody');
    assert.throws(
      () => plan(wrong),
      (error: Error) => {
        assert.match(error.message, /line 7: settings\.imageSze: no method/);
        assert.match(error.message, /line 14: rows\.1\.grid\.coresetShare: .*less than or equal/);
        assert.match(error.message, /line 22: rows\.3\.student: expected a row of stfpm or joint/);
        return true;
      },
    );
    const deep = `name: ${'['.repeat(10_000)}`;
    assert.throws(() => plan(deep), /expected YAML or JSON, found values within values too deep/);
    assert.throws(() => plan(`${SWEEP}colour: red\n`), /line 23: colour: no such field/);
    assert.throws(() => plan(SWEEP.replace('[0, 1]', '[0, 0]')), /line 5: seeds: .*different/);
    assert.throws(() => plan('name: [a'), /expected YAML or JSON/);
    assert.throws(() => readSweepFile(folder.path('none.yaml')), /none\.yaml: expected a sweep/);
  });

  it('takes JSON, too, and changes the last setting of a grid first', () => {
    const text = JSON.stringify({
      ...{ name: 'j', data: 'd', teacher: 'random', categories: ['dots'] },
      rows: [{ name: 'p', method: 'patchcore' }],
    });
    assert.equal(plan(text).nodes.length, 2);
    assert.deepEqual(combinations({ a: [1, 2], b: [3, 4] }), [
      { a: 1, b: 3 },
      { a: 1, b: 4 },
      { a: 2, b: 3 },
      { a: 2, b: 4 },
    ]);
  });
});
