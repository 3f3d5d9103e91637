import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DownloadError } from '../../src/lib/weights/download';
import { fetchImagenetWeights, locateTeacherWeights } from '../../src/lib/weights/teacher-file';
import { WeightFileError } from '../../src/lib/weights/named-arrays';
import { FileServer, serve } from './file-server';
import { useTemporaryFolder } from './temporary-folder';
import { fixture } from './weight-fixtures';

const content = readFileSync(fixture('state-dict.pth'));
const sha256 = createHash('sha256').update(content).digest('hex');
const name = 'resnet18-f37072fd.pth';

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
    const options = { cacheDir: at('cache'), baseUrl: `${server.url}/models/`, sha256 };
    const file = at(`cache/${name}`);
    assert.deepEqual(await fetchImagenetWeights(options), { file, sha256, downloaded: true });
    assert.ok(readFileSync(file).equals(content));
    assert.equal(readFileSync(`${file}.sha256`, 'utf8'), `${sha256}  ${name}\n`);
    assert.deepEqual(await fetchImagenetWeights(options), { file, sha256, downloaded: false });
    assert.deepEqual(server.paths, [`/models/${name}`]);
  });

  it('takes the address from the environment', async () => {
    process.env.RESNET18_WEIGHTS_URL = server.url;
    const { downloaded } = await fetchImagenetWeights({ cacheDir: at('cache'), sha256 });
    assert.ok(downloaded);
  });

  it('says where to put the file by hand when it cannot be had', async () => {
    const options = { cacheDir: at('cache'), baseUrl: server.url };
    await assert.rejects(fetchImagenetWeights(options), (error) => {
      assert.ok(error instanceof DownloadError);
      assert.match(
        error.message,
        /resnet18-f37072fd\.pth: expected content .* f37072fd47e89c5e[0-9a-f]{48}, found/,
      );
      assert.ok(error.message.includes(`put it at ${at('cache/resnet18-f37072fd.pth')}`));
      assert.ok(error.message.includes('RESNET18_WEIGHTS'));
      return true;
    });
    assert.ok(!existsSync(at('cache/resnet18-f37072fd.pth')));
  });

  it('refuses a file in the cache with another checksum, and leaves it alone', async () => {
    writeFileSync(at(name), 'put there by hand, but cut short');
    const options = { cacheDir: at(''), baseUrl: server.url };
    await assert.rejects(
      fetchImagenetWeights(options),
      (error) => error instanceof WeightFileError && /delete the file/.test(error.message),
    );
    assert.ok(existsSync(at(name)));
    assert.equal(server.paths.length, 0);
  });
});

describe('locateTeacherWeights', () => {
  const at = useTemporaryFolder();
  beforeEach(() => {
    for (const folder of ['cache', 'empty']) mkdirSync(at(folder));
    for (const file of ['named.pth', 'environment.pth', 'cache/resnet18-f37072fd.pth']) {
      writeFileSync(at(file), '');
    }
  });

  it('takes the file named, then the one of the environment, then the one in the cache', () => {
    const env = { RESNET18_WEIGHTS: at('environment.pth') };
    const cacheDir = at('cache');
    assert.deepEqual(locateTeacherWeights({ file: at('named.pth'), env, cacheDir }), {
      file: at('named.pth'),
      source: 'option',
    });
    assert.deepEqual(locateTeacherWeights({ env, cacheDir }), {
      file: at('environment.pth'),
      source: 'environment',
    });
    assert.deepEqual(locateTeacherWeights({ env: {}, cacheDir }), {
      file: at('cache/resnet18-f37072fd.pth'),
      source: 'cache',
    });
  });

  it('finds nothing where there is nothing', () => {
    assert.equal(locateTeacherWeights({ env: {}, cacheDir: at('empty') }), null);
    assert.equal(
      locateTeacherWeights({ env: { RESNET18_WEIGHTS: '' }, cacheDir: at('missing') }),
      null,
    );
  });

  it('gives absolute paths', () => {
    const file = path.relative(process.cwd(), at('named.pth'));
    assert.equal(locateTeacherWeights({ file, env: {} })?.file, at('named.pth'));
  });

  it('refuses a name without a file, saying where the name came from', () => {
    assert.throws(() => locateTeacherWeights({ file: at('missing'), env: {} }), {
      name: 'WeightFileError',
      message: `${at('missing')}: expected the teacher weights asked for, found no such file`,
    });
    assert.throws(
      () => locateTeacherWeights({ env: { RESNET18_WEIGHTS: at('cache') } }),
      /environment variable RESNET18_WEIGHTS names, found a folder/,
    );
  });
});
