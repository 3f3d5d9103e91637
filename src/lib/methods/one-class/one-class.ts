import { z } from 'zod';
import type { Judge } from '../../anomaly-map/detect';
import { LEVEL_NAMES } from '../../models/resnet18';
import type { ParameterStore } from '../../models/parameter-store';
import { Random } from '../../random/random';
import {
  principalComponents,
  project,
  projectionArrays,
  projectionOf,
  whitened,
} from '../../statistics/pca';
import { pointsNamed, spreadOf, standardise } from '../../statistics/points';
import type { Points } from '../../statistics/points';
import type { NamedArrays } from '../../weights/named-arrays';
import { fittedAtOnce, sharedSettings } from '../method';
import type { AnomalyMethod, FitContext, Fitted, NormalImages } from '../method';
import type { AnomalyScores } from './classifier';
import { embed, embedAll } from './embedding';
import { fitGaussian, openGaussian } from './gaussian';
import { fitIsolationForest, openIsolationForest } from './isolation-forest';
import { fitLocalOutlierFactor, openLocalOutlierFactor } from './local-outlier-factor';
import { fitSupportVectors, openSupportVectors } from './support-vectors';

const schema = z
  .object({
    recipe: z.literal('one-class').default('one-class'),
    ...sharedSettings,
    /** Levels of the backbone, from 1, whose pooled features are the embedding. The paper takes a network's last one. */
    levels: z
      .array(z.number().int().min(1).max(LEVEL_NAMES.length))
      .min(1)
      .refine((levels) => new Set(levels).size === levels.length, 'expected each level once')
      .default([2, 3]),
    /** The share of the standardised embeddings' variance that their principal components keep; null: no PCA. */
    pcaVariance: z.number().gt(0).lt(1).nullable().default(null),
    /** Whether the components are brought to variance 1. */
    whitened: z.boolean().default(false),
    /** What is fitted to the embeddings. */
    classifier: z.enum(['gaussian', 'svm', 'isolation-forest', 'lof']).default('gaussian'),
    /** 'svm': at most this share of the train images is outside its region. */
    nu: z.number().gt(0).max(1).default(0.05),
    /** 'svm': of its kernel exp(-gamma |a - b|^2); null: 1 / (dimensions times variance). */
    gamma: z.number().gt(0).nullable().default(null),
    /** 'isolation-forest'. */
    trees: z.number().int().min(1).default(200),
    /** 'isolation-forest': images that each tree is grown on. */
    sampleSize: z.number().int().min(1).default(256),
    /** 'lof': images that make a surrounding. */
    neighbours: z.number().int().min(1).default(20),
  })
  .strict();

export type OneClassConfig = z.infer<typeof schema>;

/** A one-class classifier on embeddings of whole images: they are judged, and nothing in them is located. */
export const ONE_CLASS: AnomalyMethod<OneClassConfig> = {
  name: 'one-class',
  title: 'one-class embeddings',
  paper:
    "P. Burlina, N. Joshi, I-J. Wang: Where's Wally Now? Deep Generative and Discriminative Embeddings for Novelty " +
    'Detection, CVPR 2019',
  usesTeacher: true,
  hasMaps: false,
  canPad: false,
  schema,
  fit,
  open,
  graph: 'it judges whole images and has no map, which the graph of a detector gives',
};

async function fit(
  { train }: NormalImages,
  config: OneClassConfig,
  { teacher, signal, onProgress }: FitContext,
): Promise<Fitted> {
  const embeddings = await embedAll(teacher, train, config.levels, {
    signal,
    onProgress: (done, total) => onProgress?.('teacher', done, total),
  });
  return fittedAtOnce(fitOneClass(embeddings, config));
}

/** What `oneClassScores` needs, from the embeddings of normal images. */
export function fitOneClass(embeddings: Points, config: OneClassConfig): NamedArrays {
  const { mean, deviation } = spreadOf(embeddings);
  const spread = Float32Array.from([...mean, ...deviation]);
  const model: NamedArrays = new Map([
    ['embedding.spread', { shape: [2, embeddings.dimensions], data: spread }],
  ]);
  if (config.pcaVariance !== null) {
    const pca = principalComponents(described(embeddings, model), config.pcaVariance);
    for (const [name, array] of projectionArrays(config.whitened ? whitened(pca) : pca)) {
      model.set(name, array);
    }
  }
  const classifier = fitClassifier(described(embeddings, model), config);
  return new Map([...model, ...classifier]);
}

/** How unlike the normal images others are, from their embeddings. The higher, the more so. */
export function oneClassScores(model: NamedArrays, config: OneClassConfig): AnomalyScores {
  const scores = openClassifier(model, config);
  return (embeddings) => scores(described(embeddings, model));
}

/** Embeddings as the classifier has them: standardised, and projected where the model has components. */
function described(embeddings: Points, model: NamedArrays): Points {
  const { dimensions, data } = pointsNamed(model, 'embedding.spread');
  const standardised = standardise(embeddings, {
    mean: data.subarray(0, dimensions),
    deviation: data.subarray(dimensions),
  });
  return model.has('pca.components') ? project(standardised, projectionOf(model)) : standardised;
}

function fitClassifier(points: Points, config: OneClassConfig): NamedArrays {
  switch (config.classifier) {
    case 'gaussian':
      return fitGaussian(points);
    case 'svm':
      return fitSupportVectors(points, config);
    case 'isolation-forest':
      return fitIsolationForest(points, config, Random.fromSeed(config.seed).fork('forest'));
    case 'lof':
      return fitLocalOutlierFactor(points, config);
  }
}

function openClassifier(model: NamedArrays, config: OneClassConfig): AnomalyScores {
  switch (config.classifier) {
    case 'gaussian':
      return openGaussian(model);
    case 'svm':
      return openSupportVectors(model);
    case 'isolation-forest':
      return openIsolationForest(model);
    case 'lof':
      return openLocalOutlierFactor(model, config);
  }
}

function open(model: NamedArrays, config: OneClassConfig, teacher: ParameterStore): Judge {
  const scores = oneClassScores(model, config);
  return {
    judge: (stack, indices) =>
      Array.from(scores(embed(teacher, stack, indices, config.levels)), (score) => ({
        score,
        map: null,
        levelMaps: [],
      })),
    dispose: () => undefined,
  };
}
