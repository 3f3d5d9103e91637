/** The settings of the method's baseline. */
export const OPTIMISER = { learningRate: 0.4, momentum: 0.9, weightDecay: 1e-4 };
