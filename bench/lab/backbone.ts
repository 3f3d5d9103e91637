import { ParameterStore } from '../../src/lib/models/parameter-store';
import { readSafetensors } from '../../src/lib/weights/safetensors';

/** A network's parameters from a weight file of the benchmark. */
export function loadBackbone(file: string): ParameterStore {
  return ParameterStore.fromArrays(readSafetensors(file).arrays);
}
