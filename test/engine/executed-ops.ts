import { nativeBackend } from '../../src/lib/engine/index';

/** The names of the TensorFlow ops with one output that run meanwhile, in their order. */
export function executedOps(run: () => void): string[] {
  const backend = nativeBackend();
  const original = backend.executeSingleOutput;
  const names: string[] = [];
  backend.executeSingleOutput = function (op, attributes, inputs) {
    names.push(op);
    return original.call(this, op, attributes, inputs);
  };
  try {
    run();
  } finally {
    backend.executeSingleOutput = original;
  }
  return names;
}
