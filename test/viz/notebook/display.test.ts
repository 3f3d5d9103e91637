import assert from 'node:assert/strict';
import Module from 'node:module';
import path from 'node:path';
import { mock } from 'node:test';
import { display, DISPLAY_HOOK } from '../../../src/viz/notebook/display';
import type { DisplayMessage } from '../../../src/viz/notebook/display';
import { DISPLAY_METADATA, JUPYTER_DISPLAY } from '../../../src/viz/display/mime-bundle';
import { fakeNotebook } from './fake-notebook';

const plain = { [JUPYTER_DISPLAY]: () => ({ 'text/plain': 'words', 'image/png': 'AAAA' }) };

describe('display', () => {
  describe('in this project’s kernel', () => {
    const { sent } = fakeNotebook();

    it("sends an object's bundle with its metadata", async () => {
      const metadata = { 'image/png': { width: 4, height: 3 } };
      await display({ ...plain, [DISPLAY_METADATA]: () => metadata });
      assert.deepEqual(sent, [
        {
          message: {
            data: { 'text/plain': 'words', 'image/png': 'AAAA' },
            metadata,
            transient: {},
          },
          update: false,
        },
      ]);
    });

    it('waits for a bundle that is a promise', async () => {
      await display({ [JUPYTER_DISPLAY]: async () => ({ 'text/plain': 'later' }) });
      assert.deepEqual(sent[0].message.data, { 'text/plain': 'later' });
    });

    it('shows text as it is and other objects as Node prints them', async () => {
      await display('a text');
      await display({ a: [1, 2] });
      await display(null);
      assert.deepEqual(
        sent.map(({ message }) => message.data['text/plain']),
        ['a text', '{ a: [ 1, 2 ] }', 'null'],
      );
    });

    it('passes on what a bundle throws', async () => {
      const broken = {
        [JUPYTER_DISPLAY]: () => {
          throw new Error('no picture');
        },
      };
      await assert.rejects(display(broken), /no picture/);
      assert.equal(sent.length, 0);
    });
  });

  it("finds stock tslab's function among the loaded modules", async () => {
    const sent: DisplayMessage[] = [];
    const file = path.join(__dirname, 'node_modules', 'tslab', 'dist', 'jupyter.js');
    const loaded = new Module(file);
    loaded.exports = { lastWriteDisplayData: (message: DisplayMessage) => sent.push(message) };
    const others = Object.keys(require.cache).filter((name) => name.endsWith(tslabEnding));
    const kept = others.map((name) => [name, require.cache[name]] as const);
    others.forEach((name) => delete require.cache[name]);
    require.cache[file] = loaded;
    try {
      await display(plain);
    } finally {
      delete require.cache[file];
      kept.forEach(([name, entry]) => (require.cache[name] = entry));
    }
    assert.equal(sent[0].data['text/plain'], 'words');
  });

  it('prints the text outside of a notebook', async () => {
    assert.equal((globalThis as { [DISPLAY_HOOK]?: unknown })[DISPLAY_HOOK], undefined);
    const printed: unknown[] = [];
    const log = mock.method(console, 'log', (text: unknown) => void printed.push(text));
    try {
      await display(plain);
    } finally {
      log.mock.restore();
    }
    assert.deepEqual(printed, ['words']);
  });
});

const tslabEnding = path.join('tslab', 'dist', 'jupyter.js');
