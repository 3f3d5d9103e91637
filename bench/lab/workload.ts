import type { StartRequest } from '../protocol';

/** One repetition of the work. @returns a number that the work gave */
export type Repeat = () => number | Promise<number>;

/** Prepares the work: reads inputs, builds models, computes what a user computes once. */
export type Workload = (request: StartRequest) => Repeat | Promise<Repeat>;

/** Indices of one batch after the other, over and over. */
export function* batches(count: number, batchSize: number): Generator<number[], never> {
  for (let start = 0; ; start += batchSize) {
    yield Array.from({ length: batchSize }, (_, i) => (start + i) % count);
  }
}
