import { aupro } from './aupro';
import { auroc } from './auroc';
import { inputs } from './inputs';
import { inferenceTensorFlow } from './inference-tensorflow';
import { joint } from './joint';
import { matmul } from './matmul';
import { preTraining } from './pre-training';
import { serve } from './serve';
import { training } from './training';
import { versions } from './versions';
import type { Workload } from './workload';

/** The lab's side of the benchmark, with TensorFlow. */

const WORKLOADS: Record<string, Workload> = {
  aupro,
  auroc,
  'inference-tensorflow': inferenceTensorFlow,
  inputs,
  joint,
  matmul,
  'pre-training': preTraining,
  training,
};

void serve(WORKLOADS, versions);
