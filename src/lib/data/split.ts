import { Random } from '../random/random';

/**
 * Some of the normal images, in the given order. With the same seed, those of a smaller number are among those of a
 * larger one, so that numbers of images can be compared.
 *
 * @throws RangeError when there are fewer
 */
export function chooseSome<T>(samples: readonly T[], count: number, seed: number): T[] {
  if (count > samples.length) {
    throw new RangeError(`Expected at least ${count} train images, found ${samples.length}.`);
  }
  const order = Random.fromSeed(seed)
    .fork('some images')
    .shuffle(samples.map((_, i) => i));
  const chosen = new Set(order.slice(0, count));
  return samples.filter((_, i) => chosen.has(i));
}

export interface SplitOptions {
  /** Share of the images that is held out, 0 <= share < 1. Default 0.2. */
  validationShare?: number;
  seed: number;
}

/**
 * Holds out some of the normal images (protocol B of the STFPM authors: 80 % to train on, 20 % to
 * choose the epoch by). The choice depends on the seed and on the number of images alone; both
 * parts keep the given order and together hold each image once. A share above 0 holds out at
 * least one image.
 *
 * @throws RangeError when the share is not in [0, 1), or would leave nothing to train on
 */
export function splitTrain<T>(
  samples: readonly T[],
  { validationShare = 0.2, seed }: SplitOptions,
): { train: T[]; validation: T[] } {
  if (!(validationShare >= 0 && validationShare < 1)) {
    throw new RangeError(`The validation share must be in [0, 1), found ${validationShare}`);
  }
  const rounded = Math.round(samples.length * validationShare);
  const count = validationShare > 0 ? Math.max(1, rounded) : 0;
  if (count >= samples.length) {
    throw new RangeError(
      `Holding out ${count} of ${samples.length} images leaves none to train on`,
    );
  }
  const order = Random.fromSeed(seed)
    .fork('validation split')
    .shuffle(samples.map((_, i) => i));
  const held = new Set(order.slice(0, count));
  return {
    train: samples.filter((_, i) => !held.has(i)),
    validation: samples.filter((_, i) => held.has(i)),
  };
}

/** A good image, as it is divided. */
export interface Divisible {
  /** Of the file's content: images of one content are never divided. */
  sha256: string;
  /** Images of one group are never divided; absent: it stands alone. */
  group?: string;
  /** Images of one stratum, such as a folder, are shared out in proportion. */
  stratum: string;
  /** Whether its group is tested on in any case. */
  isTest?: boolean;
}

export interface DivideOptions {
  seed: number;
  /** Share of the images to test on. Default 0.2. */
  testShare?: number;
  /** Share of the images that is held out. Default 0.2. */
  heldOutShare?: number;
}

/** The role of each image, in the order given. */
export type Role = 'train' | 'held-out' | 'test';

/**
 * Divides good images into those to train on, those held out for the threshold, and those to test on. What is drawn
 * depends on the seed and on the images' content, neither on their names nor on their order: a camera's pictures are in the
 * order of time, and the first ones are like one another. Groups, and copies of one image, stay together; each stratum
 * gives its share. With at least three groups, each role gets one.
 *
 * @throws RangeError for shares that leave nothing to train on
 */
export function divideImages(
  images: readonly Divisible[],
  { seed, testShare = 0.2, heldOutShare = 0.2 }: DivideOptions,
): Role[] {
  for (const share of [testShare, heldOutShare]) {
    if (!(share >= 0 && share < 1) || testShare + heldOutShare >= 1) {
      throw new RangeError(
        `The shares to test on and to hold out must be at least 0 and less than 1 together, found ${testShare} and ${heldOutShare}.`,
      );
    }
  }
  const random = Random.fromSeed(seed).fork('division of images');
  const roles = images.map((): Role => 'train');
  const units = joined(images).map((members) => ({
    members,
    key: members.map((i) => images[i].sha256).sort()[0],
    stratum: [...new Set(members.map((i) => images[i].stratum))].sort().join('\0'),
    isTest: members.some((i) => images[i].isTest),
  }));
  let tested = 0;
  const free = units.filter(({ members, isTest }) => {
    if (!isTest) return true;
    for (const i of members) roles[i] = 'test';
    tested += members.length;
    return false;
  });
  // Each stratum's units lie evenly on [0, 1), so that any stretch of it holds the same share of each.
  const strata = [...new Set(free.map(({ stratum }) => stratum))].sort();
  const drawn = strata
    .flatMap((name) => {
      const of = free.filter(({ stratum }) => stratum === name);
      const order = random.fork(name).shuffle(of.sort((a, b) => (a.key < b.key ? -1 : 1)));
      const offset = random.fork(name).fork('offset').next();
      return order.map((unit, i) => ({ ...unit, place: (i + offset) / order.length }));
    })
    .sort((a, b) => a.place - b.place || (a.key < b.key ? -1 : 1));
  const take = (role: Role, share: number, done: number) => {
    const wanted = Math.round(images.length * share);
    let count = done;
    let isFirst = done === 0 && share > 0 && units.length >= 3;
    // The last one is left to train on.
    while (drawn.length > 1) {
      const { members } = drawn[0];
      // Nearer to the share with it than without it.
      if (!isFirst && count + members.length / 2 > wanted) break;
      drawn.shift();
      for (const i of members) roles[i] = role;
      count += members.length;
      isFirst = false;
    }
  };
  take('test', testShare, tested);
  take('held-out', heldOutShare, 0);
  return roles;
}

/** The indices of images that belong together, by group or by content. */
function joined(images: readonly Divisible[]): number[][] {
  const parent = images.map((_, i) => i);
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i];
    return i;
  };
  const first = new Map<string, number>();
  images.forEach(({ sha256, group }, i) => {
    for (const key of [`content ${sha256}`, ...(group === undefined ? [] : [`group ${group}`])]) {
      const other = first.get(key);
      if (other === undefined) first.set(key, i);
      else parent[root(i)] = root(other);
    }
  });
  const members = new Map<number, number[]>();
  images.forEach((_, i) => members.set(root(i), [...(members.get(root(i)) ?? []), i]));
  return [...members.values()];
}
