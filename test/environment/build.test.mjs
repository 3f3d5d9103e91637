import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, describeErrors } from '../../environment/build/build.mjs';
import { buildState } from '../../environment/build/state.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

describe('the build', () => {
  const checkout = temporaryFolder();
  /**
   * @param {string} file
   * @param {string} content
   */
  const write = (file, content) => {
    const full = path.join(checkout(), file);
    fs.mkdirSync(path.dirname(full), { recursive: true });
    fs.writeFileSync(full, content);
  };
  /** @param {string} file */
  const built = (file) => path.join(checkout(), 'dist', file);
  /** @param {string} file a module of `dist`, run in a process of its own */
  const run = async (file) => {
    const script = `console.log(JSON.stringify(require(${JSON.stringify(built(file))})))`;
    const child = spawn(process.execPath, ['-e', script]);
    let stdout = '';
    child.stdout.on('data', (text) => (stdout += text));
    await once(child, 'close');
    return JSON.parse(stdout);
  };
  const status = () => buildState(checkout()).status;

  beforeEach(() => {
    const settings = JSON.parse(
      fs.readFileSync(path.join(root, 'tsconfig.build.json'), 'utf8').replace(/^\s*\/\/.*$/gm, ''),
    );
    // Little to read: these sources use no package's types.
    Object.assign(settings.compilerOptions, { types: [], lib: ['ES5'] });
    write('tsconfig.build.json', JSON.stringify(settings));
    fs.copyFileSync(path.join(root, 'tsconfig.json'), path.join(checkout(), 'tsconfig.json'));
    write('src/lib/one.ts', 'export const one: number = 1;\n');
    write('src/lib/two.ts', "import { one } from './one';\nexport const two: number = one + 1;\n");
    write('src/viz/page/page.css', 'b {}\n');
    write('src/lib/README.md', 'text\n');
  });

  it('compiles sources, with declarations and maps, and copies what is no TypeScript', async () => {
    assert.deepEqual(buildState(checkout()), { status: 'due', reason: 'not compiled yet' });
    assert.deepEqual(await build(checkout()), []);
    assert.equal(status(), 'current');
    assert.deepEqual(await run('lib/two.js'), { two: 2 });
    assert.match(
      fs.readFileSync(built('lib/two.d.ts'), 'utf8'),
      /export declare const two: number;/,
    );
    const { sources } = JSON.parse(fs.readFileSync(built('lib/two.js.map'), 'utf8'));
    assert.equal(path.resolve(built('lib'), sources[0]), path.join(checkout(), 'src/lib/two.ts'));
    assert.equal(fs.readFileSync(built('viz/page/page.css'), 'utf8'), 'b {}\n');
    assert.ok(!fs.existsSync(built('lib/README.md')));
    write('src/viz/page/page.css', 'i {}\n');
    assert.deepEqual(await build(checkout()), []);
    assert.equal(fs.readFileSync(built('viz/page/page.css'), 'utf8'), 'i {}\n');
  });

  it('compiles again what was edited, and writes nothing else', async () => {
    await build(checkout());
    const before = fs.statSync(built('lib/two.js')).mtimeMs;
    write('src/lib/one.ts', 'export const one: number = 10;\n');
    assert.deepEqual(buildState(checkout()), { status: 'due', reason: 'src/lib/one.ts changed' });
    assert.deepEqual(await build(checkout()), []);
    assert.deepEqual(await run('lib/two.js'), { two: 11 });
    assert.equal(fs.statSync(built('lib/two.js')).mtimeMs, before);
  });

  it('tells a type error with its place, and leaves what there was without passing for it', async () => {
    await build(checkout());
    write('src/lib/one.ts', "\nexport const one: number = 'a';\n");
    const errors = await build(checkout());
    const expected =
      "src/lib/one.ts:2:14 - Type 'string' is not assignable to type 'number'. (TS2322)";
    assert.equal(describeErrors(errors), `src does not compile:\n\n${expected}`);
    assert.deepEqual(buildState(checkout()), { status: 'broken', errors });
    assert.deepEqual(await run('lib/two.js'), { two: 2 });
    // An edit of another kind of file does not make it right.
    write('src/viz/page/page.css', 'i {}\n');
    assert.equal((await build(checkout())).length, 1);
    write('src/lib/one.ts', 'export const one: number = 5;\n');
    assert.deepEqual(await build(checkout()), []);
    assert.deepEqual(await run('lib/two.js'), { two: 6 });
  });

  it('is tried again when a package that was missing is there', async () => {
    write('src/lib/one.ts', "export { one } from 'a-package';\n");
    const [{ message }] = await build(checkout());
    assert.match(message, /Cannot find module 'a-package'/);
    assert.equal(status(), 'broken');
    write('node_modules/a-package/index.d.ts', 'export declare const one: number;\n');
    write('node_modules/a-package/index.js', 'exports.one = 3;\n');
    write('node_modules/.package-lock.json', '{}\n');
    assert.equal(status(), 'due');
    assert.deepEqual(await build(checkout()), []);
    assert.deepEqual(await run('lib/two.js'), { two: 4 });
  });

  it('removes what has no source any more, and tells of what imports it', async () => {
    write('src/lib/deep/three.ts', 'export const three = 3;\n');
    await build(checkout());
    fs.rmSync(path.join(checkout(), 'src/lib/deep'), { recursive: true });
    assert.equal(status(), 'due');
    assert.deepEqual(await build(checkout()), []);
    assert.ok(!fs.existsSync(built('lib/deep')));
    fs.rmSync(path.join(checkout(), 'src/lib/one.ts'));
    const [{ file, line, message }] = await build(checkout());
    assert.deepEqual([file, line], ['src/lib/two.ts', 1]);
    assert.match(message, /Cannot find module '\.\/one'/);
  });

  it('sees what was written again, with the same content, for what it is', async () => {
    await build(checkout());
    const file = path.join(checkout(), 'src/lib/one.ts');
    fs.utimesSync(file, 1, 1);
    assert.equal(status(), 'current');
  });

  it('compiles all anew where its settings have changed', async () => {
    await build(checkout());
    fs.writeFileSync(built('lib/two.js'), 'left from before');
    fs.appendFileSync(path.join(checkout(), 'tsconfig.build.json'), '\n');
    await build(checkout());
    assert.deepEqual(await run('lib/two.js'), { two: 2 });
  });

  it('compiles what is edited while it reads the sources', async () => {
    await build(checkout());
    write('src/viz/page/page.css', 'u {}\n');
    const read = fs.readFileSync;
    /** @type {any} */ (fs).readFileSync = (/** @type {any[]} */ ...args) => {
      if (String(args[0]).endsWith('page.css')) {
        fs.readFileSync = read;
        write('src/lib/one.ts', 'export const one: number = 70;\n');
      }
      return /** @type {any} */ (read)(...args);
    };
    try {
      assert.deepEqual(await build(checkout()), []);
    } finally {
      fs.readFileSync = read;
    }
    assert.deepEqual(await run('lib/two.js'), { two: 71 });
  });

  it('makes anew what was removed from dist, or cut short there', async () => {
    await build(checkout());
    fs.truncateSync(built('lib/two.js'), 3);
    assert.deepEqual(buildState(checkout()), {
      status: 'due',
      reason: 'dist/lib/two.js is not as it was made',
    });
    assert.deepEqual(await build(checkout()), []);
    fs.rmSync(built('viz/page/page.css'));
    assert.equal(status(), 'due');
    assert.deepEqual(await build(checkout()), []);
    assert.deepEqual(await run('lib/two.js'), { two: 2 });
    assert.ok(fs.existsSync(built('viz/page/page.css')));
  });

  it('is done again after it was cut off, wherever that was', async () => {
    for (const delay of [0, 300, 800]) {
      const module = new URL('../../environment/build/build.mjs', import.meta.url).href;
      const script = `const { build } = await import(${JSON.stringify(module)});
        console.log('begun');
        await build(${JSON.stringify(checkout())});`;
      write('src/lib/one.ts', `export const one: number = ${delay};\n`);
      const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
      const closed = once(child, 'close');
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.kill('SIGKILL');
      await closed;
      // Whatever is in it then: what is current is whole.
      if (status() !== 'current') assert.deepEqual(await build(checkout()), []);
      assert.deepEqual(await run('lib/two.js'), { two: delay + 1 });
    }
    fs.rmSync(path.join(checkout(), 'dist/stamp.json'));
    fs.writeFileSync(built('lib/two.js'), 'half writ');
    fs.writeFileSync(built('lib/two.js.4711'), 'of one that was cut off');
    assert.deepEqual(await build(checkout()), []);
    assert.deepEqual(await run('lib/two.js'), { two: 801 });
    assert.ok(!fs.existsSync(built('lib/two.js.4711')));
  });

  it('ends when it is told to', async () => {
    const reason = new Error('enough');
    const stop = new AbortController();
    setTimeout(() => stop.abort(reason), 50);
    await assert.rejects(build(checkout(), stop.signal), reason);
    assert.equal(status(), 'due');
  });
});

describe('the look for edits', () => {
  it('loads no package, and so no compiler', async () => {
    const module = new URL('../../environment/build/state.mjs', import.meta.url).href;
    const script = `const { buildState } = await import(${JSON.stringify(module)});
      buildState(${JSON.stringify(root)});
      const { createRequire } = await import('node:module');
      const loaded = Object.keys(createRequire(${JSON.stringify(module)}).cache);
      console.log(JSON.stringify(loaded));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    let stdout = '';
    child.stdout.on('data', (text) => (stdout += text));
    await once(child, 'close');
    const loaded = /** @type {string[]} */ (JSON.parse(stdout));
    assert.deepEqual(
      loaded.filter((file) => file.includes('node_modules')),
      [],
    );
  });
});
