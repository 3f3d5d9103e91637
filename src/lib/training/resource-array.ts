import type { ResourceVariable } from '../engine/index';
import { toTorchLayout } from '../models/layout';
import type { NamedArray } from '../weights/tensor-file';

/** A copy of the value in PyTorch's layout, ready for a weight file. */
export function resourceArray(variable: ResourceVariable): NamedArray {
  const value = variable.read();
  const array = toTorchLayout(value);
  value.dispose();
  return array;
}
