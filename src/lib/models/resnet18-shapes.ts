import { LEVEL_CHANNELS } from './pyramid-levels';

/** The trunk's arrays. Apart from its forward pass, so that weights can be read without loading the engine. */

/** Basic blocks in each of torchvision's layers. */
export const BLOCKS_PER_LAYER = 2;

/** Every array of the trunk by torchvision's name, with its shape in PyTorch's layout, in torchvision's order. */
export function resnet18Shapes(): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  const convolution = (name: string, out: number, input: number, kernel: number) =>
    shapes.set(`${name}.weight`, [out, input, kernel, kernel]);
  const batchNorm = (name: string, channels: number) => {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) {
      shapes.set(`${name}.${part}`, [channels]);
    }
  };
  convolution('conv1', 64, 3, 7);
  batchNorm('bn1', 64);
  let input = 64;
  LEVEL_CHANNELS.forEach((channels, index) => {
    for (let block = 0; block < BLOCKS_PER_LAYER; block++) {
      const name = `layer${index + 1}.${block}`;
      convolution(`${name}.conv1`, channels, block === 0 ? input : channels, 3);
      batchNorm(`${name}.bn1`, channels);
      convolution(`${name}.conv2`, channels, channels, 3);
      batchNorm(`${name}.bn2`, channels);
      if (block === 0 && input !== channels) {
        convolution(`${name}.downsample.0`, channels, input, 1);
        batchNorm(`${name}.downsample.1`, channels);
      }
    }
    input = channels;
  });
  return shapes;
}
