import { writeFileSync } from 'fs';
import { autoEncoderConfigSchema, initialiseAutoEncoders } from '../../src/lib/models/auto-encoder';
import { initialiseResNet18 } from '../../src/lib/models/resnet18';
import { Random } from '../../src/lib/random/random';
import { writeSafetensors } from '../../src/lib/weights/safetensors';
import { syntheticPixels, syntheticScores } from './synthetic';
import type { Workload } from './workload';
import { writeDetectors } from './write-detector';
import { writePictures } from './write-pictures';

export interface InputFiles {
  images: string;
  teacher: string;
  student: string;
  autoEncoders: string;
  /** Teacher and student as one ONNX file. */
  detector: string;
  /** The same in 8-bit integers. */
  quantised: string;
  /** A folder of PNG files, see `writePictures`. */
  pictures: string;
  scores: string;
  /** The same scores in steps of 1/1000: many ties, as scores from 8-bit maps or few decimals have. */
  tiedScores: string;
  labels: string;
}

export interface InputOptions extends InputFiles {
  count: number;
  size: number;
  /** Images of 256 x 256 whose pixels are ranked. */
  scoredImages: number;
}

/** Writes what all sides read, so that they work on the same numbers. */
export const inputs: Workload = (request) => {
  const options = request as unknown as InputOptions;
  const repeat = async () => {
    const random = Random.fromSeed(0);
    writeFileSync(
      options.images,
      syntheticPixels(random.fork('images'), options.count, options.size),
    );
    for (const network of ['teacher', 'student'] as const) {
      writeSafetensors(options[network], initialiseResNet18(random.fork(network)), {
        format: 'pt',
      });
    }
    writeSafetensors(
      options.autoEncoders,
      initialiseAutoEncoders(autoEncoderConfigSchema.parse({}), random.fork('auto-encoders')),
      { format: 'pt' },
    );
    await writeDetectors(options);
    await writePictures(options.pictures, random.fork('pictures'));
    const { scores, labels } = syntheticScores(random.fork('scores'), options.scoredImages, 256);
    writeFileSync(options.scores, scores);
    writeFileSync(
      options.tiedScores,
      scores.map((score) => Math.round(score * 1000) / 1000),
    );
    writeFileSync(options.labels, labels);
    return options.count;
  };
  return { repeat };
};
