import path from 'node:path';
import envPaths from 'env-paths';

/** torchvision's ImageNet-1k weights of ResNet-18 (IMAGENET1K_V1). */
export const imagenetWeightsName = 'resnet18-f37072fd.pth';

/** Where downloaded weights are kept: the user's cache folder of this platform. */
export function defaultWeightsCache(): string {
  return path.join(envPaths('stfpm-lab', { suffix: '' }).cache, 'weights');
}
