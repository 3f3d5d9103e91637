import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { readMvtecCategory } from '../../src/lib/data/mvtec';
import { temporaryFolder } from '../data/temporary-folder';
import { stfpm } from './run-stfpm';

describe('stfpm synth', () => {
  const { path } = temporaryFolder();
  const small = ['--size', '32', '--train', '2', '--good', '1', '--per-defect', '1'];

  it('renders a data set that can be trained on, and says how', async () => {
    const args = ['synth', path('out'), '--category', 'bottle', ...small];
    const { code, stdout, stderr } = await stfpm(args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Rendered \d+ images: .*out$/m);
    assert.match(
      stdout,
      /^Next: npx stfpm train --data .*out --category bottle --image-size \d+$/m,
    );
    const { train, test, warnings } = readMvtecCategory(path('out'), 'bottle');
    assert.equal(train.length, 2);
    assert.ok(test.length > 1);
    assert.deepEqual(warnings, []);
  });

  it('keeps what is there, and renders what is missing', async () => {
    fs.rmSync(path('out', 'bottle', 'train', 'good', '001.png'));
    const args = ['synth', path('out'), '--category', 'bottle', ...small];
    const { code, stdout, stderr } = await stfpm(args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Rendered 1 images, \d+ were there already: /m);
  });

  it('refuses a category that it does not know, and a folder of something else', async () => {
    const unknown = await stfpm(['synth', path('other'), '--category', 'cable']);
    assert.equal(unknown.code, 2);
    assert.match(
      unknown.stderr,
      /No images of "cable" can be rendered, only of bottle, leather, gear, almond\./,
    );
    fs.mkdirSync(path('full'));
    fs.writeFileSync(path('full', 'notes.txt'), 'mine');
    const full = await stfpm(['synth', path('full'), ...small]);
    assert.equal(full.code, 1);
    assert.match(full.stderr, /full: expected a new or empty folder/);
    assert.deepEqual(fs.readdirSync(path('full')), ['notes.txt']);
  });
});
