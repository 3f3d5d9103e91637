import * as fs from 'fs';
import * as path from 'path';
import writeFileAtomic from 'write-file-atomic';
import { readSafetensors, writeSafetensors } from '../weights/safetensors';
import type { NamedArrays } from '../weights/tensor-file';

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

/** Where training stands: stored with the state, so that both change together. */
export interface Progress {
  /** Epochs completed. */
  epoch: number;
  /** Steps taken of the epoch after that; 0 unless training was interrupted within one. */
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

/**
 * A run on disk: config.json (all that is needed to repeat it), metrics.jsonl (a line an epoch), model.safetensors (the
 * model that the protocol selects), state.safetensors (all that is needed to go on), summary.json (once finished).
 *
 * The state is written last in every epoch, in one atomic step: whatever a killed process left behind after it is
 * written again, with the same content, by the process that resumes.
 */
export class RunFolder {
  constructor(readonly folder: string) {}

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
    fs.mkdirSync(this.folder, { recursive: true });
    writeFileAtomic.sync(this.file(name), `${JSON.stringify(value, null, 2)}\n`);
  }

  /** Throws an Error that names the file when it is missing or no JSON. */
  readJson(name: string): unknown {
    const file = this.file(name);
    let text: string;
    try {
      text = fs.readFileSync(file, 'utf8');
    } catch (cause) {
      throw new Error(`${file}: expected a file of a training run, found none.`, { cause });
    }
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw new Error(
        `${file}: expected JSON, found something else (${(cause as Error).message}).`,
        { cause },
      );
    }
  }

  /** The epochs recorded so far. A line that a crash cut short ends the list. */
  readEpochs(): EpochRecord[] {
    const file = this.file('metrics.jsonl');
    if (!fs.existsSync(file)) return [];
    const records: EpochRecord[] = [];
    for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
      if (line === '') continue;
      try {
        records.push(JSON.parse(line) as EpochRecord);
      } catch {
        break;
      }
    }
    return records;
  }

  writeEpochs(records: readonly EpochRecord[]): void {
    fs.mkdirSync(this.folder, { recursive: true });
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    writeFileAtomic.sync(this.file('metrics.jsonl'), text);
  }

  saveModel(arrays: NamedArrays, metadata: Record<string, string>): void {
    writeSafetensors(this.file('model.safetensors'), arrays, metadata);
  }

  saveState(arrays: NamedArrays, progress: Progress): void {
    writeSafetensors(this.file('state.safetensors'), arrays, {
      progress: JSON.stringify(progress),
    });
  }

  /** Null before the first epoch is complete. */
  loadState(): { arrays: NamedArrays; progress: Progress } | null {
    const file = this.file('state.safetensors');
    if (!fs.existsSync(file)) return null;
    const { arrays, metadata } = readSafetensors(file);
    if (metadata.progress === undefined) {
      throw new Error(
        `${file}: expected "progress" in its metadata, found none: not the state of a training run.`,
      );
    }
    return { arrays, progress: JSON.parse(metadata.progress) as Progress };
  }
}
