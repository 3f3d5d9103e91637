import assert from 'node:assert/strict';
import fc from 'fast-check';
import { JUPYTER_DISPLAY, type Displayable } from '../../src/viz/display/mime-bundle';
import { joinBytes, splitBytes } from '../../src/viz/widgets/bytes';
import { COMM_HOOK, widget } from '../../src/viz/widgets/widget';

interface Sent {
  data: { method?: string; state: Record<string, unknown>; buffer_paths: unknown };
  buffers: Uint8Array[];
}

/** Stands for the kernel's end: what was sent, and a way to send from the page. */
function pretendKernel() {
  const sent: Sent[] = [];
  let receive: (message: object) => unknown = () => assert.fail('no comm is open');
  const hook = (target: string, opening: Sent, handlers: { onMessage: typeof receive }) => {
    assert.equal(target, 'jupyter.widget');
    sent.push(opening);
    receive = handlers.onMessage;
    return { id: 'the-comm', send: (message: Sent) => sent.push(message), close: () => {} };
  };
  Object.defineProperty(globalThis, COMM_HOOK, { value: hook, configurable: true });
  const page = (state: unknown, more: object = {}) =>
    receive({ data: { method: 'update', state, ...more }, metadata: {}, buffers: [], ...more });
  return { sent, page };
}

const still: Displayable = {
  [JUPYTER_DISPLAY]: () => ({ 'text/plain': 'still', 'image/png': 'x' }),
};

describe('a widget', () => {
  afterEach(() => {
    delete (globalThis as Record<symbol, unknown>)[COMM_HOOK];
  });

  it('is shown by its model and by its still picture, with its state in the page once', async () => {
    const { sent } = pretendKernel();
    const one = widget({
      model: { n: 1, bytes: Uint8Array.of(1, 2) },
      render: 'a module',
      still: () => still,
    });
    const bundle = await one[JUPYTER_DISPLAY]();
    await one[JUPYTER_DISPLAY]();
    assert.deepEqual(bundle, {
      'application/vnd.jupyter.widget-view+json': {
        version_major: 2,
        version_minor: 1,
        model_id: 'the-comm',
      },
      'text/plain': 'still',
      'image/png': 'x',
    });
    assert.equal(sent.length, 1);
    const { state, buffer_paths } = sent[0].data;
    assert.deepEqual([state.n, state._esm, state._model_name], [1, 'a module', 'AnyModel']);
    assert.deepEqual([buffer_paths, sent[0].buffers], [[['bytes']], [Uint8Array.of(1, 2)]]);
  });

  it('outside of a notebook is its still picture, and its state', async () => {
    const one = widget({ model: { n: 1 }, render: '', still: () => still });
    one.set({ n: 2 });
    assert.deepEqual(await one[JUPYTER_DISPLAY](), { 'text/plain': 'still', 'image/png': 'x' });
    assert.deepEqual(one.state, { n: 2 });
    assert.throws(() => one.set({ m: 1 } as never), /the state has no "m"/);
    assert.throws(() => widget({ model: { _esm: '' }, render: '' }), /underscore: _esm/);
  });

  it('sends its whole state to a page that asks, and what changes to one that has it', async () => {
    const { sent, page } = pretendKernel();
    const one = widget({ model: { n: 1, m: 2 }, render: 'a module' });
    await one[JUPYTER_DISPLAY]();
    one.set({ m: 3 });
    assert.deepEqual(sent[1].data, { method: 'update', state: { m: 3 }, buffer_paths: [] });
    void page(null, { data: { method: 'request_state' } });
    assert.equal(sent.length, 3);
    assert.deepEqual([sent[2].data.state.m, sent[2].data.state._esm], [3, 'a module']);
  });

  it('tells of changes that the page makes once at a time, the latest together', async () => {
    const { page } = pretendKernel();
    const one = widget({ model: { n: 0, m: 0 }, render: '' });
    const heard: unknown[] = [];
    let go = () => {};
    one.onChange(async (changed) => {
      heard.push(changed);
      await new Promise<void>((resolve) => (go = resolve));
    });
    await one[JUPYTER_DISPLAY]();
    const done = page({ n: 1 });
    for (const state of [{ n: 2 }, { n: 3 }, { m: 4 }, { other: 5, _esm: 'evil' }])
      void page(state);
    go();
    await new Promise(setImmediate);
    go();
    await done;
    assert.deepEqual(heard, [{ n: 1 }, { n: 3, m: 4 }]);
    assert.deepEqual(one.state, { n: 3, m: 4 });
  });

  it('goes to the page as a module of whatever form the function has', async () => {
    const { sent } = pretendKernel();
    const forms = {
      render() {
        return 'method';
      },
      async later() {
        return Promise.resolve('async method');
      },
      arrow: () => 'arrow',
      whole: function () {
        return 'function';
      },
    };
    const said: unknown[] = [];
    for (const render of Object.values(forms)) {
      await widget({ model: {}, render: render as () => void })[JUPYTER_DISPLAY]();
      const module = String(sent.at(-1)?.data.state._esm).replace('export default', 'return');
      said.push(await new Function(module)().render());
    }
    assert.deepEqual(said, ['method', 'async method', 'arrow', 'function']);
  });

  it('splits bytes of any place from its state, and joins them again', () => {
    const bytes = fc.uint8Array({ maxLength: 5 });
    const name = fc.string().filter((text) => text !== '__proto__');
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        fc.integer(),
        fc.constant(null),
        bytes,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (state) => {
        const { bare, paths, buffers } = splitBytes(state);
        const sent = JSON.parse(JSON.stringify({ bare, paths }));
        assert.deepEqual(joinBytes(sent.bare, sent.paths, buffers), state);
      }),
    );
  });

  it('takes bytes to no place that is none of the state', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (state, paths) => {
        joinBytes(state, paths, [Uint8Array.of(1), Uint8Array.of(2)]);
      }),
    );
    joinBytes(
      { list: [1] },
      [
        ['__proto__', 'polluted'],
        ['list', 'length'],
      ],
      [Uint8Array.of(1), Uint8Array.of(1)],
    );
    joinBytes({}, [['constructor', 'prototype', 'polluted']], [Uint8Array.of(1)]);
    assert.equal('polluted' in {}, false);
  });
});
