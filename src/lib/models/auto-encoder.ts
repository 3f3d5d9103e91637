import { biasAdd, conv2dBias, conv2dTranspose, maxPool, tf } from '../engine/index';
import type { Tensor1D, Tensor4D } from '../engine/index';
import type { AutoEncoderConfig } from './auto-encoder-config';
import { poolings } from './auto-encoder-config';
import { autoEncoderPlan } from './auto-encoder-plan';
import { mirrorMargin } from './mirror-margin';
import type { ParameterStore } from './parameter-store';

export { autoEncoderShapes } from './auto-encoder-shapes';

/**
 * The auto-encoder of one level (paper, Fig. 2): a U-Net that has the student's features, of depth d, as input and as
 * output. Three contracting blocks of two 3x3 convolutions and a 2x2 max-pooling, a bottleneck, and three expanding
 * steps: a 2x2 transposed convolution, then concatenation with the contracting block of the same resolution. With
 * widths d/2, d, 2d the last concatenation has d channels, so that nothing needs to follow it.
 */

/** What a step of a forward pass does; `crop` takes the margin off again. */
export type StepKind =
  'input' | 'convolution' | 'pooling' | 'transposed convolution' | 'concatenation' | 'crop';

/**
 * Told of each step of a forward pass as it is taken.
 *
 * @param step what it is, in words
 * @param names what the names of its parameters begin with; null for a step without parameters
 */
export type StepObserver = (
  kind: StepKind,
  step: string,
  names: string | null,
  output: Tensor4D,
) => void;

/**
 * A(x), the features that the auto-encoder makes of a level's features.
 *
 * @param store its parameters, named as in `autoEncoderShapes` after `prefix`
 * @param x [b, h, w, d]; h and w plus twice the crop are multiples of 8 (of 2 for 'basic')
 * @param observe sees the result of every step; see `autoEncoderSteps`
 * @returns [b, h, w, d], without a sign of its own: the last transposed convolution has no activation
 */
export function autoEncode(
  store: ParameterStore,
  x: Tensor4D,
  config: AutoEncoderConfig,
  prefix = '',
  observe?: StepObserver,
): Tensor4D {
  const [, height, width, depth] = x.shape;
  const multiple = 2 ** poolings(config);
  const { crop } = config;
  if ((height + 2 * crop) % multiple !== 0 || (width + 2 * crop) % multiple !== 0) {
    throw new RangeError(
      `Expected features whose sides, with a margin of ${crop}, are multiples of ${multiple}, ` +
        `found ${height} x ${width}: choose an image size that is a multiple of ${16 * multiple}.`,
    );
  }
  const { widths, expansions, hasHead } = autoEncoderPlan(config, depth);
  const weight = (name: string) => store.get<Tensor4D>(`${prefix}${name}.weight`);
  const bias = (name: string) => store.get<Tensor1D>(`${prefix}${name}.bias`);
  const convolveRelu = (name: string, input: Tensor4D) =>
    conv2dBias(input, weight(name), bias(name), 1, { relu: true });
  const block = (name: string, input: Tensor4D) =>
    convolveRelu(`${name}.conv2`, convolveRelu(`${name}.conv1`, input));

  let y = mirrorMargin(x, crop);
  observe?.('input', crop === 0 ? 'input' : 'input with its margin', null, y);
  const skips = widths.map((_, i) => {
    const features =
      config.kind === 'basic' ? convolveRelu('down1.conv1', y) : block(`down${i + 1}`, y);
    const convolutions = config.kind === 'basic' ? 'convolution 3 × 3' : '2 convolutions 3 × 3';
    observe?.('convolution', `down ${i + 1}: ${convolutions}`, `down${i + 1}.`, features);
    y = maxPool(features, 2, 2, 0);
    observe?.('pooling', 'max-pooling 2 × 2', null, y);
    return features;
  });
  if (config.kind === 'u-net') {
    y = block('bottleneck', y);
    observe?.('convolution', 'bottleneck: 2 convolutions 3 × 3', 'bottleneck.', y);
  }
  for (const step of expansions) {
    const name = `up${step.block}`;
    const up = biasAdd(conv2dTranspose(y, weight(`${name}.transpose`)), bias(`${name}.transpose`));
    observe?.(
      'transposed convolution',
      `up ${step.block}: transposed convolution 2 × 2`,
      `${name}.transpose.`,
      up,
    );
    y = step.hasSkip ? tf.concat([up, skips[step.block - 1]], 3) : up;
    if (step.hasSkip) observe?.('concatenation', `concatenation with down ${step.block}`, null, y);
    if (config.kind === 'u-net' && config.decoderConvolutions) {
      y = block(name, y);
      observe?.('convolution', '2 convolutions 3 × 3', `${name}.conv`, y);
    }
  }
  if (hasHead) {
    y = conv2dBias(y, weight('head'), bias('head'), 0);
    observe?.('convolution', 'head: convolution 1 × 1', 'head.', y);
  }
  if (crop === 0) return y;
  const cropped = tf.slice(y, [0, crop, crop, 0], x.shape);
  observe?.('crop', 'margin cropped off', null, cropped);
  return cropped;
}
