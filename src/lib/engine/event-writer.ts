import { rawOps } from './raw-op';
import { nativeBackend, tf } from './tensorflow';

/** Writes scalars over steps as an event file, which TensorBoard reads. */
export interface EventWriter {
  scalar(name: string, value: number, step: number): void;
  flush(): void;
  close(): void;
}

/**
 * A new event file in this folder, which is made if needed.
 *
 * `tf.node.summaryFileWriter` keeps one writer per folder for the life of the process and never closes it: a second run
 * into a folder that was emptied in between would write to a file that is gone.
 */
export function openEventWriter(folder: string): EventWriter {
  const backend = nativeBackend();
  const writer = tf.keep(backend.summaryWriter(folder));
  tf.tidy(() => backend.createSummaryFileWriter(writer, folder));
  return {
    scalar: (name, value, step) => backend.writeScalarSummary(writer, step, name, value),
    flush: () => backend.flushSummaryWriter(writer),
    close: () => {
      rawOps('CloseSummaryWriter', [writer], {}, 0);
      writer.dispose();
    },
  };
}
