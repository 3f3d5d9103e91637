import { Random } from '../../random/random';
import { renderAlmond } from './almond';
import { ALMOND_DEFECTS } from './almond-defects';
import { renderBottle } from './bottle';
import { BOTTLE_DEFECTS } from './bottle-defects';
import type { Rendering } from './film';
import { renderGear } from './gear';
import { GEAR_DEFECTS } from './gear-defects';
import { renderLeather } from './leather';
import { LEATHER_DEFECTS } from './leather-defects';

/** Draws the picture of a product, with a defect of a type and severity, or without. */
type Render = (
  random: Random,
  size: number,
  defect?: { type: string; severity: number },
) => Rendering;

interface Product {
  defects: readonly string[];
  render: Render;
}

/** A product and what can be wrong with it, by type. */
function product<Defect>(
  render: (random: Random, size: number, defect?: Defect) => Rendering,
  defects: Record<string, (random: Random, severity: number) => Defect>,
): Product {
  return {
    defects: Object.keys(defects),
    render: (random, size, defect) =>
      render(random, size, defect && defects[defect.type](random.fork('defect'), defect.severity)),
  };
}

/** Every product that can be rendered: a new one is a line here. */
const PRODUCTS: ReadonlyMap<string, Product> = new Map([
  ['bottle', product(renderBottle, BOTTLE_DEFECTS)],
  ['leather', product(renderLeather, LEATHER_DEFECTS)],
  ['gear', product(renderGear, GEAR_DEFECTS)],
  ['almond', product(renderAlmond, ALMOND_DEFECTS)],
]);

/** The categories that can be rendered, and the types of defect of each. */
export const SYNTHETIC_CATEGORIES: ReadonlyMap<string, readonly string[]> = new Map(
  Array.from(PRODUCTS, ([name, { defects }]) => [name, defects]),
);

/** The categories that a data set has where none is named; the harder ones are asked for by name. */
export const DEFAULT_SYNTHETIC_CATEGORIES: readonly string[] = ['bottle', 'leather'];

/** Names one picture of the synthetic data set. */
export interface SyntheticSpec {
  category: string;
  split: 'train' | 'test';
  /** 'good' or one of the category's types of defect. */
  defect: string;
  /** Counted from 0; for a defect it also sets the severity, see `severityOf`. */
  index: number;
  seed: number;
  /** Side in pixels. The same picture at any size. */
  size: number;
}

/** @throws RangeError for an unknown category or type of defect, or a size below 1 */
export function checkSyntheticSpec({ category, defect, size }: SyntheticSpec): void {
  const defects = SYNTHETIC_CATEGORIES.get(category);
  if (!defects) {
    const names = [...SYNTHETIC_CATEGORIES.keys()].join(', ');
    throw new RangeError(`No synthetic category '${category}': expected ${names}`);
  }
  if (defect !== 'good' && !defects.includes(defect)) {
    const names = ['good', ...defects].join(', ');
    throw new RangeError(`No synthetic ${category} of type '${defect}': expected ${names}`);
  }
  if (!Number.isInteger(size) || size < 1) {
    throw new RangeError(`The size must be a whole number of pixels, found ${size}`);
  }
}

/**
 * Renders one picture and its mask. Each depends on its own name and the seed alone.
 *
 * @throws RangeError as `checkSyntheticSpec` does
 */
export function renderSynthetic(spec: SyntheticSpec): Rendering {
  checkSyntheticSpec(spec);
  const { category, split, defect, index, seed, size } = spec;
  const random = Random.fromSeed(seed).fork([category, split, defect, index].join('/'));
  const flaw = defect === 'good' ? undefined : { type: defect, severity: severityOf(index) };
  return PRODUCTS.get(category)!.render(random, size, flaw);
}

/**
 * How strong the defect of the `index`-th picture of a type is, in (0, 1): 1/2, 1/4, 3/4, 1/8, ...
 * (van der Corput's sequence). Any number of pictures is spread evenly from subtle to obvious, and
 * more pictures do not change the first ones.
 */
export function severityOf(index: number): number {
  let severity = 0;
  let place = 0.5;
  for (let rest = index + 1; rest > 0; rest = Math.floor(rest / 2)) {
    severity += place * (rest % 2);
    place /= 2;
  }
  return severity;
}
