import { readGolden } from '../engine/golden';

/** Features of three levels, what is made of them, and the gradients on both sides. */
export interface SimilarityCase {
  shapes: [number, number, number, number][];
  student: number[][];
  teacher: number[][];
  normalised: number[][];
  loss: number;
  gradients: number[][];
  teacherGradients: number[][];
}

export function readSimilarityCases(): Record<'apart' | 'near' | 'zeros', SimilarityCase> {
  return readGolden('losses', 'similarity.json');
}
