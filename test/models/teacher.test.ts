import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { tf } from '../../src/lib/engine/index';
import { levelFeatures } from '../../src/lib/models/feature-maps';
import {
  describeTeacher,
  embeddedTeacher,
  loadTeacher,
  openTeacher,
  randomTeacher,
} from '../../src/lib/models/teacher';
import { EMBEDDED_WEIGHTS } from '../../src/lib/weights/teacher-file';
import { readSafetensors, writeSafetensors } from '../../src/lib/weights/safetensors';
import { useTemporaryFolder } from '../weights/temporary-folder';
import { backboneArrays } from './fill';

describe('loadTeacher', () => {
  const inFolder = useTemporaryFolder();

  it('takes the backbone from a file of a whole network, and records which file it was', () => {
    const file = inFolder('network.safetensors');
    const arrays = backboneArrays(0);
    const one = { shape: [1], data: Float32Array.of(1) };
    writeSafetensors(
      file,
      new Map([...arrays, ['bn1.num_batches_tracked', one], ['fc.bias', one]]),
    );
    const { store, source } = loadTeacher(file);
    const { data } = arrays.get('layer3.1.conv2.weight')!;
    assert.deepEqual(store.toArrays().get('layer3.1.conv2.weight')?.data, data);
    assert.equal(store.parameters.size + store.buffers.size, arrays.size);
    const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
    assert.deepEqual(source, { kind: 'file', name: 'network.safetensors', sha256, file });
    store.dispose();
  });

  it('names the file, the array and both shapes when one does not fit', () => {
    const file = inFolder('wide.safetensors');
    const wide = { shape: [128], data: new Float32Array(128) };
    writeSafetensors(file, backboneArrays(0).set('bn1.bias', wide));
    assert.throws(
      () => loadTeacher(file),
      /wide\.safetensors: expected "bn1\.bias" of shape \[64\], found \[128\]/,
    );
  });

  it('names the arrays that are missing', () => {
    const file = inFolder('short.safetensors');
    const arrays = backboneArrays(0);
    arrays.delete('layer2.0.downsample.0.weight');
    writeSafetensors(file, arrays);
    assert.throws(
      () => loadTeacher(file),
      /short\.safetensors: .*missing: "layer2\.0\.downsample\.0\.weight" \[128, 64, 1, 1\]/,
    );
  });
});

describe('randomTeacher', () => {
  it('depends on its seed alone, and differs from a student of that seed', () => {
    const [a, b, c] = [3, 3, 4].map((seed) => randomTeacher(seed));
    const first = ({ store }: typeof a) => [...store.get('conv1.weight').dataSync().slice(0, 4)];
    assert.deepEqual(first(a), first(b));
    assert.notDeepEqual(first(a), first(c));
    assert.deepEqual(a.source, { kind: 'random', name: 'random initialisation, seed 3', seed: 3 });
    for (const { store } of [a, b, c]) store.dispose();
  });
});

describe('embeddedTeacher', () => {
  it('is the same teacher whether it is asked for by name or by its file, and has no path', () => {
    const [byName, byFile] = [embeddedTeacher(), loadTeacher(EMBEDDED_WEIGHTS)];
    assert.deepEqual(byName.source, byFile.source);
    assert.equal(byName.source.kind, 'embedded');
    assert.equal(byName.source.file, undefined);
    for (const { store } of [byName, byFile]) store.dispose();
  });

  it('is what the model card beside it describes, in half precision and at most 6 MB', () => {
    const { source, store } = embeddedTeacher();
    store.dispose();
    const card = readFileSync(path.join(path.dirname(EMBEDDED_WEIGHTS), 'README.md'), 'utf8');
    assert.ok(card.includes(source.sha256 ?? '-'), `no ${source.sha256} in the model card`);
    assert.ok(statSync(EMBEDDED_WEIGHTS).size <= 6e6);
    // 10 bits of a fraction: what a half-precision number has.
    const { data } = readSafetensors(EMBEDDED_WEIGHTS).arrays.get('conv1.weight')!;
    const halves = data.filter((value) => Math.abs(value) >= 2 ** -14);
    assert.ok(halves.length > 1000);
    for (const value of halves) {
      const fraction = Math.abs(value) / 2 ** Math.floor(Math.log2(Math.abs(value)));
      assert.equal((fraction * 1024) % 1, 0, `${value}`);
    }
  });
});

describe('openTeacher', () => {
  const inFolder = useTemporaryFolder();
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
  });

  it('never replaces a file that was named', () => {
    assert.throws(() => openTeacher({ file: inFolder('gone.pth') }), /gone\.pth: expected/);
  });

  it('takes the embedded teacher where there are no ImageNet weights', () => {
    delete process.env.RESNET18_WEIGHTS;
    process.env.XDG_CACHE_HOME = inFolder('cache');
    const { source, store } = openTeacher();
    assert.equal(source.kind, 'embedded');
    store.dispose();
  });
});

describe('describeTeacher', () => {
  it('says of each kind what it means for the numbers', () => {
    const say = (kind: 'file' | 'embedded' | 'random') => describeTeacher({ kind, name: 'T' });
    assert.equal(say('file'), 'T');
    assert.match(say('embedded'), /^T, distilled .* weaker .*`npx stfpm weights`/);
    assert.match(say('random'), /^T: untrained/);
  });
});

describe('levelFeatures', () => {
  it('copies the three levels of one image out of the engine', () => {
    const { store } = randomTeacher(0);
    const before = tf.memory().numTensors;
    const image = { width: 48, height: 32, data: new Uint8Array(48 * 32 * 3).fill(100) };
    const features = levelFeatures(store, image);
    assert.deepEqual(
      features.map(({ shape }) => shape),
      [
        [8, 12, 64],
        [4, 6, 128],
        [2, 3, 256],
      ],
    );
    for (const { shape, data } of features) {
      assert.equal(data.length, shape[0] * shape[1] * shape[2]);
      assert.ok(data.some((x) => x > 0));
    }
    assert.equal(tf.memory().numTensors, before);
    store.dispose();
  });
});
