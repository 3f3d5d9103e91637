import { z } from 'zod';
import {
  biasAdd,
  concatChannels,
  conv2dBias,
  conv2dTranspose,
  convertActivations,
  fork,
  maxPool,
  tf,
} from '../engine/index';
import type { Tensor1D, Tensor4D } from '../engine/index';
import { Random } from '../random/random';
import type { NamedArray, NamedArrays } from '../weights/named-arrays';
import { ParameterStore } from './parameter-store';
import { LEVEL_CHANNELS, SIZE_MULTIPLE } from './resnet18';
import type { FeaturePyramid, Precision } from './resnet18';

/*
 * The auto-encoder of one level (paper, Fig. 2): a U-Net that has the student's features, of depth d, as input and as
 * output. Three contracting blocks of two 3x3 convolutions and a 2x2 max-pooling, a bottleneck, and three expanding
 * steps: a 2x2 transposed convolution, then concatenation with the contracting block of the same resolution. With
 * widths d/2, d, 2d the last concatenation has d channels, so that nothing needs to follow it.
 */

/**
 * The shape of an auto-encoder (paper, section 3 and Fig. 2). Defaults are the paper's; the rest are the variants that
 * it says were tried, or leaves as future work.
 */
export const autoEncoderConfigSchema = z
  .object({
    /** 'basic': one convolution down, one transposed convolution up, nothing between. */
    kind: z.enum(['u-net', 'basic']).default('u-net'),
    /** Channels of the contracting blocks, in units of the level's depth d. 'basic' uses the first alone. */
    widths: z.tuple([z.number().gt(0), z.number().gt(0), z.number().gt(0)]).default([0.5, 1, 2]),
    /** Which contracting blocks are concatenated into the expanding path: 'not-top' leaves out the finest. */
    skips: z.enum(['all', 'not-top', 'none']).default('all'),
    /** Two 3x3 convolutions with ReLU after each concatenation, as in the standard U-Net; the paper has none. */
    decoderConvolutions: z.boolean().default(false),
    /** A closing 1x1 convolution. One is there in any case where the channels would not come out as d. */
    head: z.boolean().default(false),
    /**
     * Against the border effect of zero padding: features get a mirrored margin of this many positions, and what the
     * auto-encoder makes of the margin is cropped off.
     */
    crop: z.number().int().min(0).multipleOf(4).default(0),
  })
  .strict();

export type AutoEncoderConfig = z.infer<typeof autoEncoderConfigSchema>;
export type AutoEncoderConfigInput = z.input<typeof autoEncoderConfigSchema>;

/** Poolings of the contracting path: the side of a level's features must be a multiple of 2 to this power. */
export function poolings({ kind }: Pick<AutoEncoderConfig, 'kind'>): number {
  return kind === 'basic' ? 1 : 3;
}

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

/** Every array of one auto-encoder by name, with its shape in PyTorch's layout. @param depth d of its level */
export function autoEncoderShapes(config: AutoEncoderConfig, depth: number): Map<string, number[]> {
  const { widths, expansions, hasHead } = autoEncoderPlan(config, depth);
  const shapes = new Map<string, number[]>();
  const convolution = (name: string, out: number, input: number, kernel: number) => {
    shapes.set(`${name}.weight`, [out, input, kernel, kernel]);
    shapes.set(`${name}.bias`, [out]);
  };
  const block = (name: string, out: number, input: number) => {
    convolution(`${name}.conv1`, out, input, 3);
    convolution(`${name}.conv2`, out, out, 3);
  };
  if (config.kind === 'basic') {
    convolution('down1.conv1', widths[0], depth, 3);
  } else {
    widths.forEach((width, i) => block(`down${i + 1}`, width, i === 0 ? depth : widths[i - 1]));
    block('bottleneck', widths[2], widths[2]);
  }
  for (const step of expansions) {
    shapes.set(`up${step.block}.transpose.weight`, [step.input, step.up, 2, 2]);
    shapes.set(`up${step.block}.transpose.bias`, [step.up]);
    if (config.kind === 'u-net' && config.decoderConvolutions) {
      block(`up${step.block}`, step.output, 2 * widths[step.block - 1]);
    }
  }
  if (hasHead) convolution('head', depth, expansions[expansions.length - 1].output, 1);
  return shapes;
}

