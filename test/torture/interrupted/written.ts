import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** What a command has written, and whether it is what it should be. */

/** The files below a folder by their paths; data are what a command reads, and TensorBoard's files are named by the time. */
export function filesBelow(folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const walk = (inside: string) => {
    for (const entry of fs.readdirSync(path.join(folder, inside), { withFileTypes: true })) {
      const name = path.join(inside, entry.name);
      if (!entry.isDirectory()) files.set(name, fs.readFileSync(path.join(folder, name)));
      else if (name !== 'data' && entry.name !== 'tensorboard') walk(name);
    }
  };
  walk('');
  return files;
}

/** What a killed process may leave under a final name: a whole file, or whole lines and a part of one. */
export function isWhole(name: string, content: Buffer): boolean {
  try {
    const text = () => content.toString('utf8');
    switch (path.extname(name)) {
      case '.json':
        JSON.parse(text());
        return true;
      case '.jsonl':
        text()
          .split('\n')
          .slice(0, -1)
          .forEach((line) => JSON.parse(line));
        return true;
      case '.csv':
      case '.log':
        return true;
      case '.safetensors':
        return content.length === safetensorsOf(content).end;
      case '.png':
        return content.subarray(-8, -4).toString('latin1') === 'IEND';
      case '.html':
        return /<\/html>\s*$/.test(text());
      case '.svg':
        return /<\/svg>\s*$/.test(text());
      default:
        return false;
    }
  } catch {
    return false;
  }
}

function safetensorsOf(content: Buffer) {
  const length = Number(content.readBigUInt64LE());
  const header = JSON.parse(content.toString('utf8', 8, 8 + length)) as {
    [name: string]: { data_offsets: [number, number] };
  } & { __metadata__?: never };
  const { __metadata__, ...arrays } = header;
  const metadata = (__metadata__ ?? {}) as Record<string, string>;
  const ends = Object.values(arrays).map(({ data_offsets: [, end] }) => end);
  return { metadata, arrays, data: 8 + length, end: 8 + length + Math.max(0, ...ends) };
}

/** What a file says, piece by piece: by what it is called. */
type Facts = Map<string, string>;

function factsOf(name: string, content: Buffer): Facts {
  const facts: Facts = new Map();
  const add = (at: string, value: unknown): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [key, each] of Object.entries(value)) add(`${at}.${key}`, each);
    } else facts.set(at, String(value));
  };
  const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  const extension = path.extname(name);
  if (extension === '.json') add('', JSON.parse(content.toString('utf8')));
  else if (extension === '.jsonl') {
    const lines = content.toString('utf8').split('\n').slice(0, -1);
    lines.forEach((line, i) => add(`${i}`, JSON.parse(line)));
  } else if (extension === '.safetensors') {
    const { metadata, arrays, data } = safetensorsOf(content);
    for (const [key, text] of Object.entries(metadata)) {
      add(`metadata.${key}`, text.startsWith('{') ? JSON.parse(text) : text);
    }
    add('arrays', arrays);
    facts.set('data', sum(content.subarray(data)));
  } else if (['.csv', '.md', '.html', '.log'].includes(extension)) {
    const lines = content.toString('utf8').split('\n');
    lines.forEach((line, i) => facts.set(`line ${i + 1}`, line));
  } else facts.set('bytes', sum(content));
  return facts;
}

/** How long something took and how much memory: another number every time. */
const MEASURED = /seconds|duration|memory|finished$|started$|time$/i;

/** Says where a file differs from that of a command that nothing disturbed, but for what always differs. */
export class Undisturbed {
  private readonly facts = new Map<string, Facts>();
  /** By file: what differs between two. */
  private readonly changing = new Map<string, Set<string>>();

  constructor(first: Map<string, Buffer>, second: Map<string, Buffer>) {
    for (const [name, content] of first) {
      const facts = factsOf(name, content);
      const again = second.get(name);
      if (!again) continue;
      const others = factsOf(name, again);
      const changing = [...facts.keys()].filter((at) => facts.get(at) !== others.get(at));
      this.facts.set(name, facts);
      this.changing.set(name, new Set(changing));
    }
  }

  has(name: string): boolean {
    return this.facts.has(name);
  }

  /** @returns what is wrong with these files, in words; null: nothing */
  faultOf(files: Map<string, Buffer>): string | null {
    for (const name of this.facts.keys()) if (!files.has(name)) return `${name} is missing`;
    for (const [name, content] of files) {
      if (!this.facts.has(name)) return `${name} is left`;
      const at = this.differs(name, content);
      if (at !== null) return `${name} differs: ${at}`;
    }
    return null;
  }

  /** @returns where; null: nowhere */
  differs(name: string, content: Buffer): string | null {
    const expected = this.facts.get(name);
    if (!expected) return 'not there';
    let found: Facts;
    try {
      found = factsOf(name, content);
    } catch (error) {
      return (error as Error).message;
    }
    for (const at of new Set([...expected.keys(), ...found.keys()])) {
      if (this.changing.get(name)?.has(at) || MEASURED.test(at)) continue;
      if (expected.get(at) !== found.get(at)) {
        return `${at}: ${found.get(at)?.slice(0, 100)} in place of ${expected.get(at)?.slice(0, 100)}`;
      }
    }
    return null;
  }
}
