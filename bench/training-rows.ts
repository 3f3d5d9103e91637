import type { InputFiles } from './lab/inputs';
import { torch } from './row';
import type { Row, Sizes } from './row';

/** The settings of the method's baseline. */
export const OPTIMISER = { learningRate: 0.4, momentum: 0.9, weightDecay: 1e-4 };

/** What pre-training and joint training add to them, for the peer; the lab's are its defaults. */
const AUTO_ENCODER_OPTIMISER = {
  alpha: 1e-7,
  autoEncoderLearningRate: 0.04,
  clipNorm: 1,
  adamLearningRate: 1e-3,
};

export function trainingRow(
  files: InputFiles,
  { size, batch }: Sizes,
  teacherInLoop: boolean,
): Row {
  const { images, teacher, student } = files;
  const options = { images, teacher, student, size, batch, ...OPTIMISER };
  return {
    id: teacherInLoop ? 'train-teacher' : 'train',
    title: teacherInLoop
      ? `Baseline training step, batch ${batch}, ${size} x ${size}; the peer runs the teacher in each step`
      : `Baseline training step, batch ${batch}, ${size} x ${size}; teacher features cached`,
    note: teacherInLoop
      ? 'As above, but the peer computes the teacher’s features in every step, as the STFPM authors’ code does; the lab ' +
        'keeps those that it computed once.'
      : 'From decoded pixels and the teacher’s cached features to updated parameters: both sides normalise the images, ' +
        'gather the features, go forward and backward and take the momentum step.',
    ours: { name: 'lab', program: 'lab', workload: 'training', options },
    theirs: torch('training', { ...options, teacherInLoop }),
    images: batch,
    repeats: 1,
    tolerance: 1e-3,
    shareOfSgemm: !teacherInLoop,
  };
}

export function autoEncoderRow(
  files: InputFiles,
  sizes: Sizes,
  workload: 'pre-training' | 'joint',
): Row {
  const { images, teacher, student, autoEncoders } = files;
  const { size, batch } = sizes;
  const networks = { images, teacher, student, autoEncoders };
  const options = { ...networks, size, batch, ...OPTIMISER, ...AUTO_ENCODER_OPTIMISER };
  const isJoint = workload === 'joint';
  return {
    id: workload,
    title: isJoint
      ? `Joint training step, batch ${batch}, ${size} x ${size}; teacher features cached`
      : `Pre-training step of the three auto-encoders, batch ${batch}, features of ${size} x ${size} images`,
    note: isJoint
      ? 'Student and auto-encoders, both trained: forward, backward through both, clipping by the global norm, momentum ' +
        'step with two rates. The lab also records the gradient’s norm and the features’ lengths, the peer does not.'
      : 'From cached teacher features to updated auto-encoders: forward, backward, Adam. The peer’s Adam is the fused one.',
    ours: { name: 'lab', program: 'lab', workload, options },
    theirs: torch(workload, options),
    images: batch,
    repeats: 1,
    tolerance: 1e-3,
    shareOfSgemm: false,
  };
}

const ANOMALIB_LAYOUTS = [
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
    theirs: ANOMALIB_LAYOUTS.map(({ layout, name }) => ({
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

/**
 * Steps in bfloat16, each against PyTorch in float32 and in bfloat16. Both sides compute their networks in it, and
 * losses, statistics of batch norms and parameters in float32.
 */
export function bfloat16Rows(files: InputFiles, sizes: Sizes): Row[] {
  const rows = [
    trainingRow(files, sizes, false),
    autoEncoderRow(files, sizes, 'pre-training'),
    autoEncoderRow(files, sizes, 'joint'),
  ];
  return rows.flatMap((row) =>
    [false, true].map((autocast) => ({
      ...row,
      id: `${row.id}-bf16${autocast ? '-autocast' : ''}`,
      title: `${row.title}; bfloat16 against ${autocast ? 'PyTorch’s autocast to it' : 'float32'}`,
      note: autocast
        ? 'As above, and the peer’s networks compute in bfloat16 too, by `torch.autocast`; its losses in float32.'
        : 'As in float32, but the lab’s networks compute in bfloat16.',
      ours: { ...row.ours, options: { ...row.ours.options, precision: 'bfloat16' } },
      theirs: row.theirs.map((peer) => ({
        ...peer,
        name: autocast ? `${peer.name}, autocast` : peer.name,
        options: { ...peer.options, autocast },
      })),
      tolerance: 1e-2,
      shareOfSgemm: false,
    })),
  );
}
