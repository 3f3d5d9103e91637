import * as fs from 'fs';
import { z } from 'zod';
import { imageScore, topMean } from '../../anomaly-map/map-values';
import type { Judge } from '../../anomaly-map/detect';
import type { PixelDetection } from '../../anomaly-map/detection';
import { mapScales, quantileMean } from '../../anomaly-map/quantile-mean';
import type { MapScale } from '../../anomaly-map/quantile-mean';
import { averagePrecision } from '../../metrics/average-precision';
import { UndefinedMetricError } from '../../metrics/scores';
import { ParameterStore } from '../../models/parameter-store';
import { Random } from '../../random/random';
import { ofPrefix, withPrefix } from '../../training/recipe';
import { RunFolder } from '../../training/run-folder';
import { train } from '../../training/train';
import type { NamedArrays } from '../../weights/named-arrays';
import type { AnomalyMethod, FitContext, Fitted, NormalImages, Stopped } from '../method';
import { fusedMaps, HEAD, initialiseFusionHead, SCORED_SHARE } from './fusion-head';
import { fusionGraph } from './fusion-graph';
import { FusionData, headInput, mapKinds } from './head-data';
import { FusionRecipe } from './head-training';
import { madeUpMaps } from './made-up-maps';
import type { MadeUpMaps } from './made-up-maps';
import { mapsOfAll, openMapSource, upsampledMaps } from './map-source';
import { mapWeights, SCALES, scalesArray, scalesOf } from './plain-mean';
import { fitStudentAndMemory, studentAndMemorySettings } from './student-and-memory';

const fusionConfigSchema = z
  .object({
    recipe: z.literal('fusion').default('fusion'),
    ...studentAndMemorySettings,
    /** Images with made-up defects that the head learns from; a third of them stay good. */
    madeUpImages: z.number().int().min(16).default(512),
    /** Passes over them. */
    headEpochs: z.number().int().min(1).default(10),
    /**
     * What the image score is taken from. The largest value of the plain mean of the maps: the head is sharper about
     * where a defect is, and not always right about whether there is one. Or, as published, the mean of the largest
     * values of the head's map.
     */
    imageScore: z.enum(['mean', 'head']).default('mean'),
  })
  .strict();

export type FusionConfig = z.output<typeof fusionConfigSchema>;

/**
 * The maps of STFPM's levels and of a memory, joined by a small segmentation head that learns from made-up defects on
 * good images. It has to earn its place on each set of images: where it does not find the made-up defects of a generator
 * that it has not seen better than the plain mean of the maps does, that is the map.
 */
export const FUSION: AnomalyMethod<FusionConfig> = {
  name: 'fusion',
  title: 'Learned fusion',
  paper:
    "after X. Zhang, S. Li, X. Li, P. Huang, J. Shan, T. Chen: DeSTSeg: Segmentation Guided Denoising Student-Teacher for Anomaly Detection, CVPR 2023, whose head takes the features' products in place of the maps",
  usesTeacher: true,
  takesStudent: true,
  hasMaps: true,
  canPad: false,
  schema: fusionConfigSchema,
  fit,
  open,
  graph: fusionGraph,
};

/** Images of the head's training step. */
const BATCH = 16;
const LEARNING_RATE = 1e-3;
const WEIGHT_DECAY = 1e-4;

/** Images with defects of the other generator that decide whether the head is used. */
const CHECKED_ON = 96;

async function fit(
  images: NormalImages,
  config: FusionConfig,
  context: FitContext,
): Promise<Fitted | Stopped> {
  const fitted = await fitStudentAndMemory(images, config, context);
  if (fitted.status === 'interrupted') return fitted;
  const { teacher, signal, onProgress } = context;
  const report = (what: string) => (done: number, total: number) => onProgress?.(what, done, total);
  const source = openMapSource(fitted.model, config, teacher);
  let head: ParameterStore | null = null;
  try {
    const good = await mapsOfAll(source, images.heldOut, {
      signal,
      onProgress: report('Scaling the maps'),
    });
    const scales = mapScales(good);
    const model: NamedArrays = new Map([...fitted.model, [SCALES, scalesArray(scales)]]);
    const { seed } = config;
    const training = await madeUpMaps(source, images.train, {
      ...{ seed, signal, generator: 'training', count: config.madeUpImages },
      onProgress: report('Making up defects'),
    });
    head = await trainedHead(training, scales, config, context);
    if (!head) return { ...fitted, status: 'interrupted' };
    const unseen = await madeUpMaps(source, images.heldOut, {
      ...{ seed, signal, generator: 'validation', count: CHECKED_ON },
      onProgress: report('Checking the head'),
    });
    const { isBetter, note } = checkHead(head, unseen, scales, config);
    const arrays = isBetter ? withPrefix(HEAD, head.toArrays()) : [];
    return { ...fitted, model: new Map([...model, ...arrays]), notes: [note] };
  } finally {
    source.dispose();
    head?.dispose();
  }
}

