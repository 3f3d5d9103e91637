/** The items that were given do not define the metric, e.g. because all of them are normal. */
export class UndefinedMetricError extends RangeError {
  constructor(message: string) {
    super(message);
    this.name = 'UndefinedMetricError';
  }
}
