import assert from 'node:assert/strict';
import { imageOf } from '../../../src/lib/data/image';
import { findForeground } from '../../../src/lib/data/simulated-defects/foreground';
import { defectSimulator } from '../../../src/lib/data/simulated-defects/simulate-defects';
import type { DefectGenerator } from '../../../src/lib/data/simulated-defects/simulate-defects';
import { goodPictures } from './good-pictures';

const GENERATORS: readonly DefectGenerator[] = ['training', 'validation'];
const CATEGORIES = ['bottle', 'leather'] as const;
const COUNT = 150;

const made = new Map<string, ReturnType<ReturnType<typeof defectSimulator>>[]>();

function pictures(category: (typeof CATEGORIES)[number], generator: DefectGenerator) {
  const key = `${category} ${generator}`;
  const known = made.get(key);
  if (known) return known;
  const simulate = defectSimulator(goodPictures(category), { seed: 1, generator });
  const list = Array.from({ length: COUNT }, (_, i) => simulate(i));
  made.set(key, list);
  return list;
}

const sum = (values: Uint8Array) => values.reduce((total, value) => total + value, 0);

describe('defectSimulator', () => {
  for (const category of CATEGORIES) {
    for (const generator of GENERATORS) {
      describe(`${generator} defects on ${category}`, () => {
        const good = goodPictures(category);
        const pixels = good.height * good.width;

        it('mark what they change, and leave the rest as it was to the bit', () => {
          for (const { image, mask, source } of pictures(category, generator)) {
            const before = imageOf(good, source).data;
            let changes = 0;
            let changedPixels = 0;
            for (let i = 0; i < pixels; i++) {
              let change = 0;
              for (let c = 0; c < 3; c++) {
                change = Math.max(change, Math.abs(image.data[3 * i + c] - before[3 * i + c]));
              }
              if (mask.data[i] === 0) assert.equal(change, 0);
              changes += change;
              changedPixels += +(change > 0);
            }
            const marked = sum(mask.data);
            if (marked === 0) continue;
            assert.ok(changedPixels > 0.6 * marked, `${changedPixels} of ${marked}`);
            assert.ok(changes / marked > 3, `${changes / marked}`);
          }
        });

        it('lie on the object', () => {
          const { data } = findForeground(good);
          for (const { mask, source } of pictures(category, generator)) {
            const object = data.subarray(source * pixels, (source + 1) * pixels);
            assert.ok(mask.data.every((value, i) => value <= object[i]));
          }
        });

        it('spare a third of the pictures', () => {
          const spared = pictures(category, generator).filter(({ defects }) => !defects.length);
          for (const { mask } of spared) assert.equal(sum(mask.data), 0);
          const share = spared.length / COUNT;
          assert.ok(share > 0.22 && share < 0.46, `${share}`);
        });

        it('are small more often than large', () => {
          const shares = pictures(category, generator)
            .filter(({ defects }) => defects.length === 1)
            .map(({ mask }) => sum(mask.data) / pixels)
            .sort((a, b) => a - b);
          const at = (q: number) => shares[Math.floor(q * shares.length)];
          assert.ok(at(0.1) < 0.004 && at(0) > 0, `${at(0.1)}`);
          assert.ok(at(0.5) > 0.002 && at(0.5) < 0.03, `${at(0.5)}`);
          assert.ok(at(0.95) > 0.01 && at(1 - 1e-9) < 0.3, `${at(0.95)}`);
        });
      });
    }
  }

  it('has every kind of defect, on textures those that can be seen there', () => {
    const names = (category: (typeof CATEGORIES)[number], generator: DefectGenerator) =>
      new Set(pictures(category, generator).flatMap(({ defects }) => defects));
    const everywhere = ['shade', 'tint', 'stain', 'relief', 'roughen', 'smooth', 'transplant'];
    const onObjects = [...everywhere, 'warp', 'fill', 'turn', 'break away'];
    const [onBottles, onLeather] = [names('bottle', 'training'), names('leather', 'training')];
    assert.deepEqual([...new Set([...onBottles, ...onLeather])].sort(), onObjects.sort());
    for (const name of everywhere) assert.ok(onLeather.has(name), name);
    assert.ok(onBottles.has('break away') && onBottles.has('turn'));
    assert.ok(!onLeather.has('turn') && !onLeather.has('break away'));
    const validation = names('bottle', 'validation');
    assert.equal(validation.size, 3);
    assert.ok([...validation].every((name) => !onObjects.includes(name)));
  });

  it('makes the same picture again, whatever was made before', () => {
    const options = { seed: 1, generator: 'training' } as const;
    const simulate = defectSimulator(goodPictures('bottle'), options);
    for (const index of [17, 3, 90])
      assert.deepEqual(simulate(index), pictures('bottle', 'training')[index]);
  });

  it('makes others with another seed', () => {
    const simulate = defectSimulator(goodPictures('bottle'), { seed: 2, generator: 'training' });
    const others = Array.from({ length: 8 }, (_, i) => simulate(i).mask.data);
    const first = pictures('bottle', 'training').slice(0, 8);
    assert.notDeepEqual(
      others,
      first.map(({ mask }) => mask.data),
    );
  });

  it('takes the good pictures in turn, and leaves them as they are', () => {
    const good = goodPictures('bottle');
    const before = good.data.slice();
    const sources = pictures('bottle', 'training').map(({ source }) => source);
    for (let i = 0; i < COUNT - (COUNT % good.count); i += good.count) {
      assert.deepEqual(sources.slice(i, i + good.count).sort(), [0, 1, 2, 3]);
    }
    assert.deepEqual(good.data, before);
  });

  it('refuses no pictures, and pictures that are too small', () => {
    const options = { seed: 0, generator: 'training' } as const;
    for (const stack of [
      { count: 0, height: 64, width: 64, data: new Uint8Array(0) },
      { count: 1, height: 8, width: 64, data: new Uint8Array(8 * 64 * 3) },
    ]) {
      assert.throws(() => defectSimulator(stack, options), /^RangeError: Expected good pictures/);
    }
  });
});
