/**
 * Lets work that takes memory go on together up to a budget, in order of asking. What is larger than the budget goes
 * alone.
 */
export class InFlight {
  private taken = 0;
  private readonly waiting: { weight: number; start: () => void }[] = [];

  /** @param budget in the unit of the weights */
  constructor(private readonly budget: number) {}

  async run<T>(weight: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.waiting.push({ weight, start });
      this.startNext();
    });
    try {
      return await work();
    } finally {
      this.taken -= weight;
      this.startNext();
    }
  }

  private startNext(): void {
    while (this.waiting.length > 0) {
      const [{ weight, start }] = this.waiting;
      if (this.taken > 0 && this.taken + weight > this.budget) return;
      this.waiting.shift();
      this.taken += weight;
      start();
    }
  }
}
