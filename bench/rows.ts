import { hasFastBfloat16 } from '../src/lib/engine/index';
import type { InputFiles } from './lab/inputs';
import { inferenceRows } from './inference-rows';
import { metricRows } from './metric-rows';
import type { Contestant, Row, Sizes } from './row';
import { anomalibTrainingRow, autoEncoderRow, bfloat16Rows, trainingRow } from './training-rows';

/** The whole benchmark, in order. */
export function allRows(files: InputFiles, sizes: Sizes): Row[] {
  return [
    trainingRow(files, sizes, false),
    trainingRow(files, sizes, true),
    anomalibTrainingRow(files, sizes),
    autoEncoderRow(files, sizes, 'pre-training'),
    autoEncoderRow(files, sizes, 'joint'),
    ...(hasFastBfloat16() ? bfloat16Rows(files, sizes) : []),
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
