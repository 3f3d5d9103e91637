import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';

describe('src/viz', () => {
  it('loads without the engine, so that figures of finished runs need no TensorFlow', () => {
    const script =
      "require('./src/viz/index');" +
      "console.log(Object.keys(require.cache).filter((file) => file.includes('tensorflow')).length)";
    const stdout = execFileSync(
      process.execPath,
      ['--require', './test/register.cjs', '--eval', script],
      {
        cwd: path.join(__dirname, '../..'),
        encoding: 'utf8',
      },
    );
    assert.equal(stdout.trim(), '0');
  });
});
