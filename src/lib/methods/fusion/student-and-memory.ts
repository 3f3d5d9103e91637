import { z } from 'zod';
import { autoEncoderConfigSchema } from '../../models/auto-encoder';
import { baselineConfigSchema } from '../../training/config';
import type { NamedArrays } from '../../weights/named-arrays';
import { fittedAtOnce, sharedSettings } from '../method';
import type { FitContext, Fitted, NormalImages, Stopped } from '../method';
import { PATCHCORE, patchCoreConfigSchema } from '../patchcore/patchcore';
import { STFPM, studentShapes } from '../student-teacher';
import type { StudentShape } from '../student-teacher';

/** Settings of the student's training. */
const student = baselineConfigSchema
  .pick({
    batchSize: true,
    clipNorm: true,
    divergenceFactor: true,
    epochSteps: true,
    featurePrecision: true,
    learningRate: true,
    learningRateDecay: true,
    momentum: true,
    patience: true,
    precision: true,
    warmUpSteps: true,
    weightAverage: true,
    weightDecay: true,
  })
  .strip();
/** And of the memory, beside its levels. */
const memory = patchCoreConfigSchema
  .pick({ coresetShare: true, maxEntries: true, smoothing: true })
  .strip();
/** Those of both that say what images they are of. */
const ofImages = z.object(sharedSettings).omit({ trainImages: true });

/** Settings of the methods that join the maps of STFPM's levels and of PatchCore's memory. */
export const studentAndMemorySettings = {
  ...sharedSettings,
  /** Whether the memory is asked too. Without it, the maps of the levels are all there is. */
  memory: z.boolean().default(true),
  /** The student's, as of STFPM, with the epoch chosen on the held-out images (protocol B). 0: that of another run. */
  epochs: z.number().int().min(0).default(40),
  /** The auto-encoders behind the student of another run, of the paper's model. Null: none. */
  autoEncoder: autoEncoderConfigSchema.nullable().default(null),
  ...student.shape,
  /** The memory's, as of PatchCore, which calls the first `levels`. */
  memoryLevels: patchCoreConfigSchema.shape.levels,
  ...memory.shape,
};

export type StudentAndMemoryConfig = z.output<z.ZodObject<typeof studentAndMemorySettings>> & {
  recipe: string;
};

/** What the student consists of. */
export function studentShape({
  autoEncoder,
}: Pick<StudentAndMemoryConfig, 'autoEncoder'>): StudentShape {
  return autoEncoder ? { recipe: 'joint', autoEncoder } : { recipe: 'baseline' };
}

/**
 * Trains STFPM's student, or takes over that of another run, and chooses PatchCore's memory, on the same images and the
 * same backbone.
 *
 * @throws RangeError without held-out images, from which the maps' scales come; as STFPM's and PatchCore's `fit`
 */
export async function fitStudentAndMemory(
  images: NormalImages,
  config: StudentAndMemoryConfig,
  context: FitContext,
): Promise<Fitted | Stopped> {
  if (images.heldOut.count === 0) {
    throw new RangeError(
      'Expected held-out images, from which the scales of the maps come, found none: at least two train images and ' +
        'a validationShare above 0 are needed.',
    );
  }
  const fitted = await finishedStudent(images, config, context);
  if (fitted.status === 'interrupted') return fitted;
  // The file may be that of a run that was finished before: then it holds more than the student.
  const names = studentShapes(studentShape(config));
  const model: NamedArrays = new Map([...fitted.model].filter(([name]) => names.has(name)));
  if (config.memory) {
    const settings = patchCoreConfigSchema.parse({
      ...ofImages.parse(config),
      ...memory.parse(config),
      levels: config.memoryLevels,
    });
    const chosen = await PATCHCORE.fit(images, settings, context);
    if (chosen.status === 'interrupted') return chosen;
    for (const [name, array] of chosen.model) model.set(name, array);
  }
  return { ...fitted, model };
}

async function finishedStudent(
  images: NormalImages,
  config: StudentAndMemoryConfig,
  context: FitContext,
): Promise<Fitted | Stopped> {
  if (context.student) return fittedAtOnce(context.student);
  const { epochs, autoEncoder } = config;
  if (epochs === 0 || autoEncoder) {
    throw new RangeError(
      'Expected the student of another run, as epochs are 0 or it has auto-encoders, found none.',
    );
  }
  const settings = baselineConfigSchema.parse({
    ...ofImages.parse(config),
    ...student.parse(config),
    ...{ protocol: 'B', epochs },
  });
  return STFPM.fit(images, settings, context);
}
