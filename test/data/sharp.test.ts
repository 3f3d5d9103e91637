import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

describe('the data module', () => {
  it('loads sharp no sooner than it decodes an image', () => {
    const script = `
      const { loadRgb } = require('./src/lib/data/image');
      const loaded = () => Object.keys(require.cache).some((file) => /node_modules.sharp.dist/.test(file));
      const before = loaded();
      loadRgb('./test/fixtures/data/small.png').then(() => console.log(before, loaded()));`;
    const out = execFileSync(process.execPath, ['-r', './test/register.cjs', '-e', script], {
      cwd: join(__dirname, '..', '..'),
      encoding: 'utf8',
    });
    assert.equal(out.trim(), 'false true');
  });
});
