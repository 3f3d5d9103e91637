/** The three levels of the pyramid (paper, section 2), as numbers; the network itself is in resnet18.ts. */

/** The paper's names of the blocks whose outputs are the levels' features. */
export const LEVEL_NAMES = ['conv2_x', 'conv3_x', 'conv4_x'] as const;

/** d_l, the depth of each level's features. */
export const LEVEL_CHANNELS = [64, 128, 256] as const;

/** Image pixels per feature position along each axis, by level. */
export const LEVEL_STRIDES = [4, 8, 16] as const;
