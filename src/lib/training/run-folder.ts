import * as fs from 'fs';
import * as path from 'path';
import { z } from 'zod';
import { writeFileAtomic } from '../files/atomic-write';
import { FileError } from '../files/file-error';
import { acquireLock } from '../files/process-lock';
import type { ProcessLock } from '../files/process-lock';
import { readJsonFile, readTextFile } from '../files/read-file';
import type { NamedArrays } from '../weights/named-arrays';
import { readSafetensors, writeSafetensors } from '../weights/safetensors';

/** One line of metrics.jsonl. */
export interface EpochRecord {
  /** Counted from 1. */
  epoch: number;
  /** Mean over the epoch's images of the per-image loss, in training mode. */
  loss: number;
  /** Seconds spent training, over all sessions if the epoch was interrupted. */
  seconds: number;
  /** Protocol B: mean anomaly map over the held-out normal images. */
  validation?: number;
  /** Further numbers of the recipe, means over the epoch's images. */
  [name: string]: number | undefined;
}

const epochRecordSchema = z
  .object({
    epoch: z.number().int().positive(),
    loss: z.number().finite(),
    seconds: z.number().finite().nonnegative(),
    validation: z.number().finite().optional(),
  })
  .catchall(z.number().finite());

const progressSchema = z.object({
  records: z.array(epochRecordSchema),
  step: z.number().int(),
  sums: z.record(z.number()),
  seconds: z.number(),
  lowestLoss: z.number().optional(),
  best: z.object({ epoch: z.number(), validation: z.number() }).optional(),
});

/** Where training stands: stored with the state, so that both change together. */
export interface Progress {
  /** Of the epochs completed; metrics.jsonl is rewritten from here. */
  records: EpochRecord[];
  /** Steps taken in the next epoch; 0 unless training was interrupted within one. */
  step: number;
  /** Sums over the images of those steps. */
  sums: Record<string, number>;
  /** Seconds spent on those steps. */
  seconds: number;
  /** Lowest loss of an epoch so far. */
  lowestLoss?: number;
  /** The epoch whose model is kept. */
  best?: { epoch: number; validation: number };
}

function parseProgress(text: string): Progress {
  const result = progressSchema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`Its "progress" is not that of a training run: ${lines.join('; ')}.`);
}

/**
 * A run on disk: config.json (all that is needed to repeat it), metrics.jsonl (a line per epoch), model.safetensors (the
 * model that the protocol selects), state.safetensors (all that is needed to go on), summary.json (once finished).
 *
 * metrics.jsonl grows with every epoch, model and state are written together now and then (see `saveSeconds` of `train`),
 * the state last, in one atomic step: whatever a killed process left behind after it is written again, with the same
 * content, by the process that resumes.
 */
export class RunFolder {
  private heldLock: ProcessLock | null = null;

  constructor(readonly folder: string) {}

  /**
   * Keeps other processes from training in this folder, which is made if needed. A lock whose process is gone is taken
   * over. While it is held, nothing is written here once the folder has been deleted or moved.
   *
   * @returns a function that releases the lock
   * @throws Error naming the process that trains here
   */
  lock(): () => void {
    const lock = acquireLock(this.file('lock'), 'is training in this run folder');
    this.heldLock = lock;
    return () => {
      this.heldLock = null;
      lock.release();
    };
  }

  file(name: string): string {
    return path.join(this.folder, name);
  }

  get exists(): boolean {
    return fs.existsSync(this.file('config.json'));
  }

  get finished(): boolean {
    return fs.existsSync(this.file('summary.json'));
  }

  writeJson(name: string, value: unknown): void {
    this.requireLock();
    writeFileAtomic(this.file(name), `${JSON.stringify(value, null, 2)}\n`);
  }

  /** @throws FileError when a lock was taken that is no longer there */
  private requireLock(): void {
    if (!this.heldLock || this.heldLock.isHeld()) return;
    throw new FileError(
      this.folder,
      'the run folder of this training with its lock',
      fs.existsSync(this.folder)
        ? 'another one, or none: it was deleted, moved or replaced during training'
        : 'none: it was deleted or moved during training',
    );
  }

  /** Deletes a file that is out of date; it need not exist. */
  remove(name: string): void {
    fs.rmSync(this.file(name), { force: true });
  }

  /** @throws FileError when the file is missing or not JSON */
  readJson(name: string): unknown {
    return readJsonFile(this.file(name), 'a file of a training run');
  }

  /** The epochs recorded so far. A line that a crash cut short ends the list. */
  readEpochs(): EpochRecord[] {
    const file = this.file('metrics.jsonl');
    if (!fs.existsSync(file)) return [];
    const records: EpochRecord[] = [];
    for (const line of readTextFile(file, 'a line for each epoch').split('\n')) {
      if (line === '') continue;
      let read: unknown;
      try {
        read = JSON.parse(line);
      } catch {
        break;
      }
      const { success, data } = epochRecordSchema.safeParse(read);
      const epoch = records.length + 1;
      if (!success || data.epoch !== epoch) {
        const expected = `the losses of epoch ${epoch} in its line, as finite numbers`;
        throw new FileError(file, expected, line.slice(0, 100));
      }
      records.push(data);
    }
    return records;
  }

  writeEpochs(records: readonly EpochRecord[]): void {
    this.requireLock();
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    writeFileAtomic(this.file('metrics.jsonl'), text);
  }

  /** Runs `work`, which uses the content of this file; an Error that it throws then names the file. */
  naming<T>(name: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw new Error(
        `${this.file(name)}: cannot be used to go on with this run. ${(cause as Error).message}`,
        { cause },
      );
    }
  }

  saveModel(arrays: NamedArrays, metadata: Record<string, string>): void {
    this.requireLock();
    writeSafetensors(this.file('model.safetensors'), arrays, metadata);
  }

  saveState(arrays: NamedArrays, progress: Progress): void {
    this.requireLock();
    writeSafetensors(this.file('state.safetensors'), arrays, {
      progress: JSON.stringify(progress),
    });
  }

  /**
   * Null before the first epoch is complete.
   *
   * @throws FileError, or an Error that names the file, when it is damaged or not the state of a training run
   */
  loadState(): { arrays: NamedArrays; progress: Progress } | null {
    const file = this.file('state.safetensors');
    if (!fs.existsSync(file)) return null;
    const { arrays, metadata } = readSafetensors(file);
    if (metadata.progress === undefined) {
      throw new FileError(
        file,
        '"progress" in its metadata',
        'none: not the state of a training run',
      );
    }
    const progress = this.naming('state.safetensors', () => parseProgress(metadata.progress));
    return { arrays, progress };
  }
}
