import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync, truncateSync } from 'node:fs';
import sharp from 'sharp';
import { countKinds, isImageName } from '../../src/lib/data/formats/kinds';
import { loadRgb } from '../../src/lib/data/image';
import { InFlight } from '../../src/lib/data/in-flight';
import { MAX_FILE_BYTES } from '../../src/lib/files/limits';
import { withClaimedSize } from './claimed-size';
import { temporaryFolder } from './temporary-folder';
import { tiffFile } from './tiff-file';

describe('the door for pictures', () => {
  const { path, write } = temporaryFolder();
  const found = async (file: string, what: RegExp) =>
    assert.rejects(loadRgb(file), (error: Error) => {
      assert.equal(error.name, 'ImageFileError');
      assert.match(error.message, what);
      return true;
    });

  it('refuses what is no regular file, without waiting for it', async function () {
    if (process.platform === 'win32') return this.skip();
    const pipe = path('pipe.png');
    write('beside', '');
    execFileSync('mkfifo', [pipe]);
    await found(pipe, /found a named pipe$/);
    const endless = path('endless.png');
    symlinkSync('/dev/zero', endless);
    await found(endless, /found a device$/);
    const circle = path('circle.png');
    symlinkSync('circle.png', circle);
    await found(circle, /found a link to itself$/);
  });

  it('reads through a link to a picture', async () => {
    const file = write('there.pgm', 'P2 2 1 255\n7 9\n');
    symlinkSync(file, path('link.pgm'));
    assert.deepEqual([...(await loadRgb(path('link.pgm'))).data], [7, 7, 7, 9, 9, 9]);
  });

  it('refuses a file above the limit before it is read', async () => {
    const file = write('large.png', '');
    truncateSync(file, MAX_FILE_BYTES + 1); // takes no room on the disk
    await found(file, /found 1073741825 bytes, more than the limit of 1073741824$/);
  });

  it('refuses a line of 16 million pixels by its header', async () => {
    const png = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const file = write('line.png', withClaimedSize(png, { height: 16_000_000, width: 1 }));
    await found(file, /1 x 16000000 pixels, a side above the limit of 65535$/);
  });

  it('takes more bits for fewer pixels', async () => {
    const claims = { width: 16000, height: 12000, samples: 3, photometric: 2, bits: 16 };
    const file = write('deep.tif', tiffFile({ ...claims, data: new Uint8Array(9) }));
    await found(file, /more pixels than the limit of 134 million for 16 bits a channel$/);
  });
});

describe('InFlight', () => {
  const later = () => new Promise((resolve) => setImmediate(resolve));

  it('keeps what goes on together within the budget, in order of asking', async () => {
    const inFlight = new InFlight(10);
    const order: number[] = [];
    let [now, most] = [0, 0];
    await Promise.all(
      [4, 6, 1, 9, 25, 2, 10, 3].map((weight, i) =>
        inFlight.run(weight, async () => {
          order.push(i);
          now += weight;
          most = Math.max(most, now <= 10 ? now : weight === now ? 0 : Infinity);
          await later();
          now -= weight;
        }),
      ),
    );
    assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.equal(most, 10);
  });

  it('goes on after work that failed', async () => {
    const inFlight = new InFlight(1);
    const failing = inFlight.run(1, () => Promise.reject(new Error('on purpose')));
    const next = inFlight.run(1, async () => 'done');
    await assert.rejects(failing, /on purpose/);
    assert.equal(await next, 'done');
  });
});

describe('countKinds', () => {
  it('counts files by kind, pictures that are not read first', () => {
    assert.equal(
      countKinds(['a.txt', 'b.HEIC', 'c.txt', 'notes', 'd.heic', 'e.jxl']),
      '2 .heic (HEIC), 1 .jxl (JPEG XL), 2 .txt and 1 without an ending',
    );
    assert.equal(countKinds(['Thumbs.db']), '1 .db');
  });

  it('knows as images what is read', () => {
    assert.ok(['a.JPE', 'b.jfif', 'c.gif', 'd.avif', 'e.pgm', 'f.dib'].every(isImageName));
    assert.ok(!['a.heic', 'b.txt', 'c', 'd.jxl', '.png'].some(isImageName));
  });
});
