import { onnxRuntimeVersion } from '../../src/lib/onnx/runtime';
import { inference } from './inference';
import { inferencePng } from './inference-png';
import { serve } from './serve';
import type { Workload } from './workload';

/** The lab's side of the benchmark without TensorFlow, as `stfpm predict` has it. */

const WORKLOADS: Record<string, Workload> = { inference, 'inference-png': inferencePng };

void serve(WORKLOADS, () => ({
  node: process.versions.node,
  'onnxruntime-node': onnxRuntimeVersion(),
}));
