import { createInterface } from 'readline';
import { peakBytes } from '../../src/lib/evaluation/peak-memory';
import { ownSeconds } from '../processor-time';
import type { Request, RunReply, StartReply, StartRequest, StopReply } from '../protocol';
import type { Work, Workload } from './workload';

let work: Work | undefined;

async function start(
  request: StartRequest,
  workloads: Record<string, Workload>,
  versions: () => Record<string, string>,
): Promise<StartReply> {
  const workload = workloads[request.workload];
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

/**
 * A side of the benchmark: does one kind of work whenever it is asked to, on standard input, and waits otherwise.
 *
 * @param versions what the numbers depend on
 */
export async function serve(
  workloads: Record<string, Workload>,
  versions: () => Record<string, string>,
): Promise<void> {
  const answer = async (request: Request): Promise<StartReply | RunReply | StopReply> => {
    if (request.do === 'start') return start(request, workloads, versions);
    if (request.do === 'run') return run(request.repeats);
    return stop();
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    const reply = await answer(request).catch((error: Error) => ({ error: error.stack }));
    process.stdout.write(`${JSON.stringify(reply)}\n`);
    if (request.do === 'stop') break;
  }
}
