/**
 * In place of a Python with Optuna: speaks as src/lib/sweep/optuna-study.py does, keeps its study as plain JSON, proposes
 * by the trial's number, and finds the second trial hopeless.
 */
import * as fs from 'node:fs';
import { createInterface } from 'node:readline';
import type { Dimension, StudyOptions, StudyTrial } from '../../src/lib/sweep/optuna';

interface Stored extends Pick<StudyOptions, 'of' | 'first'> {
  trials: StudyTrial[];
}

interface Question extends Partial<StudyTrial> {
  do: 'trials' | 'ask' | 'report' | 'tell';
  epoch: number;
  loss: number;
}

function propose(dimension: Dimension, number: number): string | number {
  if ('among' in dimension) return dimension.among[number % dimension.among.length];
  return dimension.from + ((dimension.to - dimension.from) * (number % 4)) / 4;
}

function ask({ trials, first }: Stored, { space }: StudyOptions): object {
  const number = trials.length;
  const proposed = Object.entries(space).map(([name, each]) => [name, propose(each, number)]);
  const params = (number === 0 ? first : Object.fromEntries(proposed)) as StudyTrial['params'];
  trials.push({ number, state: 'running', params, value: null, epochs: 0, notes: {} });
  return { number, params };
}

function answerTo(study: Stored, options: StudyOptions, question: Question): object {
  const { number = 0, loss, epoch } = question;
  if (question.do === 'trials') return { trials: study.trials };
  if (question.do === 'ask') return ask(study, options);
  if (question.do === 'report') {
    if (!(loss > 0)) throw new Error(`a loss of ${loss}`);
    study.trials[number].epochs = epoch;
    return { prune: number === 1 };
  }
  const { state, value, notes } = question;
  Object.assign(study.trials[number], { state, value, notes });
  return {};
}

async function speak(): Promise<void> {
  let options: StudyOptions | undefined;
  let study: Stored;
  for await (const line of createInterface({ input: process.stdin })) {
    let answer: object;
    if (options === undefined) {
      options = JSON.parse(line) as StudyOptions;
      study = fs.existsSync(options.file)
        ? (JSON.parse(fs.readFileSync(options.file, 'utf8')) as Stored)
        : { of: options.of, first: options.first, trials: [] };
      answer = { optuna: 'none', of: study.of };
    } else answer = answerTo(study!, options, JSON.parse(line) as Question);
    fs.writeFileSync(options.file, JSON.stringify(study!));
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

// With -c it is asked whether it has Optuna.
if (!process.argv.includes('-c')) void speak();
