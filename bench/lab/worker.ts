import { createInterface } from 'readline';
import { ownSeconds } from '../processor-time';
import type { Request, RunReply, StartReply, StartRequest, StopReply } from '../protocol';
import { peakBytes } from '../peak-memory';
import { aupro } from './aupro';
import { auroc } from './auroc';
import { inference } from './inference';
import { inputs } from './inputs';
import { joint } from './joint';
import { matmul } from './matmul';
import { preTraining } from './pre-training';
import { training } from './training';
import { versions } from './versions';
import type { Work, Workload } from './workload';

/** The lab's side of the benchmark: a process that does one kind of work whenever it is asked to. */

const WORKLOADS: Record<string, Workload> = {
  aupro,
  auroc,
  inference,
  inputs,
  joint,
  matmul,
  'pre-training': preTraining,
  training,
};

let work: Work | undefined;

async function start(request: StartRequest): Promise<StartReply> {
  const workload = WORKLOADS[request.workload];
  if (!workload) throw new Error(`Unknown workload "${request.workload}".`);
  work = await workload(request);
  return { versions: versions(), flops: work.flops };
}

async function run(repeats: number): Promise<RunReply> {
  if (!work) throw new Error('Nothing was started.');
  const reply: RunReply = { seconds: [], values: [], processorSeconds: 0 };
  const before = ownSeconds();
  for (let i = 0; i < repeats; i++) {
    const begin = performance.now();
    reply.values.push(await work.repeat());
    reply.seconds.push((performance.now() - begin) / 1000);
  }
  reply.processorSeconds = ownSeconds() - before;
  return reply;
}

function stop(): StopReply {
  return { peakBytes: peakBytes() };
}

async function answer(request: Request): Promise<StartReply | RunReply | StopReply> {
  if (request.do === 'start') return start(request);
  if (request.do === 'run') return run(request.repeats);
  return stop();
}

async function main(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    const reply = await answer(request).catch((error: Error) => ({ error: error.stack }));
    process.stdout.write(`${JSON.stringify(reply)}\n`);
    if (request.do === 'stop') break;
  }
}

void main();
