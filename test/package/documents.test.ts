import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import sharp from 'sharp';
import { VALUE_NAMES } from '../../src/lib/onnx/detector-graph';
import { exportDetector } from '../../src/lib/onnx/export';
import { METADATA_KEY, METADATA_VERSION } from '../../src/lib/onnx/metadata';
import { decodeHeader } from '../../src/lib/onnx/messages';
import { mixedIntegers } from '../metrics/mixed-integers';
import { backboneArrays } from '../models/fill';
import { description } from '../onnx/description';
import { temporaryFolder } from '../data/temporary-folder';

const ROOT = path.resolve(__dirname, '..', '..');
const read = (name: string) => fs.readFileSync(path.join(ROOT, name), 'utf8');

const arrays = { teacher: backboneArrays(200), student: backboneArrays(300) };
const threshold = { value: 0, quantile: 1, images: 1, source: 'train' as const };

describe('docs/file-formats.md', () => {
  const text = read('docs/file-formats.md');

  const roi = { of: 'each', name: 'regions', sha256: '' } as const;

  it('names every value of an exported file and every field of its metadata', () => {
    const { metadataProps } = decodeHeader(
      exportDetector(arrays, description({ threshold, fit: 'pad', tileOverlap: null, roi })),
    );
    const [{ key, value }] = metadataProps;
    assert.equal(key, METADATA_KEY);
    const metadata = JSON.parse(value) as Record<string, unknown>;
    assert.equal(metadata.formatVersion, METADATA_VERSION);
    const { images, map, levels, score } = VALUE_NAMES;
    for (const name of [key, images, map, levels[0], score, ...Object.keys(metadata)]) {
      assert.ok(text.includes(`\`${name}\``), name);
    }
  });
});

describe('the documents', () => {
  const names = fs.readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`);
  for (const name of ['README.md', ...names].filter((each) => each.endsWith('.md'))) {
    it(`${name} links to files that are there`, () => {
      for (const [, link] of read(name).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        if (/^\w+:/.test(link)) continue;
        const file = path.join(ROOT, path.dirname(name), link);
        assert.ok(fs.existsSync(file), `${name}: ${link}`);
      }
    });
  }
});

describe('the examples', () => {
  const { path: inFolder } = temporaryFolder();

  before(async () => {
    fs.writeFileSync(inFolder('bottle.onnx'), exportDetector(arrays, description({ threshold })));
    const pixels = Uint8Array.from(mixedIntegers(64 * 64 * 3, 1));
    await sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toFile(inFolder('photo.png'));
    // The package's name stands for this checkout.
    const link = inFolder('node_modules/stfpm-lab');
    fs.mkdirSync(link, { recursive: true });
    const from = (file: string) => JSON.stringify(path.join(ROOT, 'dist', file));
    fs.writeFileSync(
      inFolder('node_modules/stfpm-lab/index.js'),
      `module.exports = require(${from('lib/package.js')});`,
    );
    fs.writeFileSync(
      inFolder('node_modules/stfpm-lab/metrics.js'),
      `module.exports = require(${from('lib/metrics/index.js')});`,
    );
    const exports = { '.': './index.js', './metrics': './metrics.js' };
    fs.writeFileSync(inFolder('node_modules/stfpm-lab/package.json'), JSON.stringify({ exports }));
  });

  /** What an example leaves to its reader. */
  const around = (code: string) => {
    const missing = code.includes('openDetector') || code.includes('/metrics');
    return missing
      ? code
      : `import { openDetector } from 'stfpm-lab';
         const detector = await openDetector('bottle.onnx');
         const images = ['photo.png', 'none.png'];
         ${code}
         await detector.dispose();`;
  };

  for (const document of ['docs/package.md', 'README.md']) {
    const blocks = [...read(document).matchAll(/^```js\n([^]*?)^```/gm)].map(([, code]) => code);

    it(`of ${document} run`, () => {
      assert.ok(blocks.length > 0);
      const printed = blocks.map((code, i) => {
        const script = around(code).replace(
          /import (\{[^}]*\}) from ('[^']*');/g,
          'const $1 = require($2);',
        );
        fs.writeFileSync(inFolder(`${i}.cjs`), `(async () => {${script}\n})();`);
        const run = { cwd: inFolder('.'), encoding: 'utf8', stdio: 'pipe' } as const;
        return execFileSync(process.execPath, [`${i}.cjs`], run);
      });
      if (document === 'docs/package.md') {
        assert.match(printed[0], /^\d\S+ true \{/);
        assert.match(printed[1], /^photo\.png \d\S+ true$/m);
      }
    });
  }
});
