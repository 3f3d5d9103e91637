import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { DownloadError, downloadFile } from '../../src/lib/weights/download';
import { FileServer, serve, type Answer } from './file-server';
import { useTemporaryFolder } from './temporary-folder';

const content = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 7));
const sha256 = createHash('sha256').update(content).digest('hex');
const limits = { sha256, maxBytes: content.length };

describe('downloadFile', () => {
  const at = useTemporaryFolder();
  let server: FileServer | undefined;

  async function start(...answers: Answer[]): Promise<string> {
    server = await FileServer.start(...answers);
    return `${server.url}/file`;
  }

  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  function assertComplete(others: string[] = []): void {
    assert.ok(readFileSync(at('file')).equals(content));
    assert.deepEqual(readdirSync(at('')).sort(), ['file', ...others]);
  }

  it('brings a file, and tells of its progress', async () => {
    const url = await start(serve(content));
    const progress: [number, number | null][] = [];
    const onProgress = (...step: [number, number | null]) => progress.push(step);
    await downloadFile(url, at('file'), { ...limits, onProgress });
    assertComplete();
    assert.deepEqual(progress[0], [0, content.length]);
    assert.deepEqual(progress.at(-1), [content.length, content.length]);
    assert.ok(progress.every(([received], i) => i === 0 || received > progress[i - 1][0]));
    assert.equal(server!.paths.length, 1);
  });

  it('makes the folder', async () => {
    const url = await start(serve(content));
    await downloadFile(url, at('some/folder/file'), limits);
    assert.ok(readFileSync(at('some/folder/file')).equals(content));
  });

  it('removes content with a wrong checksum and says what it was', async () => {
    const page = Buffer.from('<html>Please sign in</html>');
    const url = await start(serve(page));
    const found = createHash('sha256').update(page).digest('hex');
    await assert.rejects(downloadFile(url, at('file'), limits), {
      name: 'DownloadError',
      message:
        `cannot download ${url}: expected content with the SHA-256 ${sha256}, ` +
        `found ${found} (27 bytes, removed)`,
    });
    assert.deepEqual(readdirSync(at('')), []);
  });

  it('removes what came before a connection broke', async () => {
    const url = await start(serve(content, 100_000));
    const onProgress = server!.breakOnArrival;
    await assert.rejects(
      downloadFile(url, at('file'), { ...limits, onProgress }),
      (error) => error instanceof DownloadError && /other side closed/.test(error.message),
    );
    assert.deepEqual(readdirSync(at('')), []);
  });

  it('takes no more than the limit from a server that never stops', async () => {
    const endless: Answer = (_request, response) => {
      const more = (): void =>
        void (response.write(content) ? setImmediate(more) : response.once('drain', more));
      more();
    };
    const url = await start(endless);
    await assert.rejects(downloadFile(url, at('file'), limits), {
      name: 'DownloadError',
      message: /^cannot download .*: expected at most 300000 bytes, found at least \d{6}$/,
    });
    assert.deepEqual(readdirSync(at('')), []);
  });

  it('does not begin with content that is announced as longer than the limit', async () => {
    const url = await start((_request, response) => {
      response.writeHead(200, { 'content-length': 300_001 }).flushHeaders();
    });
    await assert.rejects(
      downloadFile(url, at('file'), limits),
      /at most 300000 bytes, found 300001$/,
    );
    assert.deepEqual(readdirSync(at('')), []);
  });

  it('takes content whose length the server does not say', async () => {
    const url = await start((_request, response) => void response.writeHead(200).end(content));
    const totals: (number | null)[] = [];
    const onProgress = (_received: number, total: number | null) => totals.push(total);
    await downloadFile(url, at('file'), { ...limits, onProgress });
    assertComplete();
    assert.ok(totals.every((total) => total === null));
  });

  it('removes what a killed process left, not what a running one works on', async () => {
    for (const name of ['file.0123.part', 'file.4567.part', 'other.part'])
      writeFileSync(at(name), '');
    const anHourAgo = Date.now() / 1000 - 3600;
    for (const name of ['file.0123.part', 'other.part']) utimesSync(at(name), anHourAgo, anHourAgo);
    const url = await start(serve(content));
    await downloadFile(url, at('file'), limits);
    assertComplete(['file.4567.part', 'other.part']);
  });

  it('keeps the file that is there until the new one is whole', async () => {
    writeFileSync(at('file'), 'old');
    const url = await start(serve(Buffer.from('wrong')));
    await assert.rejects(downloadFile(url, at('file'), limits), DownloadError);
    assert.equal(readFileSync(at('file'), 'utf8'), 'old');
  });

  it('says that the server does not have it', async () => {
    const url = await start((_request, response) => void response.writeHead(404).end('no'));
    await assert.rejects(downloadFile(url, at('file'), limits), {
      message: `cannot download ${url}: the server answered 404 Not Found`,
    });
    assert.deepEqual(readdirSync(at('')), []);
    assert.equal(server!.paths.length, 1);
  });

  it('says that there is no connection', async () => {
    const url = await start(serve(content));
    await server!.stop();
    server = undefined;
    await assert.rejects(
      downloadFile(url, at('file'), limits),
      (error) => error instanceof DownloadError && /ECONNREFUSED/.test(error.message),
    );
    await assert.rejects(
      downloadFile('http://host.invalid/file', at('file'), limits),
      /cannot download http:\/\/host\.invalid\/file: .*host\.invalid/,
    );
    assert.deepEqual(readdirSync(at('')), []);
  });

  it('gives up on a server that falls silent', async () => {
    const url = await start(serve(content, 100_000), () => {});
    for (const title of ['within the content', 'before it']) {
      await assert.rejects(
        downloadFile(url, at('file'), { ...limits, stallTimeout: 500 }),
        { message: `cannot download ${url}: nothing received for 0.5 s` },
        title,
      );
      assert.deepEqual(readdirSync(at('')), []);
    }
  });

  it('is patient with a server that is slow but never silent', async () => {
    const drip: Answer = (_request, response) => {
      const step = content.length / 5;
      let sent = 0;
      const timer = setInterval(() => {
        response.write(content.subarray(sent, (sent += step)));
        if (sent < content.length) return;
        clearInterval(timer);
        response.end();
      }, 300);
    };
    const url = await start(drip);
    await downloadFile(url, at('file'), { ...limits, stallTimeout: 1000 });
    assertComplete();
  });

  it('stops at a signal with its reason', async () => {
    const url = await start(serve(content, 100_000));
    const controller = new AbortController();
    const reason = new Error('enough');
    const onProgress = (received: number) => received === 100_000 && controller.abort(reason);
    const { signal } = controller;
    const download = downloadFile(url, at('file'), { ...limits, signal, onProgress });
    await assert.rejects(download, (error) => error === reason);
    assert.deepEqual(readdirSync(at('')), []);
    await assert.rejects(
      downloadFile(url, at('other'), { ...limits, signal }),
      (error) => error === reason,
    );
    assert.equal(server!.paths.length, 1);
  });

  it('may run several times at once for one file', async () => {
    const url = await start(serve(content));
    await Promise.all([1, 2, 3].map(() => downloadFile(url, at('file'), limits)));
    assertComplete();
  });

  it('says that the disk refuses', async () => {
    const url = await start(serve(content));
    writeFileSync(at('taken'), '');
    await assert.rejects(
      downloadFile(url, at('taken/file'), limits),
      (error) => error instanceof DownloadError && /(EEXIST|ENOTDIR).*taken/.test(error.message),
    );
    mkdirSync(at('file'));
    await assert.rejects(downloadFile(url, at('file'), limits), /EISDIR/);
    assert.deepEqual(readdirSync(at('')), ['file', 'taken']);
  });
});
