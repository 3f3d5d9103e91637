import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { packagedChromium } from './packaged-chromium';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

export const HOW_TO_GET_CHROMIUM =
  'no Chromium runs here: neither CHROMIUM_PATH, nor the one in node_modules/@sparticuz/chromium, ' +
  'nor one on PATH (Debian: apt-get install chromium)';

/**
 * What CHROMIUM_PATH names, else the one from npm, which is the same on every machine, else the first
 * known name on PATH; null if there is none.
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | null {
  if (env.CHROMIUM_PATH) return env.CHROMIUM_PATH;
  const packaged = packagedChromium();
  if (packaged !== null) return packaged;
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const files = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return files.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * For a `before` hook: starts the machine's Chromium, or skips the tests where none runs, and says why.
 */
export async function chromiumOrSkip(
  context: Mocha.Context,
  options: readonly string[] = [],
): Promise<Browser> {
  const executable = findChromium();
  if (executable === null) {
    process.stderr.write(`    skipped: ${HOW_TO_GET_CHROMIUM}\n`);
    return context.skip();
  }
  return launchChromium(executable, options);
}

/** Starts it without a window, and without its own calls to the outside. @param options further ones of its command line */
export function launchChromium(
  executablePath: string,
  options: readonly string[] = [],
): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...options,
    ],
  });
}
