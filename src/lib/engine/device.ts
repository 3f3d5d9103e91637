import { nativeBackend, tf } from './tensorflow';

/** What computes: for reports and for the record of a run. */
export interface Device {
  kind: 'cpu' | 'gpu';
  intraOpThreads: string;
  interOpThreads: string;
  oneDnn: boolean;
  tfjs: string;
}

export function describeDevice(): Device {
  return {
    kind: nativeBackend().isUsingGpuDevice ? 'gpu' : 'cpu',
    intraOpThreads: process.env.TF_NUM_INTRAOP_THREADS ?? 'default',
    interOpThreads: process.env.TF_NUM_INTEROP_THREADS ?? 'default',
    oneDnn: process.env.TF_ENABLE_ONEDNN_OPTS === '1',
    tfjs: tf.version['tfjs-core'],
  };
}
