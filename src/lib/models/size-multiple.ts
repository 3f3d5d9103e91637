/**
 * Image sides must be multiples of this, so that each level is half the one before. Apart from the trunk, so that
 * settings can be checked without loading the engine.
 */
export const SIZE_MULTIPLE = 16;
