import { Option } from 'commander';

/** What computes the detector. */
export type Runtime = 'tensorflow' | 'onnx';

/** --runtime */
export function runtimeOption(byDefault: Runtime): Option {
  return new Option('--runtime <name>', 'what computes the detector; scores differ by rounding')
    .choices(['tensorflow', 'onnx'] satisfies Runtime[])
    .default(byDefault);
}
