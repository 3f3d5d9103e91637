import { openEventWriter } from '../engine/index';
import type { EpochRecord } from './run-folder';

/** Event files for TensorBoard: each number of an epoch's record as a scalar over epochs. */
export function openTensorBoard(folder: string): {
  write(record: EpochRecord): void;
  close(): void;
} {
  const writer = openEventWriter(folder);
  return {
    write: ({ epoch, ...numbers }) => {
      for (const [name, value] of Object.entries(numbers)) {
        if (value !== undefined) writer.scalar(name, value, epoch);
      }
      writer.flush();
    },
    close: () => writer.close(),
  };
}