/** Trains the head in a folder of its own in the run's. Null: stopped, with its progress saved. */
async function trainedHead(
  { maps, masks }: MadeUpMaps,
  scales: readonly MapScale[],
  { seed, headEpochs: epochs }: FusionConfig,
  { run, saveSeconds, signal, onProgress }: FitContext,
): Promise<ParameterStore | null> {
  const random = Random.fromSeed(seed).fork('fusion head');
  const head = ParameterStore.fromArrays(initialiseFusionHead(maps.channels, random));
  const stepsPerEpoch = Math.ceil(maps.count / BATCH);
  const recipe = new FusionRecipe(head, {
    learningRate: LEARNING_RATE,
    weightDecay: WEIGHT_DECAY,
    steps: epochs * stepsPerEpoch,
  });
  const folder = new RunFolder(run.file('head'));
  fs.mkdirSync(folder.folder, { recursive: true });
  try {
    const data = new FusionData(headInput(maps, scales, mapKinds(scales.length)), masks);
    const plan = { epochs, batchSize: BATCH, seed, divergenceFactor: 5 };
    const result = await train(recipe, data, plan, folder, {
      signal,
      saveSeconds,
      onStep: ({ epoch, step, steps }) =>
        onProgress?.('Training the head', (epoch - 1) * steps + step, epochs * steps),
    });
    if (result.status === 'finished') return head;
    head.dispose();
    return null;
  } catch (error) {
    head.dispose();
    throw error;
  } finally {
    recipe.dispose();
  }
}

/** Whether the head beats the plain mean on defects of a kind that it has not seen, by average precision of pixels. */
function checkHead(
  head: ParameterStore,
  { maps, masks }: MadeUpMaps,
  scales: readonly MapScale[],
  config: FusionConfig,
): { isBetter: boolean; note: string } {
  let learned: number;
  let plain: number;
  try {
    learned = averagePrecision(
      fusedMaps(head, headInput(maps, scales, mapKinds(scales.length))),
      masks,
    );
    plain = averagePrecision(quantileMean(maps, scales, mapWeights(config)), masks);
  } catch (error) {
    if (!(error instanceof UndefinedMetricError)) throw error;
    const note = 'No defect could be made up on the held-out images: the plain mean is used.';
    return { isBetter: false, note };
  }
  const isBetter = learned > plain;
  const numbers = `average precision ${learned.toFixed(3)}, ${plain.toFixed(3)} of the plain mean of the maps`;
  const note =
    `On made-up defects of another kind than it learnt from, the head has ${numbers}: ` +
    (isBetter ? 'its map is used.' : 'the plain mean is used in its place.');
  return { isBetter, note };
}

function open(
  model: NamedArrays,
  config: FusionConfig,
  teacher: ParameterStore,
): Judge<PixelDetection> {
  const scales = scalesOf(model);
  const arrays = ofPrefix(HEAD, model);
  const head = arrays.size > 0 ? ParameterStore.fromArrays(arrays) : null;
  const source = openMapSource(model, config, teacher);
  return {
    judge: (stack, indices) => {
      const maps = source.maps(stack, indices);
      const wholeMaps = (joined: Float32Array) => upsampledMaps(joined, indices.length, stack);
      const plain = wholeMaps(quantileMean(maps, scales, mapWeights(config)));
      const fused = head && fusedMaps(head, headInput(maps, scales, mapKinds(scales.length)));
      const shown = fused ? wholeMaps(fused) : plain;
      const pixels = maps.height * maps.width;
      return shown.map((map, i) => ({
        score:
          fused && config.imageScore === 'head'
            ? topMean(fused.subarray(i * pixels, (i + 1) * pixels), SCORED_SHARE)
            : imageScore(plain[i]),
        map,
        levelMaps: [],
      }));
    },
    dispose: () => {
      source.dispose();
      head?.dispose();
    },
  };
}
