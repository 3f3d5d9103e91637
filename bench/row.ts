import type { Program } from './protocol';

/** One side of a comparison. */
export interface Contestant {
  /** As the table calls it. */
  name: string;
  program: Program;
  workload: string;
  options: Record<string, unknown>;
}

/** One comparison: the lab against the fastest of some ways to do the same with another program. */
export interface Row {
  id: string;
  title: string;
  /** What the two sides do differently, and what is in the time; for the notes under the table. */
  note: string;
  ours: Contestant;
  theirs: Contestant[];
  /** Images in one repetition; absent where the time is told for the whole. */
  images?: number;
  /** Repetitions in one measurement. */
  repeats: number;
  /** By how much the two sides' values may differ, relative to the larger. */
  tolerance: number;
  /** Whether the convolutions' share of the machine's matrix-product rate is told. */
  shareOfSgemm: boolean;
  /** The peer does not work everywhere: where it fails, the row is left out with its message. */
  mayFail?: boolean;
}

export interface Sizes {
  /** Side of the images in pixels. */
  size: number;
  /** Of the training steps. */
  batch: number;
  /** Pixels of so many images of 256 x 256 are ranked. */
  scoredImages: number;
  /** Side of the matrices of the reference product. */
  matrix: number;
}

const TORCH_LAYOUTS = [
  { layout: 'default', name: 'PyTorch eager' },
  { layout: 'channels_last', name: 'PyTorch eager, channels_last' },
];

/** PyTorch in eager mode, in both memory layouts: a trial tells which is the faster one. */
export function torch(workload: string, options: Record<string, unknown>): Contestant[] {
  return TORCH_LAYOUTS.map(({ layout, name }) => ({
    name,
    program: 'torch',
    workload,
    options: { ...options, layout },
  }));
}
