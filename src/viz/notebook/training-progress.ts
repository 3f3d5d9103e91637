import { lossCurve } from '../charts/loss-curve';
import type { Chart } from '../charts/chart';
import {
  DISPLAY_METADATA,
  JUPYTER_DISPLAY,
  type Displayable,
  type MimeBundle,
  type MimeMetadata,
} from '../display/mime-bundle';
import { progressBar, progressFacts, progressLine, type TrainingState } from './progress-line';

export interface TrainingProgressOptions {
  /** Default "Training". */
  title?: string;
  /** The unit of the loss. Default "Loss (mean per image)". */
  lossTitle?: string;
  /** Whether this is the final state. Default: when all epochs are done. */
  finished?: boolean;
}

/** A view of a running training; show it with `liveDisplay`. */
export class TrainingProgress implements Displayable {
  constructor(
    private readonly chart: Chart,
    /** The line of text with bar, loss and time left. */
    readonly text: string,
    private readonly isFinished: boolean,
  ) {}

  /**
   * While the training runs, the picture and the text alone: a picture is replaced without flicker.
   * The finished state has the chart itself.
   */
  [JUPYTER_DISPLAY](): MimeBundle {
    const bundle = this.chart[JUPYTER_DISPLAY]();
    if (!this.isFinished) delete bundle['application/vnd.vegalite.v5+json'];
    return { ...bundle, 'text/plain': this.text };
  }

  toSvg(): string {
    return this.chart.toSvg();
  }

  [DISPLAY_METADATA](): MimeMetadata {
    return this.chart[DISPLAY_METADATA]();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.text;
  }
}

/** Draws where a training stands: progress bar and time left above the loss curve so far. */
export async function trainingProgress(
  state: TrainingState,
  { title = 'Training', lossTitle, finished }: TrainingProgressOptions = {},
): Promise<TrainingProgress> {
  const isFinished = finished ?? state.epoch >= state.epochs;
  const facts = progressFacts(state).join('  ·  ');
  const bar = progressBar(state.epoch, state.epochs, ['━', '─']);
  const chart = await lossCurve([{ name: 'loss', loss: state.loss }], {
    title,
    subtitle: isFinished ? facts : [bar, facts],
    yTitle: lossTitle,
    // The loss falls by a factor of 20 or more.
    yScale: 'log',
    lastEpoch: state.epochs,
  });
  return new TrainingProgress(chart, progressLine(state), isFinished);
}
