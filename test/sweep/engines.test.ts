import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { coordinate, statusOnDisk } from '../../src/lib/sweep/coordinate';
import type { SweepStatus } from '../../src/lib/sweep/coordinate';
import type { Engine, Job, JobState } from '../../src/lib/sweep/engine';
import { environmentOf } from '../../src/lib/sweep/engine';
import { LocalEngine } from '../../src/lib/sweep/local-engine';
import { nodeFiles, readSubmission } from '../../src/lib/sweep/node-state';
import { cellsOfSweep, makePlan } from '../../src/lib/sweep/plan';
import type { Plan, PlanNode } from '../../src/lib/sweep/plan';
import { RayEngine } from '../../src/lib/sweep/ray-engine';
import { SlurmEngine } from '../../src/lib/sweep/slurm-engine';
import { sweep } from '../../src/lib/sweep/sweep';
import { temporaryFolder } from '../data/temporary-folder';

const SETTINGS = { cpus: 2, gpus: 0, memory: 100 };

function planIn(runs: string): Plan {
  const dataset = { root: '/d', category: 'dots', train: [], test: [] };
  const cells = cellsOfSweep(
    {
      ...{ name: 'x', data: 'd', teacher: 'embedded', categories: ['dots'], seeds: [0, 1] },
      ...{ settings: {}, resources: SETTINGS },
      rows: [
        {
          name: 'p',
          method: 'patchcore',
          settings: {},
          preTraining: {},
          grid: { coresetShare: [0.1, 0.2] },
        },
      ],
    },
    new Map([['dots', { dataset, sha256: 'a' }]]),
    { kind: 'embedded', sha256: 't' },
  );
  return makePlan(cells, { name: 'x', version: '1', resources: SETTINGS, runs });
}

/** What the command of a node would leave. */
function finish({ kind, config, output, from }: PlanNode): void {
  const folder = path.dirname(output);
  fs.mkdirSync(folder, { recursive: true });
  const write = (name: string, value: unknown) =>
    fs.writeFileSync(path.join(folder, name), JSON.stringify(value));
  if (kind === 'evaluate') return write('result.json', {});
  const teacher = { kind: 'embedded', name: 'e', sha256: from.teacher };
  write('config.json', { config, dataset: { root: '/d', trainImages: from.trainImages }, teacher });
  write('model.safetensors', {});
  write('summary.json', {});
}

/** Ends each job at the next look, by `work`. */
class FakeEngine implements Engine {
  readonly name: string = 'fake';
  readonly endsWithCoordinator = false;
  readonly submitted: string[] = [];
  most = 0;
  private readonly jobs = new Map<string, Job>();

  constructor(private readonly work: (job: Job) => void) {}

  open = () => Promise.resolve();
  logs = () => Promise.resolve('out of memory');
  cancel = () => Promise.resolve();

  hasRoom(_: PlanNode, active: readonly PlanNode[]): boolean {
    this.most = Math.max(this.most, active.length + 1);
    return active.length < 2;
  }

  submit(job: Job): Promise<Record<string, string>> {
    this.submitted.push(job.submission);
    this.jobs.set(job.submission, job);
    return Promise.resolve({});
  }

  states(submissions: readonly { id: string }[]): Promise<Map<string, JobState>> {
    for (const { id } of submissions) {
      const job = this.jobs.get(id);
      if (job) this.work(job);
    }
    return Promise.resolve(new Map());
  }
}

const QUICK = { pollSeconds: 0.005 };
const trainings = ({ nodes }: Plan) => nodes.filter(({ kind }) => kind === 'train');

