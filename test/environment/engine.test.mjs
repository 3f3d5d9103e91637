import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../../environment/setup/paths.mjs';
import { addonCommand, quietAddonCommand } from '../../environment/steps/engine.mjs';
import { platforms } from '../../src/lib/engine/platforms.js';

describe('the engine on each platform', () => {
  const argsOf = (/** @type {string} */ name) => {
    const platform = platforms[name];
    return {
      addon: addonCommand('c++', platform, '/venv/tensorflow', 'out.node').args,
      quiet: quietAddonCommand('c++', platform, 'quiet.node').args,
    };
  };

  for (const name of ['linux-x64', 'linux-arm64']) {
    it(`is a shared library on ${name}, which finds TensorFlow's from its own folder`, () => {
      const { addon, quiet } = argsOf(name);
      assert.deepEqual(addon.slice(-5), [
        '-o',
        'out.node',
        '-Wl,-rpath,$ORIGIN/../../deps/lib',
        '/venv/tensorflow/libtensorflow_cc.so.2',
        '/venv/tensorflow/libtensorflow_framework.so.2',
      ]);
      assert.ok(addon.includes('-shared') && quiet.includes('-shared'));
      assert.equal(quiet.at(-1), '-ldl');
    });
  }

  it("is a bundle on macOS, where Node's functions are found when it is loaded", () => {
    const { addon, quiet } = argsOf('darwin-arm64');
    assert.deepEqual(addon.slice(-3), [
      '-Wl,-rpath,@loader_path/../../deps/lib',
      '/venv/tensorflow/libtensorflow_cc.2.dylib',
      '/venv/tensorflow/libtensorflow_framework.2.dylib',
    ]);
    for (const args of [addon, quiet]) {
      assert.match(args.join(' '), /-bundle -undefined dynamic_lookup/);
      assert.ok(!args.includes('-shared') && !args.includes('-ldl'));
    }
  });

  it('comes from packages that the lists of Python packages name', () => {
    for (const { wheels } of Object.values(platforms)) {
      for (const [file, wheel] of [
        ['requirements.txt', wheels.cpu],
        ['requirements-gpu.txt', wheels.gpu],
      ]) {
        const text = fs.readFileSync(path.join(root, 'environment', String(file)), 'utf8');
        if (wheel !== null) assert.match(text, new RegExp(`^${wheel}==`, 'm'));
      }
    }
  });
});
