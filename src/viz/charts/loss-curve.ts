import { Chart } from './chart';
import { seriesEncoding, WIDE } from './theme';
import { valueAxis } from './axes';

/** The loss of a run, epoch by epoch. */
export interface LossHistory {
  /** The run's name, for the legend. */
  name: string;
  loss: ArrayLike<number>;
  /** Default 1, 2, 3 and so on. */
  epochs?: ArrayLike<number>;
}

export interface LossCurveOptions {
  /** Default "Training loss". */
  title?: string;
  subtitle?: string | string[];
  /** The unit of the loss. Default "Loss (mean per image)". */
  yTitle?: string;
  /** `log` leaves out values of 0 or less. Default `linear`. */
  yScale?: 'linear' | 'log';
  /** The last epoch on the axis, for a run that is not finished. Default: the last one there is. */
  lastEpoch?: number;
}

/** Loss by epoch for one run or several; values that are not finite are left out. */
export async function lossCurve(
  runs: readonly LossHistory[],
  options: LossCurveOptions = {},
): Promise<Chart> {
  const { title = 'Training loss', yScale = 'linear' } = options;
  const values = runs.flatMap(({ name, loss, epochs }) =>
    Array.from(loss, (value, i) => ({
      run: name,
      epoch: epochs?.[i] ?? i + 1,
      loss: value,
    })).filter((point) => Number.isFinite(point.loss) && (yScale === 'linear' || point.loss > 0)),
  );
  const lastEpoch = options.lastEpoch ?? Math.max(1, ...values.map(({ epoch }) => epoch));
  const names = runs.map(({ name }) => name);
  return Chart.from(
    {
      title: { text: title, ...(options.subtitle ? { subtitle: options.subtitle } : {}) },
      ...WIDE,
      data: { values },
      mark: { type: 'line', point: values.length < 2 * runs.length },
      encoding: {
        x: {
          field: 'epoch',
          type: 'quantitative',
          title: 'Epoch',
          scale: { domain: [Math.min(1, lastEpoch - 1), lastEpoch], nice: false },
          axis: { tickMinStep: 1, grid: false },
        },
        y: {
          field: 'loss',
          type: 'quantitative',
          title: options.yTitle ?? 'Loss (mean per image)',
          ...valueAxis(
            values.map((point) => point.loss),
            yScale,
          ),
        },
        ...(runs.length > 1 ? seriesEncoding('run', names) : {}),
        tooltip: [
          { field: 'run', title: 'Run' },
          { field: 'epoch', title: 'Epoch' },
          { field: 'loss', title: 'Loss', format: '.4~g' },
        ],
      },
    },
    `${title}. ${runs.map(inWords).join(' ')}`,
  );
}

function inWords({ name, loss }: LossHistory): string {
  if (loss.length === 0) return `${name}: no epochs yet.`;
  const number = (value: number): string => `${Number(value.toPrecision(4))}`;
  const [first, last] = [number(loss[0]), number(loss[loss.length - 1])];
  return `${name}: ${first} in the first epoch, ${last} in the last of ${loss.length}.`;
}