describe('the coordinator of a sweep', () => {
  const folder = temporaryFolder();

  it('runs what is missing in the order of the needs, each once, and nothing again', async () => {
    const plan = planIn(folder.path('a'));
    const order: string[] = [];
    const engine = new FakeEngine(({ node }) => {
      order.push(node.id);
      finish(node);
    });
    await coordinate(plan, engine, QUICK);
    assert.equal(engine.submitted.length, 8);
    for (const { id, needs } of plan.nodes) {
      assert.ok(needs.every((need) => order.indexOf(need) < order.indexOf(id)));
    }
    const again = new FakeEngine(() => assert.fail());
    const { states } = await coordinate(plan, again, QUICK);
    assert.deepEqual([...new Set(states.values())], ['finished']);
    assert.equal(again.submitted.length, 0);
  });

  it('tries a killed run again, and one that diverges not; it names both and what they block', async () => {
    const plan = planIn(folder.path('b'));
    const [killed, diverged, hopeless] = trainings(plan);
    const engine = new FakeEngine(({ node, submission }) => {
      if (node === killed && submission.endsWith('-1')) return;
      if (node === hopeless) return;
      if (node !== diverged) return finish(node);
      fs.writeFileSync(nodeFiles(plan, node).log, 'begun\nerror: the loss is NaN\n');
      fs.writeFileSync(nodeFiles(plan, node).exit, '3');
    });
    const { states, reasons } = await coordinate(plan, engine, QUICK);
    const tries = ({ id }: PlanNode) => engine.submitted.filter((each) => each.includes(id)).length;
    assert.deepEqual([killed, diverged, hopeless].map(tries), [2, 1, 2]);
    assert.equal(states.get(killed.id), 'finished');
    assert.equal(reasons.get(diverged.id), 'exit code 3: error: the loss is NaN');
    assert.match(reasons.get(hopeless.id)!, /killed, or never begun: out of memory/);
    assert.equal([...states.values()].filter((state) => state === 'blocked').length, 2);
    assert.deepEqual(statusOnDisk(plan).states, states);
  });

  it('finds the jobs of one that was killed, and asks for none a second time', async () => {
    const plan = planIn(folder.path('c'));
    const controller = new AbortController();
    const first = new FakeEngine(() => undefined);
    first.states = (all) => Promise.resolve(new Map(all.map(({ id }) => [id, 'running'])));
    const onStatus = () => controller.abort(new Error('killed'));
    await assert.rejects(
      coordinate(plan, first, { ...QUICK, signal: controller.signal, onStatus }),
      /killed/,
    );
    assert.equal(first.submitted.length, 2);
    const second = new FakeEngine(({ node }) => finish(node));
    // Both end between the two.
    const begun = trainings(plan).filter(({ id }) => first.submitted.some((s) => s.includes(id)));
    assert.equal(begun.length, 2);
    begun.forEach(finish);
    await coordinate(plan, second, QUICK);
    assert.equal(second.submitted.length, 6);
    const other = new (class extends FakeEngine {
      override readonly name = 'other';
    })(() => undefined);
    fs.rmSync(begun[0].output.replace('model.safetensors', 'summary.json'));
    await assert.rejects(coordinate(plan, other, QUICK), /was given to fake.*--on fake/);
  });

  it('asks a full queue again while it has jobs there, and gives up one that takes none', async () => {
    const plan = planIn(folder.path('e'));
    const full = new Error('the queue is full.');
    let asked = 0;
    const engine = new FakeEngine(({ node }) => finish(node));
    const { submit } = FakeEngine.prototype;
    // Every other time.
    engine.submit = (job) => (++asked % 2 === 0 ? Promise.reject(full) : submit.call(engine, job));
    const events: string[] = [];
    const { states } = await coordinate(plan, engine, {
      ...QUICK,
      onEvent: (text) => events.push(text),
    });
    assert.deepEqual([...new Set(states.values())], ['finished']);
    assert.equal(new Set(engine.submitted).size, 8);
    assert.equal(engine.submitted.length, 8);
    assert.equal(events.length, 1);
    assert.match(events[0], /the queue is full\. Asking again/);

    const closed = planIn(folder.path('f'));
    const refusing = new FakeEngine(() => assert.fail());
    refusing.submit = () => Promise.reject(full);
    await assert.rejects(coordinate(closed, refusing, QUICK), full);
    assert.deepEqual([...new Set(statusOnDisk(closed).states.values())], ['ready', 'waiting']);
    const later = new FakeEngine(({ node }) => finish(node));
    await coordinate(closed, later, QUICK);
    assert.ok(later.submitted.every((id) => id.endsWith('-1')));
  });

  it('says which jobs wait in the queue', async () => {
    const plan = planIn(folder.path('g'));
    const engine = new FakeEngine(() => undefined);
    engine.states = (all) => Promise.resolve(new Map(all.map(({ id }) => [id, 'waiting'])));
    const controller = new AbortController();
    let seen: string[] = [];
    let looks = 0;
    const onStatus = ({ states }: SweepStatus) => {
      seen = [...states.values()];
      if (++looks === 2) controller.abort(new Error('enough'));
    };
    await assert.rejects(
      coordinate(plan, engine, { ...QUICK, signal: controller.signal, onStatus }),
    );
    assert.equal(seen.filter((state) => state === 'queued').length, 2);
  });

  it('is one call for a program, which local processes need no options for', async () => {
    const plan = planIn(folder.path('h'));
    plan.nodes.forEach(finish);
    const { states } = await sweep(plan).on('local');
    assert.deepEqual([...new Set(states.values())], ['finished']);
  });

  it('takes no job of another folder for its own, though the node is the same', async () => {
    const names = [];
    for (const runs of ['j', 'k', 'j']) {
      const plan = planIn(folder.path(runs));
      fs.rmSync(plan.runs, { recursive: true, force: true });
      const engine = new FakeEngine(({ node }) => finish(node));
      await coordinate(plan, engine, QUICK);
      names.push(...engine.submitted);
    }
    assert.equal(new Set(names).size, 3 * 8);
  });

  it('takes what a training found in its images for what the plan asked for', async () => {
    const plan = planIn(folder.path('i'));
    const white = { white: 4095, samples: 'uint16' as const };
    for (const node of plan.nodes)
      finish({ ...node, config: { ...node.config, valueRange: white } });
    const { reasons, states } = statusOnDisk(plan);
    assert.deepEqual([[...reasons.values()], [...new Set(states.values())]], [[], ['finished']]);
  });

  it('refuses the folder of a run with other settings', async () => {
    const plan = planIn(folder.path('d'));
    const [one, two] = trainings(plan);
    finish({ ...two, output: one.output });
    const { reasons } = await coordinate(plan, new FakeEngine(({ node }) => finish(node)), QUICK);
    assert.match(reasons.get(one.id)!, /other settings than the plan/);
  });
});

