import type { AutoEncoderConfig } from './auto-encoder-config';
import { autoEncoderPlan } from './auto-encoder-plan';
import { LEVEL_CHANNELS } from './pyramid-levels';

/** The auto-encoders' arrays. Apart from the forward pass, so that weights can be read without loading the engine. */

/** Every array of one auto-encoder by name, with its shape in PyTorch's layout. @param depth d of its level */
export function autoEncoderShapes(config: AutoEncoderConfig, depth: number): Map<string, number[]> {
  const { widths, expansions, hasHead } = autoEncoderPlan(config, depth);
  const shapes = new Map<string, number[]>();
  const convolution = (name: string, out: number, input: number, kernel: number) => {
    shapes.set(`${name}.weight`, [out, input, kernel, kernel]);
    shapes.set(`${name}.bias`, [out]);
  };
  const block = (name: string, out: number, input: number) => {
    convolution(`${name}.conv1`, out, input, 3);
    convolution(`${name}.conv2`, out, out, 3);
  };
  if (config.kind === 'basic') {
    convolution('down1.conv1', widths[0], depth, 3);
  } else {
    widths.forEach((width, i) => block(`down${i + 1}`, width, i === 0 ? depth : widths[i - 1]));
    block('bottleneck', widths[2], widths[2]);
  }
  for (const step of expansions) {
    shapes.set(`up${step.block}.transpose.weight`, [step.input, step.up, 2, 2]);
    shapes.set(`up${step.block}.transpose.bias`, [step.up]);
    if (config.kind === 'u-net' && config.decoderConvolutions) {
      block(`up${step.block}`, step.output, 2 * widths[step.block - 1]);
    }
  }
  if (hasHead) convolution('head', depth, expansions[expansions.length - 1].output, 1);
  return shapes;
}

/** What the names of a level's auto-encoder begin with. @param level from 0 */
export function autoEncoderPrefix(level: number): string {
  return `autoencoder${level + 1}.`;
}

/** Every array of the three auto-encoders by name, with its shape in PyTorch's layout. */
export function autoEncodersShapes(config: AutoEncoderConfig): Map<string, number[]> {
  return new Map(
    LEVEL_CHANNELS.flatMap((depth, level) =>
      [...autoEncoderShapes(config, depth)].map(
        ([name, shape]) => [autoEncoderPrefix(level) + name, shape] as const,
      ),
    ),
  );
}
