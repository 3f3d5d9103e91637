export type { Rendering } from './film';
export { renderSynthetic, SYNTHETIC_CATEGORIES } from './render-synthetic';
export type { SyntheticSpec } from './render-synthetic';
export { writeSyntheticDataset } from './write-synthetic-dataset';
export type { WriteSyntheticOptions } from './write-synthetic-dataset';