/** What the names of a level's auto-encoder begin with. @param level from 0 */
export function autoEncoderPrefix(level: number): string {
  return `autoencoder${level + 1}.`;
}

/** Every array of the three auto-encoders by name, with its shape in PyTorch's layout. */
export function autoEncodersShapes(config: AutoEncoderConfig): Map<string, number[]> {
  return new Map(
    LEVEL_CHANNELS.flatMap((depth, level) =>
      [...autoEncoderShapes(config, depth)].map(
        ([name, shape]) => [autoEncoderPrefix(level) + name, shape] as const,
      ),
    ),
  );
}

/** What a step of a forward pass does; `crop` takes the margin off again. */
export type StepKind =
  'input' | 'convolution' | 'pooling' | 'transposed convolution' | 'concatenation' | 'crop';

/**
 * Called for each step of a forward pass as it is taken.
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
 * @param precision of the activations within; `x` and the result are float32
 * @returns [b, h, w, d], of either sign: the last transposed convolution has no activation
 */
export function autoEncode(
  store: ParameterStore,
  x: Tensor4D,
  config: AutoEncoderConfig,
  prefix = '',
  observe?: StepObserver,
  precision: Precision = 'float32',
): Tensor4D {
  const [, height, width, depth] = x.shape;
  const multiple = 2 ** poolings(config);
  const { crop } = config;
  if ((height + 2 * crop) % multiple !== 0 || (width + 2 * crop) % multiple !== 0) {
    throw new RangeError(
      `Expected features whose sides, with a margin of ${crop}, are multiples of ${multiple}, ` +
        `found ${height} x ${width}: choose an image size that is a multiple of ${SIZE_MULTIPLE * multiple}.`,
    );
  }
  const { widths, expansions, hasHead } = autoEncoderPlan(config, depth);
  const weight = (name: string) => store.get<Tensor4D>(`${prefix}${name}.weight`);
  const bias = (name: string) => store.get<Tensor1D>(`${prefix}${name}.bias`);
  const convolveRelu = (name: string, input: Tensor4D) =>
    conv2dBias(input, weight(name), bias(name), 1, { relu: true });
  const block = (name: string, input: Tensor4D) =>
    convolveRelu(`${name}.conv2`, convolveRelu(`${name}.conv1`, input));

  let y = convertActivations(mirrorMargin(x, crop), precision);
  observe?.('input', crop === 0 ? 'input' : 'input with its margin', null, y);
  const skips = widths.map((_, i) => {
    const features =
      config.kind === 'basic' ? convolveRelu('down1.conv1', y) : block(`down${i + 1}`, y);
    const convolutions = config.kind === 'basic' ? 'convolution 3 × 3' : '2 convolutions 3 × 3';
    observe?.('convolution', `down ${i + 1}: ${convolutions}`, `down${i + 1}.`, features);
    const [skip, down] = fork(features);
    y = maxPool(down, 2, 2, 0);
    observe?.('pooling', 'max-pooling 2 × 2', null, y);
    return skip;
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
    y = step.hasSkip ? concatChannels(up, skips[step.block - 1]) : up;
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
  y = convertActivations(y, 'float32');
  if (crop === 0) return y;
  const cropped = tf.slice(y, [0, crop, crop, 0], x.shape);
  observe?.('crop', 'margin cropped off', null, cropped);
  return cropped;
}

/** x with a margin on all four sides that mirrors it, the border itself not repeated. @param x [b, h, w, d] */
export function mirrorMargin(x: Tensor4D, margin: number): Tensor4D {
  if (margin === 0) return x;
  const [, height, width] = x.shape;
  if (margin >= Math.min(height, width)) {
    throw new RangeError(
      `Expected a margin below ${Math.min(height, width)}, the features' side, found ${margin}.`,
    );
  }
  const along = (input: Tensor4D, axis: 1 | 2) => {
    const size = input.shape[axis];
    const part = (begin: number) => {
      const starts = [0, 0, 0, 0];
      const sizes = input.shape.slice();
      starts[axis] = begin;
      sizes[axis] = margin;
      return tf.reverse(tf.slice(input, starts, sizes), axis);
    };
    return tf.concat([part(1), input, part(size - 1 - margin)], axis) as Tensor4D;
  };
  return along(along(x, 1), 2);
}

/**
 * Convolutions with biases as PyTorch's `Conv2d` and `ConvTranspose2d` make them: weights and biases uniform within
 * 1 / sqrt(fan_in), where fan_in is the weight's second dimension times its kernel's area. (For a transposed
 * convolution that counts its output channels; so does PyTorch.)
 *
 * @param shapes pairs `NAME.weight`, of rank 4, and `NAME.bias`
 */
export function initialiseUniform(
  shapes: ReadonlyMap<string, number[]>,
  random: Random,
): NamedArrays {
  const arrays: NamedArrays = new Map();
  for (const [name, shape] of shapes) {
    const weight = shapes.get(name.replace(/bias$/, 'weight'));
    if (weight?.length !== 4)
      throw new Error(`"${name}": expected a convolution's weight or bias.`);
    const bound = 1 / Math.sqrt(weight[1] * weight[2] * weight[3]);
    const stream = random.fork(name);
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    for (let i = 0; i < data.length; i++) data[i] = stream.uniform(-bound, bound);
    arrays.set(name, { shape, data });
  }
  return arrays;
}

/** The auto-encoders of all levels, of one shape and each of its level's depth, in one store. */
export interface AutoEncoders {
  config: AutoEncoderConfig;
  /** Parameters named `autoencoder1.down1.conv1.weight` and so on. */
  store: ParameterStore;
}

/** Untrained auto-encoders, as PyTorch makes them: uniform within 1 / sqrt(fan_in). */
export function initialiseAutoEncoders(config: AutoEncoderConfig, random: Random): NamedArrays {
  return initialiseUniform(autoEncodersShapes(config), random);
}

/** R_s = A(F_s), level by level (paper, section 3). */
export function reconstruct(
  { store, config }: AutoEncoders,
  pyramid: FeaturePyramid,
  precision?: Precision,
): FeaturePyramid {
  return pyramid.map((features, level) =>
    autoEncode(store, features, config, autoEncoderPrefix(level), undefined, precision),
  ) as FeaturePyramid;
}

/** One step of an auto-encoder's forward pass. */
export interface AutoEncoderStep {
  kind: StepKind;
  /** In words, e.g. "down 1: 2 convolutions 3 × 3". */
  name: string;
  /** Of what comes out of it, for one image. */
  shape: [height: number, width: number, channels: number];
  /** How many numbers the step itself learns. */
  parameters: number;
}

/**
 * The shapes of an auto-encoder (paper, Fig. 2), step by step: taken from a forward pass, so that they are the model's.
 *
 * @param depth d of its level
 * @param side of the level's square features
 * @throws RangeError where `autoEncode` throws
 */
export function autoEncoderSteps(
  config: AutoEncoderConfig,
  depth: number,
  side: number,
): AutoEncoderStep[] {
  const shapes = autoEncoderShapes(config, depth);
  const arrays = [...shapes].map(([name, shape]): [string, NamedArray] => [
    name,
    { shape, data: new Float32Array(sizeOf(shape)) },
  ]);
  const parametersOf = (names: string): number =>
    [...shapes].reduce(
      (sum, [name, shape]) => sum + (name.startsWith(names) ? sizeOf(shape) : 0),
      0,
    );
  const steps: AutoEncoderStep[] = [];
  const store = ParameterStore.fromArrays(new Map(arrays));
  try {
    tf.tidy(() => {
      autoEncode(
        store,
        tf.zeros([1, side, side, depth]),
        config,
        '',
        (kind, name, names, output) => {
          const [, height, width, channels] = output.shape;
          const parameters = names === null ? 0 : parametersOf(names);
          steps.push({ kind, name, shape: [height, width, channels], parameters });
        },
      );
    });
  } finally {
    store.dispose();
  }
  return steps;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
