import { anomalibTrainingRow } from './anomalib-row';
import type { InputFiles } from './lab/inputs';
import { inferenceRows } from './inference-rows';
import { metricRows } from './metric-rows';
import { OPTIMISER } from './optimiser';
import type { Program } from './protocol';
import { torch } from './torch-contestants';

/** One side of a comparison. */
export interface Contestant {
  /** As the table calls it. */
  name: string;
  program: Program;
  workload: string;
  options: Record<string, unknown>;
}

/** One comparison: the lab against the fastest of some ways to do the same with another program. */
export interface Row {
  id: string;
  title: string;
  /** What the two sides do differently, and what is in the time; for the notes under the table. */
  note: string;
  ours: Contestant;
  theirs: Contestant[];
  /** Images in one repetition; absent where the time is told for the whole. */
  images?: number;
  /** Repetitions in one measurement. */
  repeats: number;
  /** By how much the two sides' values may differ, relative to the larger. */
  tolerance: number;
  /** Whether the convolutions' share of the machine's matrix-product rate is told. */
  shareOfSgemm: boolean;
  /** The peer does not work everywhere: where it fails, the row is left out with its message. */
  mayFail?: boolean;
}

export interface Sizes {
  /** Side of the images in pixels. */
  size: number;
  /** Of the training steps. */
  batch: number;
  /** Pixels of so many images of 256 x 256 are ranked. */
  scoredImages: number;
  /** Side of the matrices of the reference product. */
  matrix: number;
}

/** What pre-training and joint training add to them, for the peer; the lab's are its defaults. */
const AUTO_ENCODER_OPTIMISER = {
  alpha: 1e-7,
  autoEncoderLearningRate: 0.04,
  clipNorm: 1,
  adamLearningRate: 1e-3,
};

function trainingRow(files: InputFiles, { size, batch }: Sizes, teacherInLoop: boolean): Row {
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

function autoEncoderRow(files: InputFiles, sizes: Sizes, workload: 'pre-training' | 'joint'): Row {
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

/** The whole benchmark, in order. */
export function allRows(files: InputFiles, sizes: Sizes): Row[] {
  return [
    trainingRow(files, sizes, false),
    trainingRow(files, sizes, true),
    anomalibTrainingRow(files, sizes),
    autoEncoderRow(files, sizes, 'pre-training'),
    autoEncoderRow(files, sizes, 'joint'),
    ...inferenceRows(files, sizes),
    ...metricRows(files, sizes),
  ];
}

/** The machine's matrix-product rate by two libraries; the better one counts as what the machine can do. */
export function sgemmContestants({ matrix }: Sizes): Contestant[] {
  return (['lab', 'torch'] as const).map((program) => ({
    name: `SGEMM, ${program === 'lab' ? 'the lab’s TensorFlow' : 'PyTorch'}`,
    program,
    workload: 'matmul',
    options: { side: matrix },
  }));
}
