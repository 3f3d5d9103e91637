import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { DownloadError } from '../../src/lib/weights/download-file';
import { fetchImagenetWeights } from '../../src/lib/weights/imagenet-weights';
import { WeightFileError } from '../../src/lib/weights/weight-file-error';
import { FileServer, serve } from './file-server';
import { useTemporaryFolder } from './temporary-folder';
import { fixture } from './weight-fixtures';

const content = readFileSync(fixture('state-dict.pth'));
const sha256 = createHash('sha256').update(content).digest('hex');
const name = `resnet18-${sha256.slice(0, 8)}.pth`;

describe('fetchImagenetWeights', () => {
  const at = useTemporaryFolder();
  let server: FileServer;
  beforeEach(async () => {
    server = await FileServer.start(serve(content));
  });
  afterEach(async () => {
    delete process.env.RESNET18_WEIGHTS_URL;
    await server.stop();
  });

  it('downloads into the cache once, and writes the checksum beside it', async () => {
    const options = { cacheDir: at('cache'), baseUrl: `${server.url}/models/`, name };
    const file = at(`cache/${name}`);
    assert.deepEqual(await fetchImagenetWeights(options), { file, sha256, downloaded: true });
    assert.ok(readFileSync(file).equals(content));
    assert.equal(readFileSync(`${file}.sha256`, 'utf8'), `${sha256}  ${name}\n`);
    assert.deepEqual(await fetchImagenetWeights(options), { file, sha256, downloaded: false });
    assert.deepEqual(server.paths, [`/models/${name}`]);
  });

  it('takes the address from the environment', async () => {
    process.env.RESNET18_WEIGHTS_URL = server.url;
    const { downloaded } = await fetchImagenetWeights({ cacheDir: at('cache'), name });
    assert.ok(downloaded);
  });

  it('says where to put the file by hand when it cannot be had', async () => {
    const options = { cacheDir: at('cache'), baseUrl: server.url };
    await assert.rejects(fetchImagenetWeights(options), (error) => {
      assert.ok(error instanceof DownloadError);
      assert.match(
        error.message,
        /resnet18-f37072fd\.pth: expected content .* begins with f37072fd/,
      );
      assert.ok(error.message.includes(`put it at ${at('cache/resnet18-f37072fd.pth')}`));
      assert.ok(error.message.includes('RESNET18_WEIGHTS'));
      return true;
    });
    assert.ok(!existsSync(at('cache/resnet18-f37072fd.pth')));
  });

  it('refuses a file in the cache with another checksum, and leaves it alone', async () => {
    writeFileSync(at(name), 'put there by hand, but cut short');
    const options = { cacheDir: at(''), baseUrl: server.url, name };
    await assert.rejects(
      fetchImagenetWeights(options),
      (error) => error instanceof WeightFileError && /delete the file/.test(error.message),
    );
    assert.ok(existsSync(at(name)));
    assert.equal(server.ranges.length, 0);
  });

  it('refuses a name that carries no checksum', async () => {
    await assert.rejects(fetchImagenetWeights({ name: 'resnet18.pth' }), /found "resnet18\.pth"/);
  });
});
