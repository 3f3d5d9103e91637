import assert from 'node:assert/strict';
import { JUPYTER_DISPLAY } from '../../src/viz/display/mime-bundle';
import { DISPLAY_HOOK } from '../../src/viz/notebook/display';
import { mapInspector } from '../../src/viz/widgets/map-inspector';
import { pageModule } from '../../src/viz/widgets/page-module';
import { countVerdicts, shareOf, thresholdAt, tinted } from '../../src/viz/widgets/threshold';
import { thresholdSlider } from '../../src/viz/widgets/threshold-slider';
import { trainingPanel, type TrainingOutcome } from '../../src/viz/widgets/training-panel';
import { COMM_HOOK } from '../../src/viz/widgets/widget';

const [WIDTH, HEIGHT] = [6, 4];
const image = { width: WIDTH, height: HEIGHT, data: new Uint8Array(3 * WIDTH * HEIGHT).fill(100) };
const map = Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => i / 32);
const judged = { image, map, score: 23 / 32, caption: 'one', isDefective: true };

describe('a threshold', () => {
  it('is found again where it was put, on either scale', () => {
    for (const scale of [
      { lowest: 1e-4, highest: 10 },
      { lowest: -1, highest: 3 },
    ]) {
      for (const share of [0, 0.25, 1]) {
        assert.ok(Math.abs(shareOf(scale, thresholdAt(scale, share)) - share) < 1e-12);
      }
      assert.deepEqual([shareOf(scale, 1e9), shareOf(scale, -5)], [1, 0]);
    }
  });

  it('reddens what is above it, and counts the images', () => {
    const { data, above } = tinted(
      image.data,
      Float32Array.from(map, (v, i) => (i === 9 ? NaN : v)),
      8 / 32,
    );
    assert.equal(above, 23 - 9);
    assert.deepEqual([...data.slice(3 * 8, 3 * 11)], [100, 100, 100, 100, 100, 100, 177, 65, 65]);
    const images = [0.1, 0.2, 0.3, 0.4].map((score, i) => ({ score, isDefective: i % 2 === 1 }));
    assert.deepEqual(countVerdicts(images, 0.2), {
      found: 1,
      missed: 1,
      'false alarm': 1,
      good: 1,
    });
  });
});

describe('the threshold slider', () => {
  it('begins where no good image is above, and is a picture without widgets', async () => {
    const good = { ...judged, score: 0.25, isDefective: false, caption: 'fine' };
    const slider = thresholdSlider([judged, good], { title: 'Two' });
    assert.equal(slider.state.threshold, 0.25);
    const bundle = await slider[JUPYTER_DISPLAY]();
    assert.deepEqual(Object.keys(bundle).sort(), ['image/png', 'text/plain']);
    assert.match(bundle['text/plain'], /Threshold 0\.25: found 1, missed 0, false alarm 0, good 1/);
    assert.match(bundle['text/plain'], /one: found, fine: good/);
  });

  it('refuses a map of another size, and no image', () => {
    assert.throws(() => thresholdSlider([]), /there is no image/);
    assert.throws(
      () => thresholdSlider([{ ...judged, map: map.slice(1) }]),
      /one: .* = 24 values, found 23/,
    );
  });
});

describe('the map inspector', () => {
  it('shows the highest place first, and what is clicked after', async () => {
    let receive: (message: object) => unknown = () => {};
    const hook = (_: string, __: object, handlers: { onMessage: typeof receive }) => {
      receive = handlers.onMessage;
      return { id: 'x', send: () => {}, close: () => {} };
    };
    Object.defineProperty(globalThis, COMM_HOOK, { value: hook, configurable: true });
    try {
      const range = { lo: 0, hi: 1 };
      const asked: unknown[] = [];
      const inspector = await mapInspector([{ ...judged, levels: [map, map, map] }], {
        scale: { levels: [range, range, range], product: range },
        levelTitles: ['a', 'b', 'c'],
        nearest: (...args) => {
          asked.push(args);
          return { image, caption: 'near' };
        },
      });
      assert.match(String(inspector.state.detail?.alt), /x 5, y 3/);
      await inspector[JUPYTER_DISPLAY]();
      const click = (selected: unknown) =>
        receive({ data: { method: 'update', state: { selected } }, metadata: {}, buffers: [] });
      await click({ index: 0, x: 2, y: 1 });
      assert.match(String(inspector.state.detail?.alt), /x 2, y 1/);
      // What a page could send as well changes nothing.
      for (const odd of [
        null,
        {},
        { index: 1, x: 0, y: 0 },
        { index: 0, x: 6, y: 0 },
        { index: 0, x: 0.5, y: 0 },
      ]) {
        await click(odd);
      }
      assert.match(String(inspector.state.detail?.alt), /x 2, y 1/);
      assert.deepEqual(asked, [
        [0, { x: 5, y: 3 }],
        [0, { x: 2, y: 1 }],
      ]);
    } finally {
      delete (globalThis as Record<symbol, unknown>)[COMM_HOOK];
    }
  });
});

