import { z } from 'zod';
import type { Judge } from '../../anomaly-map/detect';
import { initialiseUniform } from '../../models/auto-encoder';
import { ParameterStore } from '../../models/parameter-store';
import { Random } from '../../random/random';
import { train } from '../../training/train';
import { requireArrays } from '../../weights/named-arrays';
import type { NamedArrays } from '../../weights/named-arrays';
import { sharedSettings, trained } from '../method';
import type { AnomalyMethod, FitContext, Fitted, NormalImages, Stopped } from '../method';
import { RandomWindows, resizedStack } from '../windows';
import { VAE_RANGE, VaeJudge } from './judge';
import { sizeOf as bothSides } from '../../models/side-or-size';
import { VAE_SIZE_MULTIPLE, vaeShapes } from './network';
import type { VaeSize } from './network';
import { VaeRecipe } from './recipe';

/** Of windows within the networks, whole images or parts. */
const side = z.number().int().min(VAE_SIZE_MULTIPLE).max(512).multipleOf(VAE_SIZE_MULTIPLE);

const vaeConfigSchema = z
  .object({
    recipe: z.literal('vae').default('vae'),
    ...sharedSettings,
    /** Side to which whole images are resized for the networks. */
    networkSize: side.default(128),
    /** For textures: side of the parts of an image that the networks see, in place of the whole. Null: the whole. */
    patch: side.nullable().default(null),
    /** How far patches are apart at test; half a patch where it is null. Each pixel has the mean of those over it. */
    patchStride: z.number().int().min(1).nullable().default(null),
    /** Channels of the first convolution. */
    width: z.number().int().min(1).max(256).default(32),
    latentSize: z.number().int().min(1).max(4096).default(100),
    epochs: z.number().int().min(1).default(100),
    batchSize: z.number().int().min(1).default(8),
    /** Of Adam. */
    learningRate: z.number().gt(0).default(5e-4),
    /** Weight of the Kullback-Leibler divergence; 1 is the paper's. */
    beta: z.number().min(0).default(1),
    /** First epochs, in which that weight still grows. */
    warmUpEpochs: z.number().int().min(0).default(10),
    /** What the logarithm of a pixel's variance is bounded by from below, in shares of white: -6 is sigma = 0.05. */
    minLogVariance: z.number().default(-6),
    /** L, the latent vectors that an image is reconstructed from at test. */
    samples: z.number().int().min(1).default(10),
    /**
     * 'likelihood': -log p(x | z). 'error': (x - mu_x)^2, for comparison: the decoder expects a large sigma_x along
     * edges, and forgives defects there.
     */
    map: z.enum(['likelihood', 'error']).default('likelihood'),
    /** Standard deviation in pixels of the Gaussian that smooths the map; 0: none. */
    smoothing: z.number().min(0).default(4),
    /** 'max': the largest value of the map. 'sum': the paper's, -log p of the whole image. */
    imageScore: z.enum(['max', 'sum']).default('max'),
  })
  .strict()
  .superRefine(({ patch, patchStride, imageSize }, context) => {
    const expect = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    const { height, width } = bothSides(imageSize);
    const smaller = Math.min(height, width);
    if (patch !== null && patch > smaller) {
      expect('patch', `at most the image size, ${smaller}, is expected, found ${patch}`);
    }
    if (patch !== null && patchStride !== null && patchStride > patch) {
      expect('patchStride', `at most a patch, ${patch}, is expected, found ${patchStride}`);
    }
  });

export type VaeConfig = z.output<typeof vaeConfigSchema>;

/** Reconstruction probability of a variational auto-encoder. */
export const VAE: AnomalyMethod<VaeConfig> = {
  name: 'vae',
  title: 'VAE',
  paper:
    'J. An, S. Cho: Variational Autoencoder based Anomaly Detection using Reconstruction Probability, SNU Data Mining Center, Special Lecture on IE 2, 2015',
  usesTeacher: false,
  hasMaps: true,
  canPad: false,
  schema: vaeConfigSchema,
  fit,
  open,
  graph: 'its images are resized, and its latent vectors drawn, outside the networks',
};

function sizeOf({ patch, networkSize, width, latentSize }: VaeConfig): VaeSize {
  return { side: patch ?? networkSize, width, latentSize };
}

async function fit(
  { train: images }: NormalImages,
  config: VaeConfig,
  context: FitContext,
): Promise<Fitted | Stopped> {
  const { side } = sizeOf(config);
  const stack =
    config.patch === null
      ? resizedStack(images, { height: side, width: side }, config.resizeFilter)
      : images;
  const windows = new RandomWindows(stack, { side, range: VAE_RANGE, seed: config.seed });
  const random = Random.fromSeed(config.seed).fork('vae');
  const store = ParameterStore.fromArrays(initialiseUniform(vaeShapes(sizeOf(config)), random));
  const recipe = new VaeRecipe(store, config);
  try {
    // The loss falls below 0 as soon as densities exceed 1, so its ratios mean nothing.
    const plan = { ...config, divergenceFactor: null };
    const { saveSeconds, signal, header, onStep, onEpoch } = context;
    const options = { saveSeconds, signal, modelMetadata: header, onStep, onEpoch };
    const result = await train(recipe, windows, plan, context.run, options);
    return trained(result, recipe.model());
  } finally {
    recipe.dispose();
    store.dispose();
  }
}

function open(model: NamedArrays, config: VaeConfig): Judge {
  const size = sizeOf(config);
  const arrays = requireArrays('The VAE', model, vaeShapes(size));
  const store = ParameterStore.fromArrays(arrays);
  const judge = new VaeJudge(store, size.latentSize, {
    ...config,
    side: size.side,
    stride: config.patch === null ? null : (config.patchStride ?? Math.ceil(config.patch / 2)),
  });
  return {
    judge: async (stack, indices) => {
      const detections = [];
      for (const index of indices) {
        detections.push({ ...judge.judge(stack, index), levelMaps: [] });
        await new Promise(setImmediate);
      }
      return detections;
    },
    dispose: () => {
      judge.dispose();
      store.dispose();
    },
  };
}
