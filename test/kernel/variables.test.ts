import assert from 'node:assert/strict';
import { DrivenKernel } from './driven-kernel';

interface Variable {
  name: string;
  type: string;
  value: string;
  variablesReference: number;
}

interface Reply {
  success: boolean;
  message?: string;
  body: { variables: Variable[]; data: Record<string, string> };
}

describe('what a panel of variables asks', () => {
  let kernel: DrivenKernel;
  let seq = 0;
  const ask = async (command: string, given: object = {}) =>
    (await kernel.control('debug_request', {
      type: 'request',
      seq: ++seq,
      command,
      arguments: given,
    })) as unknown as Reply;
  const list = async () => {
    const { body } = await ask('inspectVariables');
    return new Map(body.variables.map((one) => [one.name, one]));
  };
  const members = async (variablesReference = 0) => {
    const { body } = await ask('variables', { variablesReference });
    return body.variables.map(({ name, value }) => `${name}: ${value}`);
  };

  before(async () => {
    kernel = new DrivenKernel();
    const run = await kernel.run(`interface Pair { a: number; b: string }
let called = 0;
const pair: Pair = { a: 1, b: 'two' };
const sneaky = { get secret() { called++; return 1; }, plain: 2, [Symbol.for('nodejs.util.inspect.custom')]: () => { called++; return ''; } };
const trap = new Proxy({}, { get: () => { called++; }, ownKeys: () => { called++; return []; } });
class Tagged { get [Symbol.toStringTag]() { called++; return 'x'; } }
const tagged = new Tagged();
const long = 'x'.repeat(100_000);
const list = Array.from({ length: 1000 }, (_, i) => i);
const counts = new Map([['good', { n: 20 }]]);
const scores = Float32Array.of(0.5, -1, NaN);
function twice(n: number): number { return 2 * n; }
1`);
    assert.equal(run.status, 'ok', JSON.stringify(run.outputs));
  });
  after(() => kernel.close());

  it('are names with the types that TypeScript sees, and values', async () => {
    const found = await list();
    const shown = ['pair', 'twice', 'scores', 'called', 'counts'].map((name) => {
      const one = found.get(name);
      return `${name}: ${one?.type} = ${one?.value}`;
    });
    assert.deepEqual(shown, [
      'pair: Pair = Object { a: 1, b: "two" }',
      'twice: (n: number) => number = function twice',
      // The page would show their types in the place of their values.
      'scores: undefined = Float32Array [3], from -1 to 0.5, 1 not finite [0.5, -1, NaN]',
      'called: undefined = 0',
      'counts: Map<string, { n: number; }> = Map(1) { "good": Object … }',
    ]);
    assert.ok([...found.keys()].every((name) => !name.startsWith('tsLastExpr')));
  });

  it('are members of a value, of which each has its own', async () => {
    const found = await list();
    assert.deepEqual(await members(found.get('pair')?.variablesReference), ['a: 1', 'b: "two"']);
    const { body } = await ask('variables', {
      variablesReference: found.get('counts')?.variablesReference,
    });
    assert.deepEqual(await members(body.variables[0].variablesReference), ['n: 20']);
  });

  it('are cut where they are large', async () => {
    const found = await list();
    assert.ok((found.get('long')?.value.length ?? Infinity) < 300);
    assert.match(String(found.get('list')?.value), /^Array\(1000\) \[0, 1, 2, 3, 4, 5, …\]$/);
    assert.equal((await members(found.get('list')?.variablesReference)).length, 200);
  });

  it('come without calling anything of theirs', async () => {
    const found = await list();
    assert.deepEqual((await members(found.get('sneaky')?.variablesReference)).slice(0, 2), [
      'secret: (a getter, not called)',
      'plain: 2',
    ]);
    assert.equal(found.get('trap')?.value, 'Proxy');
    assert.equal(found.get('trap')?.variablesReference, 0);
    assert.equal(found.get('tagged')?.value, 'Tagged {}');
    assert.equal(found.get('called')?.value, '0');
  });

  it('have for tensors shape, range and a picture', async () => {
    const run = await kernel.run(`import * as tf from '@tensorflow/tfjs';
const features = tf.tensor4d([0, 1, 2, 3, 4, 5, 6, 7], [1, 2, 2, 2]);
1`);
    assert.equal(run.status, 'ok', JSON.stringify(run.outputs));
    const features = (await list()).get('features');
    assert.match(
      String(features?.value),
      /^Tensor float32 \[1, 2, 2, 2\], from 0 to 7 \[0, 1, 2, 3, 4, 5, …\]$/,
    );
    const { body } = await ask('richInspectVariables', { variableName: 'features' });
    assert.match(
      body.data['text/plain'],
      /Picture: the first of the batch, the mean of 2 channels, black is 0\.5, white 6\.5$/,
    );
    const png = Buffer.from(body.data['image/png'], 'base64');
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [192, 192]);
  });

  it('are refused with a sentence where there are none of the name, reference or command', async () => {
    const replies = [
      await ask('richInspectVariables', { variableName: 'toString' }),
      await ask('variables', { variablesReference: 99_999 }),
      await ask('fly'),
    ];
    assert.deepEqual(
      replies.map(({ success, message }) => [success, message]),
      [
        [false, 'There is no variable "toString".'],
        [false, 'There is no value of the reference 99999: list the variables.'],
        [false, 'This kernel has no answer to fly.'],
      ],
    );
  });
});
