import { nativeBackend } from '../../src/lib/engine/index';

/** The names of the TensorFlow ops that run meanwhile, in their order. */
export function executedOps(run: () => void): string[] {
  const backend = nativeBackend();
  const { binding } = backend;
  const names: string[] = [];
  const executeOp: typeof binding.executeOp = (op, ...rest) => {
    names.push(op);
    return binding.executeOp(op, ...rest);
  };
  // The addon's own properties are read-only.
  backend.binding = Object.create(binding, { executeOp: { value: executeOp } }) as typeof binding;
  try {
    run();
  } finally {
    backend.binding = binding;
  }
  return names;
}