describe('the engines of a sweep', () => {
  const folder = temporaryFolder();
  const job = (name: string, command: string[]): Job => {
    const [node] = planIn(folder.path('runs')).nodes;
    const log = folder.write(`${name}.log`, '');
    return { submission: name, node, command, env: environmentOf(node), log };
  };

  it('grant the threads of the plan', () => {
    const { OMP_NUM_THREADS, TF_NUM_INTRAOP_THREADS, STFPM_THREADS } = job('t', []).env;
    assert.deepEqual([OMP_NUM_THREADS, TF_NUM_INTRAOP_THREADS, STFPM_THREADS], ['2', '2', '2']);
  });

  it('local: starts as many as there are cores and memory for, and stops them by SIGTERM', async () => {
    const engine = new LocalEngine({ cpus: 4, memory: 250 });
    const [node] = planIn(folder.path('runs')).nodes;
    assert.ok(engine.hasRoom(node, [node]));
    assert.ok(!engine.hasRoom(node, [node, node]));
    assert.throws(() => new LocalEngine({ cpus: 1 }).hasRoom(node, []), /at most 1 cpus.*found 2/);
    const sleeper = job('sleeper', [process.execPath, '-e', 'setTimeout(() => {}, 60000)']);
    const handle = await engine.submit(sleeper);
    const state = async () => (await engine.states([{ id: 'sleeper', handle }])).get('sleeper');
    assert.equal(await state(), 'running');
    await engine.cancel({ id: 'sleeper', handle });
    while ((await state()) !== 'ended') await new Promise((resolve) => setTimeout(resolve, 10));
    const elsewhere = { ...handle, host: 'elsewhere' };
    await assert.rejects(async () => engine.states([{ id: 's', handle: elsewhere }]), /elsewhere/);
  });

  describe('Ray', () => {
    const jobs = new Map<string, { status: string; body: Record<string, unknown> }>();
    let server: Server;
    let address: string;
    before(async () => {
      server = createServer((request, response) => {
        const answer = (status: number, body: unknown) => {
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(JSON.stringify(body));
        };
        if (request.headers.authorization !== 'Bearer secret') return answer(401, {});
        // As Ray does with what a browser sends, and `fetch` with it.
        if (request.headers['sec-fetch-mode'] !== undefined) return answer(405, {});
        if (request.url === '/api/version') return answer(200, { ray_version: '2.60.0' });
        const [id, action] = request.url!.replace('/api/jobs/', '').split('/');
        if (request.method === 'GET') {
          const found = jobs.get(id);
          if (action === 'logs') return answer(200, { logs: 'said' });
          return found ? answer(200, { status: found.status }) : answer(404, {});
        }
        let text = '';
        request.on('data', (part) => (text += part));
        request.on('end', () => {
          if (action === 'stop') {
            jobs.get(id)!.status = 'STOPPED';
            return answer(200, { stopped: true });
          }
          const body = JSON.parse(text) as Record<string, unknown>;
          jobs.set(String(body.submission_id), { status: 'PENDING', body });
          return answer(200, {});
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(() => new Promise((resolve) => server.close(resolve)));

    it('is asked by its Jobs interface, for each job once', async () => {
      const engine = new RayEngine({ address, token: 'secret', inFlight: 1 });
      await engine.open();
      const one = job('one', ['node', "it's"]);
      await engine.submit(one);
      jobs.get('one')!.status = 'RUNNING';
      await engine.submit(one);
      const { body, status } = jobs.get('one')!;
      assert.equal(status, 'RUNNING');
      assert.equal(body.entrypoint_num_cpus, 2);
      assert.equal(body.entrypoint_memory, 100e6);
      assert.equal(body.entrypoint, `exec 'node' 'it'\\''s' >> '${one.log}' 2>&1`);
      const env = (body.runtime_env as { env_vars: Record<string, string> }).env_vars;
      assert.equal(env.STFPM_THREADS, '2');
      const states = () => engine.states([{ id: 'one' }, { id: 'unknown' }]);
      assert.deepEqual([...(await states()).values()], ['running', 'ended']);
      await engine.cancel({ id: 'one' });
      assert.equal((await states()).get('one'), 'ended');
      assert.equal(await engine.logs('one'), 'said');
    });

    it('is named when it refuses or does not answer', async () => {
      const refused = new RayEngine({ address, inFlight: 1 });
      await assert.rejects(refused.open(), /refuses the token/);
      const nowhere = new RayEngine({ address: 'http://127.0.0.1:9', inFlight: 1 });
      await assert.rejects(
        nowhere.open(),
        /127\.0\.0\.1:9: expected the dashboard of a Ray cluster/,
      );
    });
  });

  describe('Slurm', () => {
    const { PATH } = process.env;
    before(() => {
      const queue = folder.path('queue');
      const program = (name: string, script: string) =>
        fs.chmodSync(folder.write(`bin/${name}`, `#!/bin/sh\n${script}\n`), 0o755);
      program(
        'sbatch',
        `for a in "$@"; do printf '%s\\n' "$a" >> ${queue}.args; case "$a" in ` +
          `--version) exit 0;; --job-name=*) echo "\${a#--job-name=}|7|PENDING" >> ${queue};; esac; done; echo '7;cluster'`,
      );
      program('squeue', `cat ${queue} 2>/dev/null || true`);
      program('scancel', `rm -f ${queue}`);
      process.env.PATH = `${folder.path('bin')}:${PATH}`;
    });
    after(() => {
      process.env.PATH = PATH;
    });

    it('is asked by sbatch and squeue, for each job once', async () => {
      const engine = new SlurmEngine({ inFlight: 2, sbatch: ['--partition=gpu'] });
      await engine.open();
      const two = job('two', ['node', 'x y']);
      assert.deepEqual(await engine.submit(two), { job: '7' });
      assert.deepEqual(await engine.submit(two), { job: '7' });
      const args = fs.readFileSync(folder.path('queue.args'), 'utf8').split('\n');
      assert.equal(args.filter((each) => each === '--job-name=two').length, 1);
      for (const arg of ['--cpus-per-task=2', '--mem=100M', '--partition=gpu', '--no-requeue']) {
        assert.ok(args.includes(arg), arg);
      }
      assert.ok(
        args.some((each) => each.startsWith("--wrap=exec 'env'") && each.endsWith("'x y'")),
      );
      const states = () => engine.states([{ id: 'two' }]);
      assert.equal((await states()).get('two'), 'waiting');
      await engine.cancel({ id: 'two' });
      assert.equal((await states()).get('two'), 'ended');
    });

    it('is named where it is not installed', async () => {
      process.env.PATH = folder.path('empty');
      await assert.rejects(
        new SlurmEngine({ inFlight: 1 }).open(),
        /sbatch on the PATH, found none/,
      );
    });
  });

  it('leave what they were asked for beside the runs', () => {
    const plan = planIn(folder.path('none'));
    assert.equal(readSubmission(plan, plan.nodes[0]), null);
  });
});
