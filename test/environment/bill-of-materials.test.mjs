import assert from 'node:assert/strict';
import {
  billOfMaterials,
  licenceOf,
  pinnedHashes,
  pythonComponent,
} from '../../environment/bill-of-materials.mjs';

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(64));

describe('pinnedHashes', () => {
  it('finds every sum of every package, whatever stands behind its version', () => {
    const hashes = pinnedHashes(`# made by uv
Some_Package==1.0 ; sys_platform == 'darwin' \\
    --hash=sha256:${A} \\
    --hash=sha256:${B}
    # via
    #   other==2
other[extra]==2 \\
    --hash=sha256:${C}
`);
    assert.deepEqual(
      [...hashes],
      [
        ['some-package', [A, B]],
        ['other', [C]],
      ],
    );
  });
});

describe('pythonComponent', () => {
  it('names the package as PyPI does, its licence as SPDX does, and its sums', () => {
    const found = { name: 'Some_Package', version: '1.0', licence: 'Apache Software License' };
    assert.deepEqual(pythonComponent(found, new Map([['some-package', [A]]])), {
      'bom-ref': 'pkg:pypi/some-package@1.0',
      type: 'library',
      name: 'Some_Package',
      version: '1.0',
      purl: 'pkg:pypi/some-package@1.0',
      licenses: [{ license: { name: 'Apache-2.0' } }],
      properties: [{ name: 'pip:sha256', value: A }],
    });
  });
});

describe('licenceOf', () => {
  it('joins what is stated, and says where nothing is', () => {
    const of = (/** @type {any} */ licenses) =>
      licenceOf({ name: 'x', version: '1', purl: '', licenses });
    assert.equal(of([{ license: { id: 'MIT' } }, { license: { name: 'Other' } }]), 'MIT AND Other');
    assert.equal(of([{ expression: '(MIT OR CC0-1.0)' }]), '(MIT OR CC0-1.0)');
    assert.equal(of([]), 'not stated');
    assert.equal(of(undefined), 'not stated');
  });
});

describe('the bill of materials', () => {
  it('has a sum for every package of npm and every pinned one of Python', function () {
    this.timeout(60_000);
    const { components } = billOfMaterials();
    const without = components.filter((/** @type {any} */ { hashes = [], properties = [] }) => {
      const isPinned = properties.some((/** @type {any} */ { name }) => name === 'pip:sha256');
      return hashes.length === 0 && !isPinned;
    });
    // What `venv` itself puts into a virtual environment.
    const own = ['pip', 'setuptools'];
    assert.deepEqual(
      without.map(({ name }) => name).filter((name) => !own.includes(name)),
      [],
    );
    for (const name of ['sharp', 'onnxruntime-node', 'numpy']) {
      assert.ok(
        components.some((component) => component.name === name),
        name,
      );
    }
  });
});
