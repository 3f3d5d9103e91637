import fc from 'fast-check';

export interface Items {
  scores: Float64Array;
  labels: Uint8Array;
}

/** Scores, some of them tied, signed and infinite, with labels; both labels occur. */
export function arbitraryItems(maxLength = 40): fc.Arbitrary<Items> {
  const score = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.double({ noNaN: true }),
    fc.constantFrom(0, -0, Infinity, -Infinity),
  );
  return fc
    .array(fc.record({ score, label: fc.integer({ min: 0, max: 1 }) }), {
      minLength: 2,
      maxLength,
    })
    .filter((items) => new Set(items.map(({ label }) => label)).size === 2)
    .map((items) => ({
      scores: Float64Array.from(items, (item) => item.score),
      labels: Uint8Array.from(items, (item) => item.label),
    }));
}

/** A stack of small maps with masks, at least one of which has a defect; tied scores among them. */
export function arbitraryStack(): fc.Arbitrary<{
  scores: Float32Array;
  labels: Uint8Array;
  size: { width: number; height: number };
}> {
  const dimensions = fc.record({
    width: fc.integer({ min: 1, max: 7 }),
    height: fc.integer({ min: 1, max: 7 }),
    images: fc.integer({ min: 1, max: 3 }),
  });
  return dimensions
    .filter(({ width, height, images }) => width * height * images > 1)
    .chain(({ width, height, images }) => {
      const length = width * height * images;
      const exactly = { minLength: length, maxLength: length };
      return fc.record({
        scores: fc
          .array(fc.integer({ min: 0, max: 12 }), exactly)
          .map((values) => Float32Array.from(values, (value) => value / 4)),
        labels: fc
          .array(fc.integer({ min: 0, max: 1 }), exactly)
          .filter((values) => values.includes(0) && values.includes(1))
          .map((values) => Uint8Array.from(values)),
        size: fc.constant({ width, height }),
      });
    });
}
