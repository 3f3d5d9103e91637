import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import type { Browser } from 'playwright-core';
import { openDetector } from '../../src/lib/detector/index';
import { exportDetector } from '../../src/lib/onnx/export';
import { heatMap } from '../../src/viz/image/heat-map';
import { temporaryFolder } from '../data/temporary-folder';
import { mixedIntegers } from '../metrics/mixed-integers';
import { backboneArrays } from '../models/fill';
import { description } from '../onnx/description';
import { chromiumOrSkip } from './chromium';

const ROOT = path.resolve(__dirname, '..', '..');

/** What somebody writes whose page judges an image. */
const PAGE = `
  import { auroc, openDetector } from 'stfpm-lab';
  import { createOnnxDetector, readDetectorMetadata } from 'stfpm-lab/onnx';
  import { heatMap } from 'stfpm-lab/viz';

  async function judge() {
    const bytes = new Uint8Array(await (await fetch('detector.onnx')).arrayBuffer());
    const data = new Uint8Array(await (await fetch('pixels')).arrayBuffer());
    const detector = await openDetector('detector.onnx');
    const result = await detector.detect({ data, width: 64, height: 64 });
    await detector.dispose();
    const { width, height } = result.map;
    const plain = await createOnnxDetector(bytes);
    const [{ score: stackScore }] = await plain.detect({ count: 1, width: 64, height: 64, data });
    await plain.dispose();
    return {
      score: result.score,
      isDefective: result.isDefective,
      map: [...result.map.data],
      stackScore,
      category: readDetectorMetadata(bytes, 'it').category,
      colours: [...heatMap(result.map.data, { width, height }).data],
      auroc: auroc(Float32Array.of(1, 3, 2), Uint8Array.of(0, 1, 1)),
    };
  }
  judge().then(
    (result) => (window.result = result),
    (error) => (window.result = { error: error.stack }),
  );`;

interface Seen {
  error?: string;
  score: number;
  isDefective: boolean | null;
  map: number[];
  stackScore: number;
  category: string;
  colours: number[];
  auroc: number;
}

describe('the npm package in a page that a bundler has made', function () {
  this.timeout(300_000);
  const folder = temporaryFolder();
  const pixels = Uint8Array.from(mixedIntegers(64 * 64 * 3, 1));
  let browser: Browser;
  let server: Server;
  let seen: Seen;

  before(async function () {
    browser = await chromiumOrSkip(this);
    const at = (name: string) => folder.path(name);
    const installed = at('node_modules/stfpm-lab');
    const module = pathToFileURL(path.join(ROOT, 'environment/build/package.mjs')).href;
    const make = `import('${module}').then((it) => it.makePackage(${JSON.stringify(installed)}))`;
    execFileSync(process.execPath, ['-e', make]);
    symlinkSync(
      path.join(ROOT, 'node_modules/onnxruntime-web'),
      at('node_modules/onnxruntime-web'),
    );
    mkdirSync(at('page'));
    const arrays = { teacher: backboneArrays(200), student: backboneArrays(300) };
    const threshold = { value: 0, quantile: 1, images: 1, source: 'train' } as const;
    writeFileSync(at('page/detector.onnx'), exportDetector(arrays, description({ threshold })));
    writeFileSync(at('page/pixels'), pixels);
    writeFileSync(at('page/index.html'), '<script type="module" src="page.js"></script>');
    writeFileSync(at('page.js'), PAGE);
    await esbuild.build({
      absWorkingDir: folder.path(),
      entryPoints: ['page.js'],
      outdir: 'page',
      bundle: true,
      format: 'esm',
      logLevel: 'silent',
    });
    const runtime = path.join(ROOT, 'node_modules/onnxruntime-web/dist');
    server = createServer(({ url = '/' }, response) => {
      const name = url === '/' ? 'index.html' : url.slice(1);
      // Beside its own code ONNX Runtime looks for its WebAssembly.
      const file = [at(`page/${name}`), path.join(runtime, name)].find((each) => existsSync(each));
      const types: Record<string, string> = {
        '.html': 'text/html',
        '.js': 'text/javascript',
        '.mjs': 'text/javascript',
        '.wasm': 'application/wasm',
      };
      if (file === undefined) return response.writeHead(404).end();
      response.setHeader('content-type', types[path.extname(file)] ?? 'application/octet-stream');
      return response.end(readFileSync(file));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const result = await page.waitForFunction('window.result', null, { timeout: 120_000 });
    seen = (await result.jsonValue()) as Seen;
    assert.equal(seen.error, undefined);
  });

  after(async () => {
    await browser?.close();
    server?.close();
  });

  it('judges an image as in Node.js', async () => {
    const file = folder.path('page', 'detector.onnx');
    const detector = await openDetector(file);
    const { score, isDefective, map } = await detector.detect({
      data: pixels,
      width: 64,
      height: 64,
    });
    await detector.dispose();
    assert.ok(map !== null);
    const near = (found: number, expected: number) =>
      assert.ok(Math.abs(found - expected) <= 1e-4 * Math.abs(expected), `${found}, ${expected}`);
    near(seen.score, score);
    near(seen.stackScore, score);
    assert.equal(seen.isDefective, isDefective);
    assert.equal(seen.map.length, map.data.length);
    map.data.forEach((value, i) => near(seen.map[i], value));
  });

  it('reads what a file says of itself, colours a map, and measures', () => {
    assert.equal(seen.category, 'dots');
    const { data } = heatMap(Float32Array.from(seen.map), { width: 64, height: 64 });
    assert.deepEqual(seen.colours, [...data]);
    assert.equal(seen.auroc, 1);
  });
});
