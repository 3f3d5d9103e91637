import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { escapeXml } from '../../../src/viz/text/escape-xml';
import { fitText, textWidth } from '../../../src/viz/text/text-width';
import { prepareFont } from '../../../src/viz/text/font';
import { temporaryFolder } from '../../data/temporary-folder';

describe('textWidth', () => {
  it('adds up the widths of DejaVu Sans', () => {
    assert.equal(textWidth('', 10), 0);
    // a .613, l .278 of the font size; bold: .675, .343.
    assert.ok(Math.abs(textWidth('al', 100) - 89.1) < 1e-9);
    assert.ok(Math.abs(textWidth('al', 100, true) - 101.8) < 1e-9);
  });

  it('takes unknown characters for wide ones', () => {
    assert.ok(textWidth('×', 10) >= textWidth('x', 10));
    assert.ok(textWidth('日', 10) > 0);
  });
});

describe('fitText', () => {
  it('leaves a text that fits as it is', () => {
    assert.equal(fitText('bottle', 100, 10), 'bottle');
  });

  it('shortens a text that does not fit with an ellipsis', () => {
    assert.equal(fitText('contamination 011', 60, 11), 'contami…');
  });

  it('never gives more than the width, and keeps the beginning', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 200 }), (text, width) => {
        const fitted = fitText(text, width, 11);
        assert.ok(textWidth(fitted, 11) <= width);
        assert.ok(text.startsWith(fitted.replace(/…$/, '')));
      }),
    );
  });
});

describe('escapeXml', () => {
  it('leaves nothing that would end an element or an attribute', () => {
    assert.equal(escapeXml('a < b & "c" > d'), 'a &lt; b &amp; &quot;c&quot; &gt; d');
  });

  it('is read back by an SVG reader as it was', async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>${escapeXml('<&">')}</text></svg>`;
    assert.equal((await sharp(Buffer.from(svg)).metadata()).width, 9);
  });
});

describe('prepareFont', () => {
  const folder = temporaryFolder();

  it('says the same every time', async () => {
    assert.equal(await prepareFont(), await prepareFont());
  });

  it('warns once on a machine without fonts, and the figure is drawn nevertheless', () => {
    const { stderr, stdout } = onBareMachine(`
      const { panelGrid } = require('./src/viz/figure/panel-grid');
      const { prepareFont } = require('./src/viz/text/font');
      const image = { width: 4, height: 4, data: new Uint8Array(48) };
      const draw = () => panelGrid([{ rows: [{ label: 'a', panels: [{ image }] }] }], { alt: '' });
      draw().then(draw).then(async ({ width }) => console.log(width > 0, await prepareFont()));
    `);
    const [drawn, hasFont] = stdout.trim().split(' ');
    assert.equal(drawn, 'true');
    const warnings = stderr.match(/No font found: .*fonts-dejavu-core/g) ?? [];
    // With the font package installed there is a font even here.
    assert.equal(warnings.length, hasFont === 'true' ? 0 : 1, stderr);
    assert.equal(hasFont, `${hasFontPackage()}`);
  });

  /** Runs a script in a process whose font configuration knows one empty folder. */
  function onBareMachine(script: string): { stdout: string; stderr: string } {
    mkdirSync(folder.path('fonts'), { recursive: true });
    const configuration = folder.write(
      'fonts.conf',
      `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>` +
        `<dir>${folder.path('fonts')}</dir><cachedir>${folder.path('cache')}</cachedir></fontconfig>`,
    );
    const log = folder.path('stderr.txt');
    const stdout = execFileSync(
      process.execPath,
      ['--require', './test/register.cjs', '--redirect-warnings', log, '--eval', script],
      {
        cwd: path.join(__dirname, '../../..'),
        env: { ...process.env, FONTCONFIG_FILE: configuration },
        encoding: 'utf8',
      },
    );
    return { stdout, stderr: existsSync(log) ? readFileSync(log, 'utf8') : '' };
  }
});

function hasFontPackage(): boolean {
  try {
    require.resolve('dejavu-fonts-ttf/package.json');
    return true;
  } catch {
    return false;
  }
}
