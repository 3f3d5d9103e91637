import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { ImageInputError, openDetector } from '../../src/lib/detector/index';
import type { DetectionResult, Detector, ImageInput } from '../../src/lib/detector/index';
import { ImageFileError } from '../../src/lib/files/file-error';
import { mixedIntegers } from '../metrics/mixed-integers';
import { exportDetector } from '../../src/lib/onnx/export';
import { createOnnxDetector } from '../../src/lib/onnx/onnx-detector';
import { temporaryFolder } from '../data/temporary-folder';
import { backboneArrays } from '../models/fill';
import { description } from '../onnx/description';

const SIDE = 64;

describe('openDetector', () => {
  const { path } = temporaryFolder();
  const pixels = Uint8Array.from(mixedIntegers(SIDE * SIDE * 3, 1));
  const raw = { width: SIDE, height: SIDE, data: pixels };
  const arrays = { teacher: backboneArrays(200), student: backboneArrays(300) };
  let expected: { score: number; map: Float32Array };
  let file: string;
  let png: Buffer;
  let detector: Detector;

  /** The same detector with another threshold. */
  const write = (name: string, value: number | null, config = { recipe: 'baseline' }) => {
    const threshold =
      value === null ? null : { value, quantile: 1, images: 1, source: 'train' as const };
    const bytes = exportDetector(arrays, description({ threshold, config }));
    fs.writeFileSync(path(name), bytes);
    return path(name);
  };

  before(async () => {
    const onnx = await createOnnxDetector(exportDetector(arrays, description()));
    const [{ score, map }] = await onnx.detect({ count: 1, ...raw });
    await onnx.dispose();
    expected = { score, map: map! };
    const sorted = Float32Array.from(expected.map).sort();
    file = write('detector.onnx', sorted[Math.floor(0.9 * sorted.length)]);
    png = await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .png()
      .toBuffer();
    fs.writeFileSync(path('image.png'), png);
    detector = await openDetector(file);
  });

  after(() => detector.dispose());

  const assertExpected = ({ score, map }: DetectionResult) => {
    assert.equal(score, expected.score);
    assert.deepEqual(map, { width: SIDE, height: SIDE, data: expected.map });
  };

  describe('takes the file', () => {
    const opens = async (source: Parameters<typeof openDetector>[0], name: string) => {
      const opened = await openDetector(source);
      assert.equal(opened.name, name);
      assertExpected(await opened.detect(raw));
      await opened.dispose();
    };

    it('as a path', () => opens(file, 'detector.onnx'));

    it('as a file URL', () => opens(pathToFileURL(file), 'detector.onnx'));

    it('as bytes', async () => {
      const bytes = fs.readFileSync(file);
      await opens(bytes, 'the exported detector');
      await opens(new Uint8Array(bytes).buffer, 'the exported detector');
    });

    describe('from a server', () => {
      let server: Server;
      let address: string;

      before((done) => {
        server = createServer((request, response) => {
          if (request.url === '/detector.onnx') response.end(fs.readFileSync(file));
          else response.writeHead(404).end();
        }).listen(0, '127.0.0.1', () => {
          address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
          done();
        });
      });

      after(() => server.close());

      it('by its URL', () =>
        opens(new URL(`${address}/detector.onnx`), `${address}/detector.onnx`));

      it('or says what came instead', async () => {
        await assert.rejects(
          openDetector(new URL(`${address}/other.onnx`)),
          /other\.onnx: expected an exported detector, found the answer 404/,
        );
      });
    });

    it('or says what is missing of it, and of a run folder', async () => {
      await assert.rejects(openDetector(path('none.onnx')), /none\.onnx: expected .*no such file/);
      await assert.rejects(openDetector(path('.')), /config\.json/);
    });
  });

  describe('of which a part counts', () => {
    const left = {
      width: SIDE,
      height: SIDE,
      data: Uint8Array.from({ length: SIDE * SIDE }, (_, i) => Number(i % SIDE < 20)),
    };
    const largestLeft = () =>
      expected.map.reduce(
        (largest, value, i) => (left.data[i] ? Math.max(largest, value) : largest),
        0,
      );
    const opened = async (settings: Parameters<typeof description>[0]) =>
      openDetector(
        exportDetector(arrays, description({ config: { recipe: 'baseline' }, ...settings })),
      );

    it('takes it from the file, where it is one for all images', async () => {
      const runs = Array(SIDE)
        .fill(`20 ${SIDE - 20}`)
        .join(' ');
      const roi = {
        of: 'all',
        name: 'roi.png',
        sha256: '',
        width: SIDE,
        height: SIDE,
        runs: `0 ${runs}`,
      } as const;
      const within = await opened({ roi });
      assert.deepEqual(within.roi, roi);
      const { score, map } = await within.detect(raw);
      assert.equal(score, largestLeft());
      map!.data.forEach((value, i) => {
        assert.equal(value, left.data[i] ? expected.map[i] : NaN);
      });
      const narrow = { width: 32, height: SIDE, data: pixels.subarray(0, 32 * SIDE * 3) };
      await assert.rejects(
        within.detect(narrow),
        /expected the 64 x 64 pixels of its region of interest roi\.png, found 32 x 64/,
      );
      const many = [];
      for await (const { result, error } of within.detectMany([raw, narrow, raw])) {
        many.push(result?.score ?? error!.name);
      }
      assert.deepEqual(many, [score, 'RangeError', score]);
      await within.dispose();
    });

    it('is given it with the image, and asks for it where each image has its own', async () => {
      const { score } = await detector.detect(raw, { region: left });
      assert.equal(score, largestLeft());
      const each = await opened({ roi: { of: 'each', name: 'regions', sha256: '' } });
      await assert.rejects(
        each.detect(raw),
        /expected a region of interest of its own, .*found none/,
      );
      assert.equal((await each.detect(raw, { region: left })).score, score);
      const none = { ...left, data: new Uint8Array(SIDE * SIDE) };
      await assert.rejects(
        each.detect(raw, { region: none }),
        /expected a region of interest with some of the picture in it, found none/,
      );
      await each.dispose();
    });
  });

  describe('judges an image', () => {
    const forms: Record<string, () => ImageInput> = {
      'as a path': () => path('image.png'),
      'as a file URL': () => pathToFileURL(path('image.png')),
      'as a data URL': () => new URL(`data:image/png;base64,${png.toString('base64')}`),
      'as a Buffer': () => png,
      'as an ArrayBuffer': () => new Uint8Array(png).buffer,
      'as a Blob': () => new Blob([png]),
      'as raw RGB': () => raw,
      'as RGBA, whose alpha does not count': () => {
        const data = new Uint8ClampedArray(SIDE * SIDE * 4);
        for (let i = 0; i < SIDE * SIDE; i++) {
          data.set(pixels.subarray(3 * i, 3 * i + 3), 4 * i);
          data[4 * i + 3] = i % 256;
        }
        return { width: SIDE, height: SIDE, data };
      },
    };
    for (const [form, image] of Object.entries(forms)) {
      it(form, async () => assertExpected(await detector.detect(image())));
    }

    it('as grey pixels, like the same in three channels', async () => {
      const grey = pixels.subarray(0, SIDE * SIDE);
      const three = Uint8Array.from({ length: 3 * grey.length }, (_, i) => grey[Math.floor(i / 3)]);
      const one = await detector.detect({ ...raw, data: grey, channels: 1 });
      assert.equal(one.score, (await detector.detect({ ...raw, data: three })).score);
    });

    it('of another size, and says the size that it had', async () => {
      const data = new Uint8Array(20 * 30 * 3).fill(99);
      const { imageSize, map } = await detector.detect({ width: 20, height: 30, data });
      assert.deepEqual(imageSize, { width: 20, height: 30 });
      assert.equal(map?.width, SIDE);
    });

    it('or refuses what is none', async () => {
      const refused: [unknown, new (...args: never[]) => Error, RegExp][] = [
        [path('none.png'), ImageFileError, /none\.png: expected .* found no such file/],
        [Buffer.alloc(0), ImageFileError, /the image: expected .* found an empty file/],
        [Buffer.from('<html>'), ImageFileError, /the image: expected .* found something else/],
        [{ ...raw, width: 63 }, ImageInputError, /63 x 64 with 1, 3 or 4 channels, found 12288/],
        [{ ...raw, width: 0 }, ImageInputError, /at least 1, found 0 x 64/],
        [{ ...raw, data: Array.from(pixels) }, ImageInputError, /Uint8ClampedArray.*found Array/],
        [42, ImageInputError, /Expected an image: .* found number 42/],
        [{ file: 'x' }, ImageInputError, /found an object with file/],
        [null, ImageInputError, /found null/],
      ];
      for (const [image, kind, message] of refused) {
        await assert.rejects(detector.detect(image as ImageInput), (error: Error) => {
          assert.ok(error instanceof kind, `${error.name}: ${error.message}`);
          assert.match(error.message, message);
          return true;
        });
      }
    });
  });

  describe('says', () => {
    it('whether an image is defective, where, and which regions: every pixel above the threshold is in one', async () => {
      const { isDefective, map, mask, regions } = await detector.detect(raw);
      assert.equal(isDefective, true);
      const { value } = detector.threshold!;
      const above = Array.from(map!.data, (x) => (x > value ? 1 : 0));
      assert.deepEqual(Array.from(mask!.data), above);
      const count = above.reduce((sum: number, x) => sum + x, 0);
      assert.equal(
        regions!.reduce((sum, { pixels: inRegion }) => sum + inRegion, 0),
        count,
      );
      assert.equal(regions![0].score, expected.score);
      assert.ok(regions!.every(({ score }, i) => i === 0 || score <= regions![i - 1].score));
    });

    it('where a region is in pixels of the image as it came', async () => {
      const twice = await sharp(png)
        .resize(2 * SIDE, 3 * SIDE, { kernel: 'nearest' })
        .png()
        .toBuffer();
      const { mask, regions } = await detector.detect(twice);
      const { left, top, width, height } = regions![0].box;
      for (const [at, scale] of [
        [left, 2],
        [width, 2],
        [top, 3],
        [height, 3],
      ]) {
        assert.equal(at % scale, 0);
      }
      assert.ok(left + width <= 2 * SIDE && top + height <= 3 * SIDE);
      // The box touches a pixel of the mask on its left.
      const column = left / 2;
      const inColumn = Array.from({ length: SIDE }, (_, y) => mask!.data[y * SIDE + column]);
      assert.ok(inColumn.includes(1));
    });

    it('nothing of the kind without a threshold', async () => {
      const without = await openDetector(write('without.onnx', null));
      const { isDefective, mask, regions, score } = await without.detect(raw);
      assert.deepEqual(
        { isDefective, mask, regions },
        { isDefective: null, mask: null, regions: null },
      );
      assert.equal(score, expected.score);
      await without.dispose();
    });

    it('no mask where the image score is not the largest value of the map', async () => {
      const other = await openDetector(write('other.onnx', 0, { recipe: 'patchcore' }));
      const { isDefective, mask, regions, map } = await other.detect(raw);
      assert.ok(map);
      assert.deepEqual(
        { isDefective, mask, regions },
        { isDefective: true, mask: null, regions: null },
      );
      await other.dispose();
    });
  });

  describe('judges many images', () => {
    it('in their order, each with its error or its result', async () => {
      const images = [raw, path('none.png'), png, { ...raw, width: 1 }, path('image.png')];
      const found: (number | string)[] = [];
      for await (const { index, image, result, error } of detector.detectMany(images, {
        batchSize: 2,
      })) {
        assert.equal(image, images[index]);
        found.push(result ? result.score : error.name);
      }
      const { score } = expected;
      const names = [score, 'ImageFileError', score, 'ImageInputError', score];
      assert.deepEqual(found, names);
    });

    it('no more than two batches ahead of whoever takes the results', async () => {
      let asked = 0;
      async function* endless() {
        for (;;) {
          asked++;
          yield raw;
        }
      }
      let taken = 0;
      for await (const { result } of detector.detectMany(endless(), { batchSize: 2 })) {
        assert.ok(result);
        taken++;
        assert.ok(asked <= taken + 4, `${asked} asked for when ${taken} were taken`);
        if (taken === 7) break;
      }
      assert.equal(taken, 7);
    });

    it('and closes their source when the loop ends early, and when it throws', async () => {
      let closed = 0;
      async function* images() {
        try {
          for (;;) yield raw;
        } finally {
          closed++;
        }
      }
      for await (const { result } of detector.detectMany(images(), { batchSize: 1 })) {
        assert.ok(result);
        break;
      }
      assert.equal(closed, 1);
      const controller = new AbortController();
      await assert.rejects(async () => {
        for await (const { index } of detector.detectMany(images(), {
          signal: controller.signal,
        })) {
          if (index === 0) controller.abort(new Error('enough'));
        }
      }, /enough/);
      assert.equal(closed, 2);
    });

    it('and passes on what their source throws', async () => {
      async function* failing() {
        yield raw;
        throw new Error('the camera is gone');
      }
      await assert.rejects(async () => {
        for await (const { result } of detector.detectMany(failing())) assert.ok(result);
      }, /the camera is gone/);
    });

    it('of none, nothing', async () => {
      for await (const _ of detector.detectMany([])) assert.fail();
    });

    it('but not one alone, nor in batches of none', async () => {
      await assert.rejects(
        detector.detectMany(path('image.png').length as never).next(),
        TypeError,
      );
      await assert.rejects(detector.detectMany([], { batchSize: 0 }).next(), RangeError);
    });
  });

  it('lets a detector be disposed while it works, and more than once, and not be used after', async () => {
    const opened = await openDetector(file);
    const work = opened.detect(raw);
    await new Promise(setImmediate);
    await Promise.all([work.then(assertExpected), opened.dispose()]);
    await opened[Symbol.asyncDispose]();
    await assert.rejects(opened.detect(raw), /detector\.onnx: expected an open detector/);
    await assert.rejects(opened.detectMany([raw]).next(), /after dispose/);
  });
});
