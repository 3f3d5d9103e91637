import type { StartRequest } from '../protocol';

/** One repetition of the work. @returns a number that the work gave */
export type Repeat = () => number | Promise<number>;

export interface Work {
  repeat: Repeat;
  /** Floating-point operations of one repetition, where they are counted. */
  flops?: number;
}

/** Prepares the work: reads inputs, builds models, computes what a user computes once. */
export type Workload = (request: StartRequest) => Work | Promise<Work>;

/** Indices of one batch after the other, over and over. */
export function* batches(count: number, batchSize: number): Generator<number[], never> {
  for (let start = 0; ; start += batchSize) {
    yield Array.from({ length: batchSize }, (_, i) => (start + i) % count);
  }
}
