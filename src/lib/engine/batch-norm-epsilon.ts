/** What batch norms add to a variance: PyTorch's default, which both networks use. */
export const BATCH_NORM_EPSILON = 1e-5;
