import { Session } from 'inspector/promises';
import type { Profiler } from 'inspector';
import * as path from 'path';

/** How often V8 looks where it is, in microseconds. */
const SAMPLING_INTERVAL = 200;

/** V8's profile of what JavaScript does meanwhile. */
export async function profiled(work: () => Promise<void>): Promise<Profiler.Profile> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL });
    await session.post('Profiler.start');
    await work();
    return (await session.post('Profiler.stop')).profile;
  } finally {
    session.disconnect();
  }
}

/** One function as called from one place, with what it calls. */
export interface CallNode {
  name: string;
  /** Of itself and of what it calls. */
  seconds: number;
  children: CallNode[];
}

/** Time in these is that of TensorFlow, which they call into; V8 gives its functions no name and no file. */
const NATIVE = /\.(executeSingleOutput|executeMultipleOutputs)$|^rawOps$/;
const isNative = ({ functionName, url }: { functionName: string; url: string }) =>
  NATIVE.test(functionName) || (functionName === '' && url === '') || url.includes('op-timer');
/** What says nothing of its own: its time goes to its caller. */
const PLUMBING = /^$|^\((root|program|idle)\)$|^(Engine\.)?(tidy|scopedRun)$|^_loop_\d+$/;
const WAITING = new Set(['(program)', '(idle)']);
const BENCH = path.dirname(__filename);

/** Who called whom and for how long, without the time in native ops and without the benchmark's own functions. */
export function callTree({ nodes, samples, timeDeltas }: Profiler.Profile): CallNode {
  const self = new Map<number, number>();
  samples?.forEach((id, i) => {
    self.set(id, (self.get(id) ?? 0) + Math.max(0, timeDeltas?.[i] ?? 0) / 1e6);
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));

  const addTo = (parent: CallNode, id: number): number => {
    const { callFrame, children = [] } = byId.get(id)!;
    const { functionName: name, url } = callFrame;
    // The profiler itself.
    if (url.startsWith('node:')) return 0;
    let node = parent;
    if (!PLUMBING.test(name) && !url.includes(BENCH)) {
      node = parent.children.find((child) => child.name === name) ?? {
        name,
        seconds: 0,
        children: [],
      };
      if (!parent.children.includes(node)) parent.children.push(node);
    }
    const isCounted = !isNative(callFrame) && !WAITING.has(name);
    let seconds = isCounted ? (self.get(id) ?? 0) : 0;
    for (const child of children) seconds += addTo(node, child);
    if (node !== parent) node.seconds += seconds;
    return seconds;
  };
  const root: CallNode = { name: 'all', seconds: 0, children: [] };
  root.seconds = addTo(root, nodes[0].id);
  return root;
}
