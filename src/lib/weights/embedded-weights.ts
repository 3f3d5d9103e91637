import * as path from 'path';

/**
 * The teacher that comes with the project, for machines without ImageNet weights: a ResNet-18 trunk, distilled from
 * the ImageNet one. The model card beside the file says how it was made and how well it teaches.
 */
export const EMBEDDED_WEIGHTS = path.join(__dirname, 'embedded', 'resnet18-embedded.safetensors');
