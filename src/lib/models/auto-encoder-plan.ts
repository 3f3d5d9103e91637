import type { AutoEncoderConfig } from './auto-encoder-config';
import { poolings } from './auto-encoder-config';

/** One step of the expanding path, with its channels. */
export interface Expansion {
  /** Of the contracting block at the same resolution, counted from 1, the finest. */
  block: number;
  input: number;
  /** Of the transposed convolution's result. */
  up: number;
  hasSkip: boolean;
  /** After concatenation and the convolutions that may follow it. */
  output: number;
}

/** What an auto-encoder consists of. */
export interface AutoEncoderPlan {
  widths: number[];
  expansions: Expansion[];
  hasHead: boolean;
}

/**
 * The steps of an auto-encoder with their channels.
 *
 * @param depth d of its level
 * @throws Error when a width is not a whole number of channels
 */
export function autoEncoderPlan(config: AutoEncoderConfig, depth: number): AutoEncoderPlan {
  const { kind, skips, decoderConvolutions, head } = config;
  const widths = config.widths.slice(0, poolings(config)).map((width) => width * depth);
  const broken = widths.find((width) => !Number.isInteger(width));
  if (broken !== undefined) {
    throw new Error(
      `Auto-encoder of depth ${depth}: expected widths of whole channels, found ${broken} ` +
        `(widths ${config.widths.join(', ')}).`,
    );
  }
  let input = widths[widths.length - 1];
  if (kind === 'basic') {
    const only = { block: 1, input, up: depth, hasSkip: false, output: depth };
    return { widths, expansions: [only], hasHead: head };
  }
  const expansions = [3, 2, 1].map((block): Expansion => {
    const width = widths[block - 1];
    const hasSkip = skips === 'all' || (skips === 'not-top' && block > 1);
    const output = decoderConvolutions ? width : 2 * width;
    // Without its skip, a step makes the channels itself that the concatenation would have had.
    const step = { block, input, up: hasSkip ? width : 2 * width, hasSkip, output };
    input = output;
    return step;
  });
  return { widths, expansions, hasHead: head || input !== depth };
}
