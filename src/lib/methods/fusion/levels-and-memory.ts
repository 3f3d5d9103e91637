import { z } from 'zod';
import { imageScore } from '../../anomaly-map/map-values';
import type { Judge } from '../../anomaly-map/detect';
import type { PixelDetection } from '../../anomaly-map/detection';
import { mapScales, quantileMean } from '../../anomaly-map/quantile-mean';
import type { ParameterStore } from '../../models/parameter-store';
import type { NamedArrays } from '../../weights/named-arrays';
import type { AnomalyMethod, FitContext, Fitted, NormalImages, Stopped } from '../method';
import { levelsAndMemoryGraph } from './fusion-graph';
import { mapsOfAll, openMapSource, upsampledMaps } from './map-source';
import { mapWeights, SCALES, scalesArray, scalesOf } from './plain-mean';
import { fitStudentAndMemory, studentAndMemorySettings } from './student-and-memory';

const levelsAndMemoryConfigSchema = z
  .object({
    recipe: z.literal('levels-and-memory').default('levels-and-memory'),
    ...studentAndMemorySettings,
  })
  .strict();

export type LevelsAndMemoryConfig = z.output<typeof levelsAndMemoryConfigSchema>;

/**
 * STFPM's level maps and PatchCore's distance map, each on the scale of good images, averaged: the levels together count
 * half, the memory half. The two err differently (the student is sharp and needs many steps, the memory is blunt and
 * needs none), and nothing is learnt that could be wrong: what a learned fusion has to beat.
 */
export const LEVELS_AND_MEMORY: AnomalyMethod<LevelsAndMemoryConfig> = {
  name: 'levels-and-memory',
  title: 'Levels + memory',
  paper:
    "the maps of STFPM (G. Wang et al., BMVC 2021) and PatchCore (K. Roth et al., CVPR 2022), joined as EfficientAD's (K. Batzner et al., WACV 2024)",
  usesTeacher: true,
  takesStudent: true,
  hasMaps: true,
  canPad: false,
  schema: levelsAndMemoryConfigSchema,
  fit,
  open,
  graph: levelsAndMemoryGraph,
};

async function fit(
  images: NormalImages,
  config: LevelsAndMemoryConfig,
  context: FitContext,
): Promise<Fitted | Stopped> {
  const fitted = await fitStudentAndMemory(images, config, context);
  if (fitted.status === 'interrupted') return fitted;
  const { teacher, signal, onProgress } = context;
  const source = openMapSource(fitted.model, config, teacher);
  try {
    const maps = await mapsOfAll(source, images.heldOut, {
      signal,
      onProgress: (done, total) => onProgress?.('Scaling the maps', done, total),
    });
    return { ...fitted, model: new Map([...fitted.model, [SCALES, scalesArray(mapScales(maps))]]) };
  } finally {
    source.dispose();
  }
}

function open(
  model: NamedArrays,
  config: LevelsAndMemoryConfig,
  teacher: ParameterStore,
): Judge<PixelDetection> {
  const scales = scalesOf(model);
  const source = openMapSource(model, config, teacher);
  return {
    judge: (stack, indices) => {
      const joined = quantileMean(source.maps(stack, indices), scales, mapWeights(config));
      return upsampledMaps(joined, indices.length, stack).map((map) => ({
        score: imageScore(map),
        map,
        levelMaps: [],
      }));
    },
    dispose: () => source.dispose(),
  };
}
