import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { LineFile } from '../../src/lib/files/line-file';
import { readHead, readJsonFile, readLines, readTextFile } from '../../src/lib/files/read-file';
import { sha256Of, sha256OfFile } from '../../src/lib/files/sha256';
import { useTemporaryFolder } from '../weights/temporary-folder';

const SRC = path.resolve('src');
const DOORS = path.join('lib', 'files');

/** What only looks, makes a folder or removes something: a file's content passes through none of these. */
const LOOKING = new Set([
  ...['existsSync', 'statSync', 'lstatSync', 'stat', 'statfsSync', 'Stats'],
  ...['readdirSync', 'realpathSync', 'mkdirSync', 'rmSync', 'rm', 'unlinkSync'],
]);

/** Doors elsewhere, with what they open and why. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  // A file without a name, as an extension of memory: nobody else can open it.
  'lib/training/features.ts': ['openSync', 'closeSync', 'readSync', 'writeSync'],
  // A run folder copied whole, under another name until it is.
  'cli/experiments/experiment-runs.ts': ['cpSync', 'renameSync'],
  // A server's answer, written as it comes under another name until its checksum is right.
  'lib/weights/download.ts': ['open', 'rename'],
  // What a child process says; it outlives its parent, so that only the system can write it down.
  'lib/sweep/local-engine.ts': ['openSync', 'closeSync'],
};

const isFileSystem = (module: string) => /^(node:)?fs(\/promises)?$/.test(module);

/** What a module uses of node:fs, by its names. */
function usedOf(file: string): string[] {
  const source = ts.createSourceFile(
    file,
    fs.readFileSync(file, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const whole = new Set<string>();
  const used: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isImportDeclaration(node) &&
      isFileSystem((node.moduleSpecifier as ts.StringLiteral).text)
    ) {
      const { name, namedBindings } = node.importClause ?? {};
      if (name) whole.add(name.text);
      if (namedBindings && ts.isNamespaceImport(namedBindings)) whole.add(namedBindings.name.text);
      else
        namedBindings?.elements.forEach((each) => used.push((each.propertyName ?? each.name).text));
    }
    // Nobody asks for it at run time: what is used of it could not be seen here.
    if (ts.isCallExpression(node) && node.arguments.length === 1) {
      const [argument] = node.arguments;
      const loads = ['require', 'import'].includes(node.expression.getText(source));
      if (loads && ts.isStringLiteral(argument) && isFileSystem(argument.text))
        used.push('require');
    }
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      if (whole.has(node.expression.text)) used.push(node.name.text);
      // sharp's own way to write a file.
      if (node.name.text === 'toFile') used.push('toFile');
    }
    if (ts.isQualifiedName(node) && whole.has(node.left.getText(source)))
      used.push(node.right.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...new Set(used)];
}

describe('the doors of files', () => {
  const inFolder = useTemporaryFolder();

  it('are the only modules that open, read, write or rename one', () => {
    const modules = fs
      .readdirSync(SRC, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.m?[jt]s$/.test(name) && !name.startsWith(DOORS));
    assert.ok(modules.length > 200);
    const passing = modules.flatMap((name) => {
      const doors = ELSEWHERE[name.split(path.sep).join('/')] ?? [];
      return usedOf(path.join(SRC, name))
        .filter((used) => !LOOKING.has(used) && !doors.includes(used))
        .map((used) => `${name}: ${used}`);
    });
    assert.deepEqual(passing, []);
    for (const [name, doors] of Object.entries(ELSEWHERE)) {
      assert.deepEqual(
        doors.filter((door) => !usedOf(path.join(SRC, name)).includes(door)),
        [],
        `${name} needs no door any more`,
      );
    }
  });

  const kinds: [found: string, make: () => string][] = [
    ['no such file', () => inFolder('none')],
    ['a folder', () => inFolder('')],
    [
      'a named pipe',
      () => {
        execFileSync('mkfifo', [inFolder('pipe')]);
        return inFolder('pipe');
      },
    ],
    [
      'a device',
      () => {
        fs.symlinkSync('/dev/zero', inFolder('endless'));
        return inFolder('endless');
      },
    ],
  ];
  for (const [found, make] of kinds) {
    it(`refuse ${found}, and none of them waits`, async () => {
      const file = make();
      const refuse = (what: string) => {
        throw new Error(what);
      };
      const message = `${file}: expected a plan, found ${found}`;
      assert.throws(() => readTextFile(file, 'a plan'), { name: 'FileError', message });
      assert.throws(() => readJsonFile(file, 'a plan'), { name: 'FileError', message });
      assert.throws(() => readHead(file, 4, refuse), { message: found });
      assert.throws(() => [...readLines(file, refuse)], { message: found });
      assert.throws(() => sha256Of(file), {
        message: `${file}: expected a file that can be read, found ${found}`,
      });
      await assert.rejects(sha256OfFile(file), { name: 'FileError' });
    });
  }

  it('say what is no JSON', () => {
    fs.writeFileSync(inFolder('plan.json'), '{');
    assert.throws(() => readJsonFile(inFolder('plan.json'), 'a plan'), {
      message: /plan\.json: expected a plan, found something else than JSON \(/,
    });
  });

  it('read a file of any length line by line, letters across parts as one', () => {
    const lines = Array.from({ length: 300 }, (_, i) => `${'ä€😀'.repeat(1000)}${i}`);
    fs.writeFileSync(inFolder('lines'), lines.join('\n'));
    assert.ok(fs.statSync(inFolder('lines')).size > 2 * 2 ** 20);
    const refuse = (what: string) => assert.fail(what);
    assert.deepEqual([...readLines(inFolder('lines'), refuse)], lines);
  });

  it('add lines behind the last whole one: what a killed process cut short would spoil the next', () => {
    const file = inFolder('results.jsonl');
    const long = 'x'.repeat(100_000);
    for (const [before, after] of [
      ['one\ntwo\n', 'one\ntwo\nthree\n'],
      ['one\ntw', 'one\nthree\n'],
      ['tw', 'three\n'],
      [`one\n${long}`, 'one\nthree\n'],
      ['', 'three\n'],
    ]) {
      fs.writeFileSync(file, before);
      const lines = LineFile.open(file, { append: true });
      lines.write('three\n');
      lines.close();
      assert.equal(fs.readFileSync(file, 'utf8'), after);
    }
  });

  it('say before any work that a result has no place, and leave nothing there', () => {
    const file = inFolder('in/the/way');
    fs.mkdirSync(file, { recursive: true });
    const { status, stderr } = spawnSync(
      process.execPath,
      ['src/cli/stfpm.js', 'results', 'results', '--out', file],
      { encoding: 'utf8' },
    );
    assert.equal(status, 1);
    assert.equal(
      stderr,
      `error: ${file}: could not be written: expected a file to replace, found a folder\n`,
    );
    assert.deepEqual(fs.readdirSync(path.dirname(file)), ['way']);
  });
});
