import { z } from 'zod';
import { imageScore } from '../../anomaly-map/map-values';
import type { Judge } from '../../anomaly-map/detect';
import { gaussianBlur } from '../../anomaly-map/gaussian-blur';
import type { ImageSize } from '../../metrics/scores';
import { resizeBilinear, tf } from '../../engine/index';
import { ParameterStore } from '../../models/parameter-store';
import { Random } from '../../random/random';
import { train } from '../../training/train';
import { requireArrays } from '../../weights/named-arrays';
import type { NamedArrays } from '../../weights/named-arrays';
import { sharedSettings, trained } from '../method';
import type { AnomalyMethod, FitContext, Fitted, NormalImages, Stopped } from '../method';
import { RandomWindows, resizedStack, windowBatch } from '../windows';
import type { PixelRange } from '../windows';
import { discriminatorShapes, generatorShapes, initialiseDcgan } from './dcgan';
import type { DcganSize } from './dcgan';
import { AdganRecipe } from './recipe';
import { LatentSearch } from './search';
import type { SearchResult } from './search';

/** What the networks see of a byte: the range of the generator's hyperbolic tangent. */
const RANGE: PixelRange = [-1, 1];

const adganConfigSchema = z
  .object({
    recipe: z.literal('adgan').default('adgan'),
    ...sharedSettings,
    /** Side of the images that are generated; images are resized to it. */
    networkSize: z.union([z.literal(32), z.literal(64), z.literal(128)]).default(64),
    /** Channels of the layers next to the image: 64 in DCGAN, which costs four times as much as 32. */
    width: z.number().int().min(1).max(128).default(32),
    latentSize: z.number().int().min(1).max(1024).default(100),
    epochs: z.number().int().min(1).default(150),
    /** DCGAN's is 128, of millions of images; of a few hundred, small batches give more steps. */
    batchSize: z.number().int().min(1).default(16),
    /** Of Adam, for both networks. */
    learningRate: z.number().gt(0).default(2e-4),
    /** Of the noise on what the discriminator sees in the first epoch, where white is 1 and black -1. 0: none. */
    instanceNoise: z.number().min(0).default(0.5),
    /** How much of the average of the generator's weights a step keeps; 0: the last weights are the model. */
    averageDecay: z.number().min(0).lt(1).default(0.99),
    /** How far train images are moved at random, in pixels of `networkSize`, for parts that are not always in one place. */
    shift: z.number().int().min(0).max(16).default(0),
    /** Whether half of the train images, at random, have left and right exchanged. Not for what has a right side. */
    flips: z.boolean().default(false),
    /** n_seed: starting points of the search for each test image. */
    seeds: z.number().int().min(1).default(4),
    /** Steps of the search in latent vectors alone, before the joint ones. The paper has none. */
    latentSteps: z.number().int().min(0).default(50),
    /** k: steps of the search in latent vectors and generator. */
    jointSteps: z.number().int().min(0).default(5),
    /** gamma. */
    latentLearningRate: z.number().gt(0).default(0.1),
    /** gamma_theta; too large a one lets the generator paint the defect. */
    generatorLearningRate: z.number().min(0).default(5e-5),
    /** Standard deviation in pixels of the Gaussian that smooths the map; 0: none. */
    smoothing: z.number().min(0).default(4),
    /** 'mean': the paper's, the loss of the whole image. 'max': the largest value of the map. */
    imageScore: z.enum(['mean', 'max']).default('mean'),
  })
  .strict();

export type AdganConfig = z.output<typeof adganConfigSchema>;

/** Search in the latent space of a generative adversarial network. */
export const ADGAN: AnomalyMethod<AdganConfig> = {
  name: 'adgan',
  title: 'ADGAN',
  paper:
    'L. Deecke, R. Vandermeulen, L. Ruff, S. Mandt, M. Kloft: Image Anomaly Detection with Generative Adversarial Networks, ECML PKDD 2018',
  usesTeacher: false,
  hasMaps: true,
  canPad: false,
  schema: adganConfigSchema,
  fit,
  open,
  graph: 'each image is judged by a search that takes gradients and changes the weights',
};

function sizeOf({ networkSize, width, latentSize }: AdganConfig): DcganSize {
  return { side: networkSize, width, latentSize };
}

async function fit(
  { train: images }: NormalImages,
  config: AdganConfig,
  context: FitContext,
): Promise<Fitted | Stopped> {
  const size = sizeOf(config);
  const { side } = size;
  const stack = resizedStack(images, { height: side, width: side }, config.resizeFilter);
  const { shift, flips, seed } = config;
  const windows = new RandomWindows(stack, { side, range: RANGE, seed, shift, flips });
  const random = Random.fromSeed(seed).fork('adgan');
  const networks = [
    initialiseDcgan(generatorShapes(size), random.fork('generator')),
    initialiseDcgan(discriminatorShapes(size), random.fork('discriminator')),
  ].map((arrays) => ParameterStore.fromArrays(arrays));
  const [generator, discriminator] = networks;
  const recipe = new AdganRecipe(generator, discriminator, config);
  try {
    const plan = { ...config, divergenceFactor: null };
    const { saveSeconds, signal, header, onStep, onEpoch } = context;
    const options = { saveSeconds, signal, modelMetadata: header, onStep, onEpoch };
    const result = await train(recipe, windows, plan, context.run, options);
    return trained(result, recipe.model());
  } finally {
    recipe.dispose();
    for (const network of networks) network.dispose();
  }
}

function open(model: NamedArrays, config: AdganConfig): Judge {
  const side = config.networkSize;
  const arrays = requireArrays('The ADGAN', model, generatorShapes(sizeOf(config)));
  const generator = ParameterStore.fromArrays(arrays);
  const search = new LatentSearch(generator, config);
  return {
    judge: async (stack, indices) => {
      const size = { height: side, width: side };
      const resized = resizedStack(stack, size, config.resizeFilter, indices);
      const windows = indices.map((_, image) => ({ image, left: 0, top: 0 }));
      const images = windowBatch(resized, windows, side, RANGE);
      try {
        const results = await search.search(images);
        return results.map((result) => ({ ...verdict(result, stack, config), levelMaps: [] }));
      } finally {
        images.dispose();
      }
    },
    dispose: () => {
      search.dispose();
      generator.dispose();
    },
  };
}

/** @param size of the map */
function verdict(
  { score, residual }: SearchResult,
  size: ImageSize,
  { networkSize, smoothing, imageScore: kind }: AdganConfig,
): { score: number; map: Float32Array } {
  const enlarged = tf.tidy(() =>
    resizeBilinear(tf.tensor4d(residual, [1, networkSize, networkSize, 1]), size),
  );
  const values = enlarged.dataSync<'float32'>();
  enlarged.dispose();
  const map = smoothing > 0 ? gaussianBlur(values, size, smoothing) : values;
  return { score: kind === 'max' ? imageScore(map) : score, map };
}
