import * as os from 'os';
import { nativeBackend, tf } from './tensorflow';

/** What computes: for reports and for the record of a run. */
export interface Device {
  kind: 'cpu' | 'gpu';
  /** The processor's name. */
  processor: string;
  /** Logical cores. */
  cores: number;
  intraOpThreads: string;
  interOpThreads: string;
  oneDnn: boolean;
  tfjs: string;
}

export function describeDevice(): Device {
  return {
    kind: nativeBackend().isUsingGpuDevice ? 'gpu' : 'cpu',
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    intraOpThreads: process.env.TF_NUM_INTRAOP_THREADS ?? 'default',
    interOpThreads: process.env.TF_NUM_INTEROP_THREADS ?? 'default',
    oneDnn: process.env.TF_ENABLE_ONEDNN_OPTS === '1',
    tfjs: tf.version['tfjs-core'],
  };
}

/** Versions of what the numbers of a run depend on. */
export function engineVersions(): { node: string; tfjs: string; tensorflow: string } {
  const { binding } = nativeBackend() as unknown as { binding: { TF_Version: string } };
  return {
    node: process.versions.node,
    tfjs: tf.version['tfjs-core'],
    tensorflow: binding.TF_Version,
  };
}
