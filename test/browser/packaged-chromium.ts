import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..', '..');
const CACHE = path.join(ROOT, '.cache');

/**
 * The Chromium that the npm package @sparticuz/chromium carries, for machines without one: it needs
 * neither root nor a download. Unpacked once (two seconds, 200 MB), with the libraries that a bare
 * machine lacks, and with fonts of its own, so that a page looks the same everywhere.
 *
 * @returns a program that starts it; null where the package is missing or does not run here
 */
export function packagedChromium(): string | null {
  const version = packageVersion();
  if (version === null) return null;
  const folder = path.join(CACHE, `chromium-${version}`);
  if (!existsSync(folder) && !unpack(folder)) return null;
  // Written anew each time: both name the folder's place, and a checkout can be moved.
  const starter = path.join(folder, 'start.sh');
  writeFileSync(path.join(folder, 'fonts.conf'), fontConfiguration(folder));
  writeFileSync(starter, startScript(folder), { mode: 0o755 });
  return runs(starter) ? starter : null;
}

function packageVersion(): string | null {
  try {
    // The package exports no package.json.
    const index = require.resolve('@sparticuz/chromium');
    const file = path.join(index, '..', '..', '..', 'package.json');
    return (require(file) as { version: string }).version;
  } catch {
    return null;
  }
}

/** Whole or not at all: another process may do the same at the same time. */
function unpack(folder: string): boolean {
  mkdirSync(CACHE, { recursive: true });
  const unfinished = mkdtempSync(path.join(CACHE, 'chromium-unfinished-'));
  try {
    // The package unpacks into the temporary folder, and its libraries only on machines that look
    // like the service that it was made for; a process of its own is told both.
    const { status } = spawnSync(
      process.execPath,
      ['-e', `import('@sparticuz/chromium').then((it) => it.default.executablePath())`],
      {
        cwd: ROOT,
        env: {
          ...process.env,
          TMPDIR: unfinished,
          AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x',
        },
      },
    );
    if (status !== 0 || !existsSync(path.join(unfinished, 'chromium'))) return false;
    if (!existsSync(folder)) renameSync(unfinished, folder);
    return true;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Replaces itself by Chromium, so that a signal to it is a signal to Chromium. */
function startScript(folder: string): string {
  const libraries = path.join(folder, 'al2023', 'lib');
  return `#!/bin/sh
export LD_LIBRARY_PATH='${libraries}'"\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export FONTCONFIG_FILE='${path.join(folder, 'fonts.conf')}'
exec '${path.join(folder, 'chromium')}' "$@"
`;
}

function fontConfiguration(folder: string): string {
  const fonts = path.join(path.dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${fonts}</dir>
  <cachedir>${path.join(folder, 'font-cache')}</cachedir>
  <alias><family>system-ui</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>DejaVu Serif</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
  <match><edit name="family" mode="append_last"><string>DejaVu Sans</string></edit></match>
</fontconfig>
`;
}

/** On another kind of processor or of C library it does not. */
function runs(file: string): boolean {
  return spawnSync(file, ['--version'], { timeout: 20_000 }).status === 0;
}
