/** Below this length a feature vector is divided by it instead, as in PyTorch's `normalize`. */
export const NORM_EPSILON = 1e-12;
