import type { Batch, Recipe } from '../../src/lib/training/recipe';
import type { BatchSource } from '../../src/lib/training/train';
import type { NamedArrays } from '../../src/lib/weights/named-arrays';

/** "Images" that are their own indices: enough for a loop that never looks into a batch. */
export function toyData(count: number): BatchSource & { served: number[][] } {
  const served: number[][] = [];
  return {
    count,
    served,
    batch: (indices) => {
      served.push([...indices]);
      return { images: [...indices], teacher: [] } as unknown as Batch;
    },
  };
}

/**
 * One weight drawn to the mean of its images with momentum. Every number depends on every step before it, so a step
 * that is left out, repeated or taken in another order shows in all that follow.
 */
export class ToyRecipe implements Recipe {
  private weight = 5;
  private velocity = 0;
  steps = 0;

  /** @param onStep may throw, or change the loss */
  constructor(
    private readonly onStep: (step: number, loss: number) => number = (_, loss) => loss,
  ) {}

  step(batch: Batch): { loss: number; weight: number } {
    this.steps++;
    const indices = batch.images as unknown as number[];
    const mean = indices.reduce((sum, index) => sum + index, 0) / indices.length;
    const error = this.weight - mean / 10;
    this.velocity = Math.fround(0.5 * this.velocity + error);
    this.weight = Math.fround(this.weight - 0.05 * this.velocity);
    return { loss: this.onStep(this.steps, error * error), weight: this.weight };
  }

  /** Breaks the parameters, as a gradient that overflows does. */
  break(): void {
    this.weight = NaN;
  }

  get value(): number {
    return this.weight;
  }

  model(): NamedArrays {
    return new Map([['weight', { shape: [1], data: Float32Array.of(this.weight) }]]);
  }

  state(): NamedArrays {
    const velocity = { shape: [1], data: Float32Array.of(this.velocity) };
    return new Map([...this.model(), ['velocity.weight', velocity]]);
  }

  restore(state: NamedArrays): void {
    const [weight, velocity] = [state.get('weight'), state.get('velocity.weight')];
    if (!weight || !velocity) throw new Error('The weight or its velocity is missing.');
    this.weight = weight.data[0];
    this.velocity = velocity.data[0];
  }

  dispose(): void {}
}
