import pc from 'picocolors';
import { printableLines } from '../../lib/text/printable';

const colours = pc.createColors(pc.isColorSupported && Boolean(process.stderr.isTTY));

/**
 * Tells the user something on standard error: standard output is kept for results. A file's name in the text does nothing
 * to the terminal.
 */
export function say(text: string): void {
  process.stderr.write(`${printableLines(text)}\n`);
}

/** Warns of what may be unexpected but stops nothing. */
export function warn(text: string): void {
  process.stderr.write(`${colours.yellow('warning:')} ${printableLines(text)}\n`);
}

/** Tells what went wrong. */
export function complain(text: string): void {
  process.stderr.write(`${colours.red('error:')} ${printableLines(text)}\n`);
}

/** Writes a result to standard output. Names in it are made `printable` by whoever puts them there. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
