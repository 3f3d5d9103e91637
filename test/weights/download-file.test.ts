import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { DownloadError, downloadFile } from '../../src/lib/weights/download-file';
import { FileServer, serve, serveWithoutRange, type Answer } from './file-server';
import { useTemporaryFolder } from './temporary-folder';

const content = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 7));
const sha256 = createHash('sha256').update(content).digest('hex');
const sha256Prefix = sha256.slice(0, 8);

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

  it('brings a file, tells of its progress, and gives its checksum', async () => {
    const url = await start(serve(content));
    const progress: [number, number | null][] = [];
    const onProgress = (...step: [number, number | null]) => progress.push(step);
    assert.equal(await downloadFile(url, at('file'), { sha256Prefix, onProgress }), sha256);
    assertComplete();
    assert.deepEqual(progress[0], [0, content.length]);
    assert.deepEqual(progress.at(-1), [content.length, content.length]);
    assert.ok(progress.every(([received], i) => i === 0 || received > progress[i - 1][0]));
    assert.deepEqual(server!.ranges, [undefined]);
  });

  it('makes the folder', async () => {
    const url = await start(serve(content));
    await downloadFile(url, at('some/folder/file'), { sha256Prefix });
    assert.ok(readFileSync(at('some/folder/file')).equals(content));
  });

  it('goes on where the connection broke', async () => {
    const url = await start(serve(content, 100_000), serve(content, 200_000), serve(content));
    const progress: number[] = [];
    const onProgress = (received: number) => {
      progress.push(received);
      server!.breakOnArrival(received);
    };
    await downloadFile(url, at('file'), { sha256Prefix, onProgress });
    assertComplete();
    assert.deepEqual(server!.ranges, [undefined, 'bytes=100000-', 'bytes=200000-']);
    assert.ok(progress.every((received, i) => i === 0 || received >= progress[i - 1]));
  });

  it('goes on where an earlier call gave up', async () => {
    const gone: Answer = (_request, response) => void response.writeHead(503).end();
    const url = await start(serve(content, 100_000), gone, serve(content));
    const onProgress = server!.breakOnArrival;
    await assert.rejects(
      downloadFile(url, at('file'), { sha256Prefix, onProgress }),
      /answered 503/,
    );
    assert.deepEqual(readdirSync(at('')), ['file.part']);
    await downloadFile(url, at('file'), { sha256Prefix });
    assertComplete();
    assert.deepEqual(server!.ranges, [undefined, 'bytes=100000-', 'bytes=100000-']);
  });

  it('goes on with what a killed process left, not with what a running one works on', async () => {
    // No process has the largest number; this one is running.
    writeFileSync(at('file.4194304-00000000.part'), content.subarray(0, 1000));
    writeFileSync(at(`file.${process.pid}-00000000.part`), content.subarray(0, 2000));
    const url = await start(serve(content));
    await downloadFile(url, at('file'), { sha256Prefix });
    assertComplete([`file.${process.pid}-00000000.part`]);
    assert.deepEqual(server!.ranges, ['bytes=1000-']);
  });

  it('goes on with the larger of two leftovers, and removes the other', async () => {
    writeFileSync(at('file.4194304-00000000.part'), content.subarray(0, 1000));
    writeFileSync(at('file.part'), content.subarray(0, 2000));
    writeFileSync(at('file.4194304-00000001.part'), content.subarray(0, 1500));
    const url = await start(serve(content));
    await downloadFile(url, at('file'), { sha256Prefix });
    assertComplete();
    assert.deepEqual(server!.ranges, ['bytes=2000-']);
  });

  it('goes on when the server sends less than was asked for', async () => {
    writeFileSync(at('file.part'), content.subarray(0, 1000));
    const little: Answer = (_request, response) =>
      void response
        .writeHead(206, { 'content-range': `bytes 1000-1999/${content.length}` })
        .end(content.subarray(1000, 2000));
    const url = await start(little, serve(content));
    await downloadFile(url, at('file'), { sha256Prefix });
    assertComplete();
    assert.deepEqual(server!.ranges, ['bytes=1000-', 'bytes=2000-']);
  });

  it('begins anew when the server does not resume', async () => {
    const url = await start(serveWithoutRange(content, 100_000), serveWithoutRange(content));
    await downloadFile(url, at('file'), {
      sha256Prefix,
      onProgress: server!.breakOnArrival,
    });
    assertComplete();
    assert.deepEqual(server!.ranges, [undefined, 'bytes=100000-']);
  });

  it('begins anew when the server resumes elsewhere', async () => {
    writeFileSync(at('file.part'), content.subarray(0, 1000));
    const elsewhere: Answer = (_request, response) =>
      void response
        .writeHead(206, { 'content-range': `bytes 0-${content.length - 1}/${content.length}` })
        .end(content);
    const url = await start(elsewhere, serve(content));
    await downloadFile(url, at('file'), { sha256Prefix });
    assertComplete();
    assert.deepEqual(server!.ranges, ['bytes=1000-', undefined]);
  });

  it('does not ask for more when everything had come before', async () => {
    writeFileSync(at('file.part'), content);
    const url = await start(serve(content));
    await downloadFile(url, at('file'), { sha256Prefix });
    assertComplete();
    assert.deepEqual(server!.ranges, [`bytes=${content.length}-`]);
  });

  for (const [title, leftover] of [
    ['longer than the content', Buffer.concat([content, content])],
    ['of something else', Buffer.alloc(1000)],
  ] as const) {
    it(`begins anew when the leftover is ${title}`, async () => {
      writeFileSync(at('file.part'), leftover);
      const url = await start(serve(content));
      await downloadFile(url, at('file'), { sha256Prefix });
      assertComplete();
      assert.deepEqual(server!.ranges, [`bytes=${leftover.length}-`, undefined]);
    });
  }

  it('removes content with a wrong checksum and says what it was', async () => {
    const page = Buffer.from('<html>Please sign in</html>');
    const url = await start(serve(page));
    const found = createHash('sha256').update(page).digest('hex');
    await assert.rejects(downloadFile(url, at('file'), { sha256Prefix }), {
      name: 'DownloadError',
      message:
        `cannot download ${url}: expected content whose SHA-256 begins with ${sha256Prefix}, ` +
        `found ${found} (27 bytes, removed)`,
    });
    assert.deepEqual(readdirSync(at('')), []);
  });

  it('keeps the file that is there until the new one is whole', async () => {
    writeFileSync(at('file'), 'old');
    const url = await start(serve(Buffer.from('wrong')));
    await assert.rejects(downloadFile(url, at('file'), { sha256Prefix }), DownloadError);
    assert.equal(readFileSync(at('file'), 'utf8'), 'old');
  });

  it('says that the server does not have it', async () => {
    const url = await start((_request, response) => void response.writeHead(404).end('no'));
    await assert.rejects(downloadFile(url, at('file'), { sha256Prefix }), {
      message: `cannot download ${url}: the server answered 404 Not Found`,
    });
    assert.deepEqual(readdirSync(at('')), []);
    assert.equal(server!.ranges.length, 1);
  });

  it('says that there is no connection', async () => {
    const url = await start(serve(content));
    await server!.stop();
    server = undefined;
    await assert.rejects(
      downloadFile(url, at('file'), { sha256Prefix }),
      (error) => error instanceof DownloadError && /ECONNREFUSED/.test(error.message),
    );
    await assert.rejects(
      downloadFile('http://host.invalid/file', at('file'), { sha256Prefix }),
      /cannot download http:\/\/host\.invalid\/file: .*host\.invalid/,
    );
    assert.deepEqual(readdirSync(at('')), []);
  });

  it('gives up on a server that falls silent, and keeps what came', async () => {
    const url = await start(serve(content, 100_000), () => {});
    await assert.rejects(downloadFile(url, at('file'), { sha256Prefix, stallTimeout: 1000 }), {
      message: `cannot download ${url}: nothing came for 1 s`,
    });
    assert.deepEqual(server!.ranges, [undefined, 'bytes=100000-']);
    assert.ok(readFileSync(at('file.part')).equals(content.subarray(0, 100_000)));
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
    await downloadFile(url, at('file'), { sha256Prefix, stallTimeout: 1000 });
    assertComplete();
    assert.deepEqual(server!.ranges, [undefined]);
  });

  it('does not go on for ever with a server that always breaks', async () => {
    const crumb: Answer = (request, response, to) => {
      const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
      serve(content, start + 10)(request, response, to);
    };
    const url = await start(crumb);
    const onProgress = server!.breakOnArrival;
    await assert.rejects(
      downloadFile(url, at('file'), { sha256Prefix, onProgress }),
      DownloadError,
    );
    assert.equal(server!.ranges.length, 6);
    assert.ok(readFileSync(at('file.part')).equals(content.subarray(0, 60)));
  });

  it('stops at a signal with its reason, and keeps what came', async () => {
    const url = await start(serve(content, 100_000));
    const controller = new AbortController();
    const reason = new Error('enough');
    const onProgress = (received: number) => received === 100_000 && controller.abort(reason);
    const { signal } = controller;
    const download = downloadFile(url, at('file'), { sha256Prefix, signal, onProgress });
    await assert.rejects(download, (error) => error === reason);
    assert.deepEqual(readdirSync(at('')), ['file.part']);
    await assert.rejects(
      downloadFile(url, at('other'), { sha256Prefix, signal }),
      (error) => error === reason,
    );
    assert.equal(server!.ranges.length, 1);
  });

  it('may run several times at once for one file', async () => {
    const url = await start(serve(content));
    await Promise.all([1, 2, 3].map(() => downloadFile(url, at('file'), { sha256Prefix })));
    assertComplete();
  });

  it('says that the disk refuses', async () => {
    const url = await start(serve(content));
    writeFileSync(at('taken'), '');
    await assert.rejects(
      downloadFile(url, at('taken/file'), { sha256Prefix }),
      (error) => error instanceof DownloadError && /(EEXIST|ENOTDIR).*taken/.test(error.message),
    );
    mkdirSync(at('file'));
    await assert.rejects(downloadFile(url, at('file'), { sha256Prefix }), /EISDIR/);
    assert.ok(existsSync(at('file.part')));
  });
});
