import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { temporaryFolder } from '../data/temporary-folder';
import { stfpm } from './run-stfpm';
import { writeTinyDataset } from './tiny-dataset';

describe('a report of runs', () => {
  const { path } = temporaryFolder();
  let data: string;
  let page: string;
  const HOSTILE = `"><img src=x onerror=alert('1')>&.png`;

  before(async () => {
    data = await writeTinyDataset(path('data'));
    fs.renameSync(`${data}/dots/test/good/0.png`, `${data}/dots/test/good/${HOSTILE}`);
    const train = (name: string, ...more: string[]) =>
      stfpm([
        ...['train', '--data', data, '--category', 'dots', '--random-teacher', '--epochs', '1'],
        ...['--batch-size', '2', '--out', path(name), ...more],
      ]);
    const first = await train('first', '--image-size', '64');
    assert.equal(first.code, 0, first.stderr);
    fs.cpSync(path('first'), path('second'), { recursive: true });
    const runs = [path('first'), path('second')];
    const { code, stdout, stderr } = await stfpm(['report', ...runs, '--out', path('r', 'a.html')]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout.match(/^.*a\.html: \d+\.\d MB\n$/)?.length, 1, stdout);
    page = fs.readFileSync(path('r', 'a.html'), 'utf8');
  });

  /** What stands before the page's scripts. */
  const body = () => page.slice(0, page.indexOf('<script'));

  it('has a row a run in both tables, with its settings and metrics', () => {
    for (const name of ['first', 'second']) {
      assert.equal(body().match(new RegExp(`<th scope="row">${name}</th>`, 'g'))?.length, 2);
    }
    const metrics = ['Pixel AUROC', 'AU-PRO', 'AU-PRO 0.05', 'Instance AP', 'AUPIMO'];
    for (const title of [...metrics, 'Teacher', 'Seed', 'Epochs']) {
      assert.match(body(), new RegExp(`<th scope="col"[^>]*>${title}</th>`));
    }
    assert.match(body(), /first: teacher random initialisation, seed 0: untrained/);
  });

  it('says what the thresholds do on the test images', () => {
    assert.match(body(), /<h2 id="verdicts-title">At the threshold<\/h2>/);
    assert.equal(body().match(/<td>good<\/td><td>false alarms: \d of 2 \(/g)?.length, 2);
    assert.equal(body().match(/<td>defective<\/td><td>missed: \d of 4 \(/g)?.length, 2);
    assert.equal(body().match(/<td>spot<\/td><td>missed: \d of 2 \(/g)?.length, 2);
  });

  it('shows every test image, with a map of each run', () => {
    assert.equal(body().match(/<li class="image"/g)?.length, 6);
    assert.equal(body().match(/<button type="button" data-run="1"/g)?.length, 6);
    assert.equal(body().match(/src="data:image\/webp;base64,/g)?.length, 6 * 3);
    const json = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page);
    const { images } = JSON.parse(json?.[1] ?? '') as { images: { runs: unknown[][] }[] };
    assert.deepEqual(
      images.map(({ runs }) => runs.map((maps) => maps.length)),
      Array.from({ length: 6 }, () => [4, 4]),
    );
  });

  it('escapes what files are called', () => {
    assert.ok(!page.includes('<img src=x'));
    assert.ok(body().includes('&lt;img src=x onerror=alert(&#39;1&#39;)&gt;&amp;.png'));
  });

  it('loads nothing, and forbids it', () => {
    assert.doesNotMatch(body(), /(src|href)="(?!data:image|#)/);
    assert.match(body(), /Content-Security-Policy" content="default-src 'none'; img-src data:/);
    assert.equal(page.match(/<script\b[^>]*\bsrc=/g), null);
  });

  it('gives every drawing ids of its own', () => {
    const ids = [...body().matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const [, id] of body().matchAll(/url\(['"]?#([^)'"]+)/g)) assert.ok(ids.includes(id), id);
  });

  it('refuses runs that cannot be compared, before it evaluates any', async () => {
    const change = (name: string, key: string, value: unknown) => {
      fs.cpSync(path('first'), path(name), { recursive: true });
      const file = path(name, 'config.json');
      const config = JSON.parse(fs.readFileSync(file, 'utf8')) as {
        config: Record<string, unknown>;
      };
      config.config[key] = value;
      fs.writeFileSync(file, JSON.stringify(config));
      return stfpm(['report', path('first'), path(name), '--out', path('none.html')]);
    };
    const category = await change('other', 'category', 'lines');
    assert.equal(category.code, 1);
    assert.match(category.stderr, /expected a run on dots .*, found one on lines\./);
    const size = await change('larger', 'imageSize', 128);
    assert.match(size.stderr, /expected images of 64 x 64 pixels .*, found 128 x 128 pixels\./);
    for (const { stderr } of [category, size]) assert.doesNotMatch(stderr, /Reading images/);
    assert.ok(!fs.existsSync(path('none.html')));
  });

  it('refuses runs on different test images', async () => {
    const elsewhere = await writeTinyDataset(path('elsewhere'));
    fs.cpSync(path('first'), path('third'), { recursive: true });
    const file = path('third', 'config.json');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(data, elsewhere));
    const runs = [path('first'), path('third')];
    const { code, stderr } = await stfpm(['report', ...runs, '--out', path('none.html')]);
    assert.equal(code, 1);
    assert.match(stderr, /third: expected the test images of .*first.*--data\./);
  });
});
