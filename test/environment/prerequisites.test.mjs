import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {
  checkDisk,
  findCompiler,
  findPrerequisites,
  findPython,
} from '../../environment/steps/prerequisites.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

describe('the prerequisites', () => {
  const folder = temporaryFolder();

  /**
   * A command for a PATH of its own.
   * @param {string} name
   * @param {string} script
   */
  function addCommand(name, script) {
    const file = path.join(folder(), name);
    fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return file;
  }

  /**
   * A Python that answers the set-up's question with this version.
   * @param {string} name
   * @param {string} version
   * @param {number} [status] 1 where the modules for virtual environments are missing
   */
  function addPython(name, version, status = 0) {
    return addCommand(name, `echo "$0"; echo ${version}; exit ${status}`);
  }

  it('tells everything that is missing at once, with the packages to install', () => {
    assert.throws(
      () => findPrerequisites({ variant: 'cpu', needsDisk: false, env: { PATH: folder() } }),
      (/** @type {Error} */ { name, message }) => {
        assert.equal(name, 'SetupFailure');
        assert.match(
          message,
          /^ {2}- Python 3\.10 to 3\.13 is needed, and none was found: install/m,
        );
        assert.match(message, /python3 python3-venv \(apt:/);
        assert.match(message, /^ {2}- a C\+\+ compiler is needed .*: install g\+\+ \(apt:/m);
        return true;
      },
    );
  });

  it('refuses a machine that the engine is not there for, and says how to get what is missing on the others', () => {
    const missingOn = (
      /** @type {string} */ platform,
      /** @type {string} */ arch,
      /** @type {'cpu' | 'gpu'} */ variant = 'cpu',
    ) => {
      const options = { variant, needsDisk: false, env: { PATH: folder() } };
      try {
        findPrerequisites({ ...options, machine: { platform, arch } });
      } catch (error) {
        return /** @type {Error} */ (error).message;
      }
      return assert.fail('nothing was missing');
    };
    const refused = /Linux on x86-64, Linux on arm64 or macOS on Apple silicon is needed, this is/;
    assert.match(missingOn('win32', 'x64'), refused);
    assert.match(missingOn('win32', 'x64'), /this is win32 on x64: on Windows, .* WSL2/);
    assert.match(missingOn('darwin', 'x64'), /this is darwin on x64$/m);
    for (const arch of ['x64', 'arm64']) {
      assert.doesNotMatch(missingOn('linux', arch), refused);
      assert.match(missingOn('linux', arch), /install g\+\+ \(apt/);
    }
    assert.doesNotMatch(missingOn('darwin', 'arm64'), refused);
    assert.match(missingOn('darwin', 'arm64'), /Python .* brew install python@3\.13/);
    assert.match(missingOn('darwin', 'arm64'), /compiler .* xcode-select --install$/m);
    assert.doesNotMatch(missingOn('darwin', 'arm64'), /apt/);
    const onGpu =
      /NVIDIA GPUs is there for Linux on x86-64 alone, this is Linux on arm64: choose --cpu/;
    assert.match(missingOn('linux', 'arm64', 'gpu'), onGpu);
    assert.doesNotMatch(missingOn('linux', 'x64', 'gpu'), /NVIDIA/);
  });

  it('takes the first Python whose version fits', () => {
    addPython('python3', '3.14.0');
    const fitting = addPython('python3.12', '3.12.4');
    addPython('python3.11', '3.11.2');
    /** @type {string[]} */
    const missing = [];
    const found = findPython(missing, { PATH: folder() });
    assert.deepEqual(found, { file: fitting, version: '3.12.4' });
    assert.deepEqual(missing, []);
  });

  it('names the versions of Python that it found unfit', () => {
    const [old, young] = [addPython('python3', '3.9.2'), addPython('python', '3.14.0')];
    /** @type {string[]} */
    const missing = [];
    assert.equal(findPython(missing, { PATH: folder() }), null);
    assert.equal(missing.length, 1);
    assert.ok(missing[0].includes(`but ${old} is 3.9.2, ${young} is 3.14.0: install`), missing[0]);
  });

  it('names the package of the module venv where a Python lacks it', () => {
    const bare = addPython('python3', '3.11.2', 1);
    /** @type {string[]} */
    const missing = [];
    assert.equal(findPython(missing, { PATH: folder() }), null);
    assert.match(missing.join(), /lacks the modules venv and ensurepip: install python3-venv/);
    assert.ok(missing[0].startsWith(bare));
  });

  it('takes the Python and the compiler that the environment names', () => {
    const [python, compiler] = [addPython('my-python', '3.13.1'), addCommand('my-c++', '')];
    addPython('python3', '3.11.2');
    addCommand('g++', '');
    const env = { PATH: folder(), PYTHON: python, CXX: 'my-c++' };
    assert.equal(findPython([], env)?.file, python);
    assert.equal(findCompiler([], env), compiler);
  });

  it('ignores a command that cannot be executed', () => {
    fs.writeFileSync(path.join(folder(), 'g++'), 'text', { mode: 0o644 });
    const clang = addCommand('clang++', '');
    assert.equal(findCompiler([], { PATH: folder() }), clang);
  });

  it('tells how much disk is needed and how much is free', () => {
    /** @type {string[]} */
    const missing = [];
    checkDisk(missing, 1e9, folder());
    assert.match(
      missing.join(),
      /^1000000000 GB of free disk are needed in .*, [\d.]+ GB are free$/,
    );
    checkDisk(missing, 0, folder());
    assert.equal(missing.length, 1);
  });
});
