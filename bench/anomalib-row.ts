import type { InputFiles } from './lab/inputs';
import { OPTIMISER } from './optimiser';
import type { Row, Sizes } from './rows';

const LAYOUTS = [
  { layout: 'default', name: 'anomalib' },
  { layout: 'channels_last', name: 'anomalib, channels_last' },
];

/** The training step against that of anomalib's STFPM, which runs the teacher in each step. */
export function anomalibTrainingRow(files: InputFiles, { size, batch }: Sizes): Row {
  const { images, teacher, student } = files;
  const options = { images, teacher, student, size, batch, ...OPTIMISER };
  return {
    id: 'train-anomalib',
    title: `Baseline training step, batch ${batch}, ${size} x ${size}; anomalib’s STFPM`,
    note:
      'anomalib’s own model, loss and optimiser, with its teacher in each step, as its training does; neither its ' +
      'decoding of images nor its trainer is in the time. Its loss is half the lab’s summed over the batch, where the ' +
      'lab takes the mean, and its weight decay is 0.001: here its learning rate is divided and its weight decay chosen ' +
      'so that both sides take the same step, which costs the same.',
    ours: { name: 'lab', program: 'lab', workload: 'training', options },
    theirs: LAYOUTS.map(({ layout, name }) => ({
      name,
      program: 'anomalib',
      workload: 'training',
      options: { ...options, layout },
    })),
    images: batch,
    repeats: 1,
    tolerance: 1e-3,
    shareOfSgemm: false,
  };
}
