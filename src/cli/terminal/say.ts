import pc from 'picocolors';

const colours = pc.createColors(pc.isColorSupported && Boolean(process.stderr.isTTY));

/** Tells the user something on standard error: standard output is kept for results. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Warns of what may be unexpected but stops nothing. */
export function warn(text: string): void {
  say(`${colours.yellow('warning:')} ${text}`);
}

/** Tells what went wrong. */
export function complain(text: string): void {
  say(`${colours.red('error:')} ${text}`);
}

/** Writes a result to standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
