/** An image as `stfpm predict --json` tells of it. */
export interface PredictedImage {
  file: string;
  score: number;
  verdict?: string;
}

/** What `stfpm predict --json` printed. */
export interface Predictions {
  run: string;
  threshold: { value: number } | null;
  images: PredictedImage[];
  /** Images that could not be judged. */
  failed: { file: string; error: string }[];
}

/** The lines of `stfpm predict --json` by what they tell. */
export function readPredictions(stdout: string): Predictions {
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; error?: string });
  const images = lines.filter(({ type }) => type === 'image');
  return {
    ...(lines[0] as unknown as Pick<Predictions, 'run' | 'threshold'>),
    images: images.filter(({ error }) => error === undefined) as unknown as PredictedImage[],
    failed: images.filter(({ error }) => error !== undefined) as unknown as Predictions['failed'],
  };
}
