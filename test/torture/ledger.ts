import * as fs from 'node:fs';
import * as path from 'node:path';
import { LineFile } from '../../src/lib/files/line-file';

/** One try of a campaign. */
export interface Try {
  part: string;
  /** What was tried, e.g. the kind of file or the command. */
  kind: string;
  /** Within part and kind: the same number is the same try, with the same seed. */
  index: number;
  seed: number;
  /** Null: nothing wrong. */
  fault: string | null;
  /** What came of it, in a word. */
  outcome: string;
  /** How it came to be. */
  how: string;
  /** Of a refusal: that it was for the right reason can be looked up. */
  message?: string;
  /** To replay a failure, relative to the ledger. */
  replay?: string;
  milliseconds?: number;
  peakBytes?: number;
}

/** All tries so far, in a file that grows: whoever stops a campaign goes on with it later. */
export class Ledger {
  private readonly known = new Map<string, Try>();
  private readonly lines: LineFile;

  constructor(readonly folder: string) {
    const file = path.join(folder, 'tries.jsonl');
    fs.mkdirSync(folder, { recursive: true });
    const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
    for (const line of text.split('\n').slice(0, -1)) {
      const done = JSON.parse(line) as Try;
      this.known.set(keyOf(done), done);
    }
    this.lines = LineFile.open(file, { append: true });
  }

  has(tried: Pick<Try, 'part' | 'kind' | 'index' | 'seed'>): boolean {
    return this.known.has(keyOf(tried));
  }

  add(done: Try): void {
    this.known.set(keyOf(done), done);
    this.lines.write(`${JSON.stringify(done)}\n`);
  }

  /** Keeps what is needed to try a failure again. @returns its path, relative to the ledger */
  keep(name: string, content: Uint8Array): string {
    const kept = path.join('failures', name);
    const file = path.join(this.folder, kept);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    return kept;
  }

  tries(): Try[] {
    return [...this.known.values()];
  }

  failures(): Try[] {
    return this.tries().filter(({ fault }) => fault !== null);
  }

  close(): void {
    this.lines.close();
  }
}

const keyOf = ({ part, kind, index, seed }: Pick<Try, 'part' | 'kind' | 'index' | 'seed'>) =>
  `${part}/${kind}/${index}/${seed}`;

/** Tried and failed, by part and kind, in Markdown. */
export function tableOf(tries: readonly Try[]): string {
  const rows = new Map<string, Try[]>();
  for (const done of tries) {
    const key = `${done.part} | ${done.kind}`;
    rows.set(key, [...(rows.get(key) ?? []), done]);
  }
  const line = (name: string, of: readonly Try[]) => {
    const failed = of.filter(({ fault }) => fault !== null).length;
    const outcomes = new Map<string, number>();
    for (const { outcome } of of) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    const said = [...outcomes].sort().map(([outcome, count]) => `${count} ${outcome}`);
    const slowest = Math.max(...of.map(({ milliseconds = 0 }) => milliseconds));
    const most = Math.max(...of.map(({ peakBytes = 0 }) => peakBytes));
    const cells = [
      name,
      of.length,
      failed,
      said.join(', '),
      (slowest / 1000).toFixed(1),
      most > 0 ? Math.round(most / 1e6) : '',
    ];
    return `| ${cells.join(' | ')} |`;
  };
  const body = [...rows].map(([name, of]) => line(name, of));
  return [
    '| part | what | tried | failed | came of it | slowest, s | most memory, MB |',
    '| --- | --- | ---: | ---: | --- | ---: | ---: |',
    ...body,
    line('all | ', tries),
    '',
  ].join('\n');
}