describe('the training panel', () => {
  /** What is shown of a training, in the order of time. */
  async function shownOf(train: Parameters<typeof trainingPanel<TrainingOutcome>>[1]) {
    const states: Record<string, unknown>[] = [];
    const displayed: object[] = [];
    let receive: (message: object) => unknown = () => {};
    const hook = (
      _: string,
      opening: { data: { state: Record<string, unknown> } },
      handlers: { onMessage: typeof receive },
    ) => {
      states.push(opening.data.state);
      receive = handlers.onMessage;
      return {
        id: 'x',
        send: ({ data }: typeof opening) => states.push(data.state),
        close: () => {},
      };
    };
    Object.defineProperty(globalThis, COMM_HOOK, { value: hook, configurable: true });
    const show = ({ data }: { data: object }) => displayed.push(data);
    Object.defineProperty(globalThis, DISPLAY_HOOK, { value: show, configurable: true });
    const press = () =>
      receive({
        data: { method: 'update', state: { isStopAsked: true } },
        metadata: {},
        buffers: [],
      });
    try {
      const result = await trainingPanel({ epochs: 3 }, async (hooks) => {
        await new Promise((resolve) => setTimeout(resolve, 50)); // until it is shown
        return train(Object.assign(hooks, { press }));
      }).catch((error: unknown) => error);
      return { states, displayed, result };
    } finally {
      delete (globalThis as Record<symbol, unknown>)[COMM_HOOK];
      delete (globalThis as Record<symbol, unknown>)[DISPLAY_HOOK];
    }
  }
  const epoch = (n: number) => ({ epoch: n, loss: 4 / n, seconds: 1, similarity: 2 / n });

  it('ends with the curves of all epochs, and a picture of them', async () => {
    const epochs = [epoch(1), epoch(2), epoch(3)];
    const { states, displayed, result } = await shownOf(async ({ onEpoch }) => {
      epochs.forEach((record, i) => onEpoch(record, epochs.slice(0, i + 1)));
      return { status: 'finished', epochs };
    });
    assert.deepEqual((result as TrainingOutcome).epochs, epochs);
    const last = Object.assign({}, ...states) as Record<string, unknown>;
    assert.deepEqual([last.phase, last.done], ['finished', 3]);
    assert.deepEqual(last.curves, [
      { name: 'loss', values: [4, 2, 4 / 3] },
      { name: 'similarity', values: [2, 1, 2 / 3] },
    ]);
    assert.equal(last.text, 'finished after 3 of 3 epochs, loss 1.333');
    assert.ok('image/png' in (displayed.at(-1) ?? {}));
  });

  it('of a run that was trained before shows what it was', async () => {
    const epochs = [epoch(1), epoch(2), epoch(3)];
    const { states } = await shownOf(() => Promise.resolve({ status: 'finished', epochs }));
    assert.equal((states.at(-1)?.curves as { values: number[] }[])[0].values.length, 3);
  });

  it('stops the training at its button', async () => {
    const { states } = await shownOf(async (hooks) => {
      assert.equal(hooks.signal.aborted, false);
      (hooks as unknown as { press(): void }).press();
      assert.equal(hooks.signal.aborted, true);
      return { status: 'interrupted', epochs: [epoch(1)] };
    });
    assert.equal(states.at(-1)?.text, 'stopped after 1 of 3 epochs, loss 4.000');
  });

  it('says of one that fails that it failed, and throws the same', async () => {
    const { states, result } = await shownOf(() => Promise.reject(new RangeError('no')));
    assert.equal(states.at(-1)?.phase, 'failed');
    assert.ok(result instanceof RangeError);
  });
});

describe("the widgets' sides in the page", () => {
  for (const name of ['threshold-slider', 'training-panel', 'map-inspector']) {
    it(`${name} is one module by itself`, () => {
      const module = pageModule(name);
      assert.match(module, /export\s*\{\s*\w+ as default\s*\}/);
      assert.doesNotMatch(module, /\bimport\b|\brequire\(/);
    });
  }
});
