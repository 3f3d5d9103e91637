import { SingleBar } from 'cli-progress';
import type { Params } from 'cli-progress';
import { duration } from '../../lib/text/duration';

/** How far a phase of the work has come. */
export interface Phase {
  name: string;
  done: number;
  total: number;
  /** What was done before this process began; it says nothing about the speed. Default 0. */
  doneBefore?: number;
  /** More about where the work stands, such as the loss. */
  note?: string;
  /** The unit of the counts. Default: none. */
  unit?: string;
}

/** Shows how far long work has come, on standard error. */
export interface Progress {
  /** A new name ends the phase before. */
  update(phase: Phase): void;
  /** A line for those who see no bar: on an epoch, for example. */
  milestone(line: string): void;
  /** A line that everybody sees. */
  line(text: string): void;
  /** Ends the phase. Nothing moves on the screen afterwards. */
  stop(): void;
}

/** What the choice between bars and lines depends on. */
export interface ProgressStream extends NodeJS.WritableStream {
  isTTY?: boolean;
}

/** Bars with the time left on a terminal; plain lines in a file, in a pipe and in continuous integration. */
export function openProgress(stream: ProgressStream = process.stderr): Progress {
  return stream.isTTY && !process.env.CI ? new Bars(stream) : new Lines(stream);
}

/** Without a bar, a phase that takes long says how far it is this often. */
const SECONDS_BETWEEN_LINES = 30;

function counted({ done, total, unit }: Phase): string {
  const of = done === total ? `${total}` : `${done} of ${total}`;
  return unit ? `${of} ${unit}` : of;
}

const withNote = (text: string, { note }: Phase) => (note ? `${text}, ${note}` : text);

function summary(phase: Phase, seconds: number): string {
  return `${phase.name}: ${withNote(counted(phase), phase)} (${duration(seconds)})`;
}

class Lines implements Progress {
  private phase: Phase | undefined;
  private startedAt = 0;
  private lastLineAt = 0;

  constructor(private readonly stream: NodeJS.WritableStream) {}

  update(phase: Phase): void {
    const now = performance.now();
    if (phase.name !== this.phase?.name) {
      this.stop();
      this.startedAt = now;
      this.lastLineAt = now;
    }
    this.phase = phase;
    const doneHere = phase.done - (phase.doneBefore ?? 0);
    const isDue = now - this.lastLineAt > 1000 * SECONDS_BETWEEN_LINES;
    if (isDue && doneHere > 0 && phase.done < phase.total) {
      const left = ((now - this.startedAt) / 1000 / doneHere) * (phase.total - phase.done);
      this.line(`${phase.name}: ${withNote(counted(phase), phase)}, about ${duration(left)} left`);
    }
  }

  milestone(line: string): void {
    this.line(line);
  }

  line(text: string): void {
    this.stream.write(`${text}\n`);
    this.lastLineAt = performance.now();
  }

  stop(): void {
    if (this.phase) this.line(summary(this.phase, (performance.now() - this.startedAt) / 1000));
    this.phase = undefined;
  }
}

/** The bar takes what the line leaves it, within these limits. */
const [MIN_BAR, MAX_BAR] = [8, 30];

class Bars implements Progress {
  private bar: SingleBar | undefined;
  private phase: Phase | undefined;
  private startedAt = 0;

  constructor(private readonly stream: NodeJS.WritableStream) {}

  update(phase: Phase): void {
    if (phase.name !== this.phase?.name) {
      this.stop();
      this.startedAt = performance.now();
    }
    if (!this.bar) this.open(phase);
    this.phase = phase;
    this.bar?.update(phase.done, { phase });
  }

  milestone(): void {
    // The bar shows it.
  }

  line(text: string): void {
    this.close();
    this.stream.write(`${text}\n`);
  }

  stop(): void {
    this.close();
    if (this.phase) {
      this.stream.write(`${summary(this.phase, (performance.now() - this.startedAt) / 1000)}\n`);
    }
    this.phase = undefined;
  }

  private open(phase: Phase): void {
    this.bar = new SingleBar({
      stream: this.stream,
      format: drawBar,
      clearOnComplete: true,
      // Neither setting would be undone if the process were killed.
      hideCursor: false,
      linewrap: true,
      etaBuffer: 60,
    });
    const doneBefore = phase.name === this.phase?.name ? this.phase.done : phase.doneBefore;
    this.bar.start(phase.total, doneBefore ?? 0, { phase });
  }

  private close(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}

function drawBar(_: unknown, params: Params, { phase }: { phase: Phase }): string {
  const { progress, maxWidth } = params as Params & { maxWidth: number };
  const percent = `${Math.floor(100 * progress)}%`.padStart(4);
  const left = Number(params.eta); // whole seconds; NaN until it is known
  const known = Number.isFinite(left) && left > 0;
  const time = known ? `${duration(left)} left, ` : '';
  const state = phase.note ?? counted(phase);
  const roomBeside = (text: string) => maxWidth - 1 - phase.name.length - 1 - text.length;
  const whole = `${percent}  ${time}${state}`;
  const text = roomBeside(whole) < MIN_BAR ? `${percent}  ${state}` : whole;
  const room = roomBeside(text);
  const width = Math.max(MIN_BAR, Math.min(MAX_BAR, room));
  const filled = Math.round(width * progress);
  const line = `${phase.name} ${'█'.repeat(filled)}${'░'.repeat(width - filled)}${text}`;
  // A longer one would leave a line behind each time it is drawn.
  return line.slice(0, maxWidth - 1);
}
