import assert from 'node:assert/strict';
import {
  engineTemplate,
  neededOf,
  requirementsOf,
} from '../../environment/build/engine-template.mjs';

describe('the engine of the npm package', () => {
  it('is locked to what its two packages need, found as Node finds it', () => {
    const all = {
      'node_modules/a': { dependencies: { b: '1', c: '1' } },
      'node_modules/a/node_modules/b': { dependencies: { d: '1' } },
      'node_modules/b': { dependencies: { e: '1' } },
      'node_modules/c': { dependencies: { a: '1' }, optionalDependencies: { elsewhere: '1' } },
      'node_modules/d': {},
      'node_modules/e': {},
    };
    const found = ['a', 'a/node_modules/b', 'c', 'd'].map((name) => `node_modules/${name}`);
    assert.deepEqual(Object.keys(neededOf(all, ['a'])), found);
  });

  it('lists a Python package with what it needs, and no other, hashes and conditions kept', () => {
    const text = `# made by a program
a==1 \\
    --hash=sha256:aa
    # via -r requirements.in
b==2 ; python_version < '3.11' \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via
    #   a
    #   other
c==3 \\
    --hash=sha256:dd
    # via b
other==4 \\
    --hash=sha256:ee
    # via -r requirements.in
`;
    assert.equal(
      requirementsOf(text, ['a']),
      `a==1 \\
    --hash=sha256:aa
b==2 ; python_version < '3.11' \\
    --hash=sha256:bb \\
    --hash=sha256:cc
c==3 \\
    --hash=sha256:dd
`,
    );
    assert.throws(() => requirementsOf(text, ['a', 'none']), /^Error: none is in no requirements/);
  });

  it('has TensorFlow, no notebooks, and a lock that names no registry', () => {
    const template = engineTemplate();
    const python = template.get('environment/requirements.txt') ?? '';
    assert.match(python, /^tensorflow-cpu==\S+ ; platform_machine == 'x86_64'/m);
    assert.match(python, /^tensorflow==\S+ ; platform_machine != 'x86_64'/m);
    assert.match(python, /^numpy==/m);
    assert.doesNotMatch(python, /jupyter/);
    const lock = template.get('package-lock.json') ?? '';
    assert.doesNotMatch(lock, /https?:\/\/registry|"resolved"/);
    assert.ok(lock.includes('"node_modules/@tensorflow/tfjs-core"'));
  });
});
