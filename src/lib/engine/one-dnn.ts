import type { AttributeValue } from './raw-op';
import { nativeBackend } from './tensorflow';

/**
 * Whether ops that only oneDNN has can be run. TensorFlow's builds for x86 processors hold them, but its eager mode
 * puts them in the place of few ops by itself: convolutions and matrix products. TF_ENABLE_ONEDNN_OPTS=0 is for doing
 * without them, as in TensorFlow.
 */
export function hasOneDnn(): boolean {
  return !nativeBackend().isUsingGpuDevice && process.env.TF_ENABLE_ONEDNN_OPTS === '1';
}

/** What an op named `_MklNative...` has among its attributes, so that its kernel is found. */
export const ONE_DNN_KERNEL: Record<string, AttributeValue> = { _kernel: 'MklNameChangeOp' };
