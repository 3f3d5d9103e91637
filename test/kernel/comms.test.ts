import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DrivenKernel, only, stdoutOf, type CellRun, type Request } from './driven-kernel';

/** Waits until nothing has come for a moment. */
const SETTLED = `await new Promise((done) => setTimeout(done, 300));`;

/** Opens a comm that keeps what comes, and says its id. */
const OPEN = `const open = (globalThis as any)[Symbol.for('stfpm.comm')];
const got: any[] = [];
const comm = open('a-target', {
  data: { a: 1 },
  metadata: { version: '2' },
  buffers: [Uint8Array.of(9, 1, 2, 3).subarray(1)],
}, {
  onMessage: (message: any) => { got.push(['message', message.data, ...message.buffers.map((one: Uint8Array) => [...one])]); },
  onClose: ({ data }: any) => { got.push(['close', data]); },
});
comm.id`;

function textOf(run: CellRun): string {
  assert.equal(run.status, 'ok', JSON.stringify(run.outputs));
  const { data } = only(run, 'execute_result') as { data: Record<string, string> };
  return data['text/plain'].replace(/^'|'$/g, '');
}

describe('comms', () => {
  let kernel: DrivenKernel;
  before(() => {
    kernel = new DrivenKernel();
  });
  after(() => kernel.close());

  const open = async (): Promise<[id: string, run: CellRun]> => {
    const run = await kernel.run(OPEN);
    return [textOf(run), run];
  };
  /** Sends messages while a cell waits; says what was got, as JSON. */
  const send = async (...requests: Request[]) => {
    const code = `console.log('waiting');\n${SETTLED}\nconsole.log(JSON.stringify(got.splice(0)));`;
    const { replies, unfinished, cell } = await kernel.sendDuring(code, requests);
    assert.deepEqual(unfinished, []);
    assert.ok(
      replies.every((reply) => reply === null),
      JSON.stringify(replies),
    );
    return JSON.parse(stdoutOf(cell).split('\n')[1]) as unknown[];
  };
  const listed = async (content: object = {}) => {
    const { replies } = await kernel.sendDuring("console.log('.')", [
      ['comm_info_request', content],
    ]);
    return replies[0]?.comms;
  };

  it('open with data, metadata and bytes, and are listed by their target', async () => {
    const [id, run] = await open();
    const opened = run.outputs.find(({ type }) => type === 'comm_open');
    assert.deepEqual(opened, {
      type: 'comm_open',
      content: { comm_id: id, target_name: 'a-target', data: { a: 1 } },
      metadata: { version: '2' },
      buffers: [Buffer.of(1, 2, 3).toString('base64')],
    });
    assert.deepEqual(await listed({ target_name: 'a-target' }), {
      [id]: { target_name: 'a-target' },
    });
    assert.deepEqual(await listed({ target_name: 'another' }), {});
    assert.ok(id in ((await listed()) as object));
  });

  it('bring the messages of the page, in order and with their bytes, while a cell awaits', async () => {
    const [id] = await open();
    const message = (n: number, ...buffers: string[]): Request => [
      'comm_msg',
      { comm_id: id, data: { n } },
      ...buffers,
    ];
    const got = await send(
      message(1),
      message(2, Buffer.of(4, 5).toString('base64'), ''),
      ['comm_close', { comm_id: id, data: { bye: true } }],
      message(3),
    );
    assert.deepEqual(got, [
      ['message', { n: 1 }],
      ['message', { n: 2 }, [4, 5], []],
      ['close', { bye: true }],
    ]);
    assert.equal(id in ((await listed()) as object), false);
  });

  it('take the messages of a cell until either end closes them', async () => {
    await open();
    const run = await kernel.run(`comm.send({ data: { b: 2 }, buffers: [Buffer.from('xyz')] });
comm.close({ data: { c: 3 } });
comm.send({ data: { d: 4 } });
comm.close();`);
    const sent = run.outputs.map(({ type, content, buffers }) => [type, content.data, buffers]);
    assert.deepEqual(sent, [
      ['comm_msg', { b: 2 }, [Buffer.from('xyz').toString('base64')]],
      ['comm_close', { c: 3 }, []],
    ]);
  });

  it('show what a handler prints and throws below the cell that has opened them', async () => {
    const run = await kernel.run(`const answering = open('a-target', {}, {
  onMessage: async ({ data }: any) => {
    console.log('heard', data.n);
    await null;
    throw new RangeError('out of it');
  },
});
console.log('id', answering.id);`);
    const id = stdoutOf(run).trim().split(' ')[1];
    const { cell, others } = await kernel.sendDuring(
      `console.log('waiting');\n${SETTLED}\n'alive'`,
      [['comm_msg', { comm_id: id, data: { n: 5 } }]],
    );
    assert.equal(stdoutOf(cell), 'waiting\n');
    assert.equal(textOf(cell), 'alive');
    const texts = others.map(({ content }) => `${content.name}: ${content.text}`);
    assert.equal(texts[0], 'stdout: heard 5\n');
    assert.match(texts[1], /^stderr: .*RangeError.*out of it/s);
  });

  it('that the page opens are closed at once', async () => {
    const code = `console.log('waiting');\n${SETTLED}`;
    const { unfinished, cell, others } = await kernel.sendDuring(code, [
      ['comm_open', { comm_id: 'from-the-page', target_name: 'jupyter.widget.control', data: {} }],
    ]);
    assert.deepEqual(unfinished, []);
    assert.equal(cell.status, 'ok');
    const answers = others.map(({ type, content }) => [type, content]);
    assert.deepEqual(answers, [['comm_close', { comm_id: 'from-the-page', data: {} }]]);
    assert.equal('from-the-page' in ((await listed()) as object), false);
  });

  it('do not end with the cell that has opened them, but their handlers do with an interruption', async () => {
    const run = await kernel.run(`const turning = open('a-target', {}, {
  onMessage: async () => {
    got.push('turns');
    for (;;) await new Promise((done) => setTimeout(done, 5));
  },
});
turning.id`);
    const id = textOf(run);
    const message: Request = ['comm_msg', { comm_id: id, data: {} }];
    assert.deepEqual(await send(message), ['turns']);
    assert.equal(
      (await kernel.run("console.log('on');\nfor (;;) await null;", 'stream')).status,
      'error',
    );
    assert.deepEqual(await send(message), ['turns']);
  });

  it('survive messages of any content', async () => {
    const [id] = await open();
    const ids = fc.oneof(fc.constant<unknown>(id), fc.constant('__proto__'), fc.jsonValue());
    const content = fc.oneof(
      fc.constant(null),
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.record(
        { comm_id: ids, target_name: fc.jsonValue(), data: fc.jsonValue() },
        { requiredKeys: [] },
      ),
    );
    const type = fc.constantFrom('comm_open', 'comm_msg', 'comm_info_request');
    const buffer = fc
      .uint8Array({ maxLength: 64 })
      .map((bytes) => Buffer.from(bytes).toString('base64'));
    const messages = fc
      .tuple(type, content, fc.array(buffer, { maxLength: 2 }))
      .map(([type, content, buffers]): Request => [type, content, ...buffers]);
    const requests = fc.sample(messages, { numRuns: 300, seed: 11 });
    const { unfinished, cell } = await kernel.sendDuring(
      `console.log('waiting');\n${SETTLED}\n'alive'`,
      requests,
    );
    assert.deepEqual(unfinished, []);
    assert.equal(textOf(cell), 'alive');
    assert.deepEqual(
      await send(['comm_msg', { comm_id: id, data: { after: true } }]).then((got) => got.at(-1)),
      ['message', { after: true }],
    );
  });
});
