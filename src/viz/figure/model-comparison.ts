import path from 'node:path';
import { sizeOf } from '../../lib/models/side-or-size';
import type { SideOrSize } from '../../lib/models/side-or-size';
import { mapOf } from '../../lib/anomaly-map/detection';
import { imageOf } from '../../lib/data/image';
import type { Evaluation } from '../../lib/evaluation/evaluate-detector';
import { LEVEL_STRIDES } from '../../lib/models/resnet18';
import { sharedScale } from '../scale/scale';
import type { StripImage, StripScale } from './strip';

/** A model with what it says of the test images; evaluated with the maps of the levels. */
export interface EvaluatedModel {
  /** In the figure. */
  name: string;
  evaluation: Evaluation;
}

/** Where the scale of a method without levels begins: its maps are distances, and those of normal pixels are not 0. */
const DISTANCE_SCALE_FROM = 0.5;

/**
 * The ranges of a model's maps, one for each kind, from what they show on good images; the coarsest level first.
 *
 * @returns null without good images
 */
export function scaleOfGoodImages({ detections, samples }: Evaluation): StripScale | null {
  const good = detections.filter((_, i) => samples[i].label === 0);
  if (good.length === 0) return null;
  return {
    levels: good[0].levelMaps
      .map((_, level) => sharedScale(good.map(({ levelMaps }) => levelMaps[level])))
      .reverse(),
    product: sharedScale(
      good.map(mapOf),
      good[0].levelMaps.length === 0 ? { lowQuantile: DISTANCE_SCALE_FROM } : {},
    ),
  };
}

/**
 * Test images with the maps of several models, for `comparisonStrip`: the models from above to below, their coarsest
 * level first, each with the scale of its own good images.
 *
 * @param indices of the test images
 * @throws RangeError if the models were evaluated on different images
 */
export function comparedImages(
  models: readonly EvaluatedModel[],
  indices: readonly number[],
): StripImage[] {
  const [{ evaluation: first }] = models;
  for (const { name, evaluation } of models) {
    const isSame =
      evaluation.samples.length === first.samples.length &&
      evaluation.samples.every(({ file }, i) => file === first.samples[i].file);
    if (!isSame) {
      throw new RangeError(`comparedImages: ${name} and ${models[0].name} saw different images`);
    }
  }
  const scales = models.map(({ evaluation }) => scaleOfGoodImages(evaluation));
  return indices.map((index) => {
    const { defect, file } = first.samples[index];
    return {
      image: imageOf(first.images, index),
      mask: first.masks[index],
      label: `${defect} ${path.parse(file).name}`,
      models: models.map(({ name, evaluation }, i) => {
        const detection = evaluation.detections[index];
        const scale = scales[i];
        return {
          name,
          levels: [...detection.levelMaps].reverse(),
          product: mapOf(detection),
          ...(scale && { scale }),
        };
      }),
    };
  });
}

/** The column titles of the levels, from the coarsest. @param imageSize of the images: the side of squares, or both sides */
export function levelTitles(imageSize: SideOrSize): string[] {
  const { height, width } = sizeOf(imageSize);
  return [...LEVEL_STRIDES].reverse().map((stride) => `${width / stride} × ${height / stride}`);
}
