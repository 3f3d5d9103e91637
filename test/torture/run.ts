import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { acquireLock } from '../../src/lib/files/process-lock';
import { Ledger, tableOf } from './ledger';
import { INTERRUPTED_PARTS, replayInterrupted, tryInterrupted } from './interrupted/campaign';
import { COMMANDS } from './interrupted/commands';
import { RACE_KINDS, tryRaces } from './locks/campaign';
import { replayMalformed, tryMalformed } from './malformed/campaign';
import { KINDS } from './malformed/kinds';
import { SIGNAL_KINDS, trySignals } from './signals/campaign';

/** Tries to break the lab, and writes down what came of it: `npm run torture`. */

const PARTS = ['malformed', ...INTERRUPTED_PARTS, 'races', 'signals'] as const;

interface Options {
  seed: number;
  cases: number;
  kinds?: string[];
  out: string;
  replay?: string;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError('Expected 0, 1, 2, 3, ...');
  }
  return value;
}

/** What is misspelt would be tried by nobody, and nothing would have failed. */
function kindsOf(text: string): string[] {
  const known = [
    ...[...KINDS, ...COMMANDS].map(({ name }) => name),
    ...RACE_KINDS,
    ...SIGNAL_KINDS,
  ];
  return text.split(',').map((kind) => {
    if (known.includes(kind)) return kind;
    throw new InvalidArgumentError(`Expected some of ${known.join(', ')}.`);
  });
}

async function main(): Promise<void> {
  const command = new Command()
    .name('npm run torture --')
    .description(
      'Reads malformed files of every kind, interrupts every command that writes, lets processes race for locks and sends signals, by parts and with a seed. What was tried is not tried again: stopped at any ' +
        'moment, it goes on where it was; after a change of what is tried, --out begins anew elsewhere. Exit code 1 where ' +
        'something failed.',
    )
    .addArgument(new Argument('[parts...]', 'default: all').choices(PARTS))
    .option('--seed <n>', 'another one tries other things', wholeNumber, 1)
    .option('--cases <n>', 'of each kind', wholeNumber, 100)
    .option('--kinds <names>', 'only these kinds, separated by commas', kindsOf)
    .option('--replay <file>', 'try a kept failure again')
    .option('--out <folder>', 'what was tried, and failures', path.join(__dirname, 'out'))
    .parse();
  const options = command.opts<Options>();
  const workFolder = fs.mkdtempSync(path.join(os.tmpdir(), 'torture-'));
  try {
    if (options.replay !== undefined) {
      const [part] = path.basename(options.replay).split('.');
      const isMalformed = KINDS.some(({ name }) => name === part);
      const replay = isMalformed ? replayMalformed : replayInterrupted;
      process.stdout.write(`${await replay(options.replay, workFolder)}\n`);
      return;
    }
    const lock = acquireLock(path.join(options.out, 'lock'), 'is trying things here');
    const ledger = new Ledger(options.out);
    const parts = command.args.length > 0 ? command.args : PARTS;
    const onProgress = (done: number, total: number) => {
      if (done % 100 === 0) process.stderr.write(`${done} of ${total}\n`);
    };
    const all = { ...options, workFolder, onProgress };
    if (parts.includes('malformed')) await tryMalformed(ledger, all);
    for (const part of INTERRUPTED_PARTS) {
      if (parts.includes(part)) await tryInterrupted(ledger, part, all);
    }
    if (parts.includes('races')) await tryRaces(ledger, all);
    if (parts.includes('signals')) await trySignals(ledger, all);
    ledger.close();
    lock.release();
    const table = tableOf(ledger.tries());
    fs.writeFileSync(path.join(options.out, 'table.md'), table);
    process.stdout.write(table);
    for (const { part, kind, index, how, fault, replay } of ledger.failures()) {
      process.stdout.write(
        `${part} ${kind} ${index} (${how}): ${fault}${replay ? `\n  ${replay}` : ''}\n`,
      );
    }
    if (ledger.failures().length > 0) process.exitCode = 1;
  } finally {
    fs.rmSync(workFolder, { recursive: true, force: true });
  }
}

void main();
