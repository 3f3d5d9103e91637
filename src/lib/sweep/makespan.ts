import type { PlanNode } from './plan';

export interface MakespanOptions {
  /** Commands that run at the same time, at least 1. */
  workers: number;
  /** Seconds that an engine adds to each command. Default 0. */
  overhead?: number;
}

export interface Makespan {
  /** From the first command's start to the last one's end. */
  seconds: number;
  /** The share of the workers' time in which they have nothing to do. */
  idle: number;
}

/**
 * How long a plan takes on so many workers, each as fast as the one that the estimates are of: whenever a worker is free
 * it gets the first command of the plan whose needs are finished, as `coordinate` does.
 *
 * @throws RangeError for a command without an estimate, or no worker
 */
export function makespan(
  nodes: readonly Pick<PlanNode, 'id' | 'needs' | 'seconds' | 'name'>[],
  { workers, overhead = 0 }: MakespanOptions,
): Makespan {
  if (!(workers >= 1)) throw new RangeError(`Expected at least 1 worker, found ${workers}.`);
  const finished = new Set<string>();
  const open = new Set(nodes);
  const running: { id: string; end: number }[] = [];
  let [now, busy] = [0, 0];
  while (open.size > 0 || running.length > 0) {
    for (const node of open) {
      if (running.length >= workers) break;
      if (!node.needs.every((need) => finished.has(need))) continue;
      if (node.seconds === null) {
        throw new RangeError(`${node.name}: expected an estimate of its seconds, found none.`);
      }
      const seconds = node.seconds + overhead;
      busy += seconds;
      running.push({ id: node.id, end: now + seconds });
      open.delete(node);
    }
    if (running.length === 0) {
      throw new RangeError('Expected a plan whose needs are in it, found one that cannot go on.');
    }
    running.sort((a, b) => a.end - b.end);
    const { id, end } = running.shift()!;
    now = end;
    finished.add(id);
  }
  return { seconds: now, idle: now === 0 ? 0 : 1 - busy / (workers * now) };
}
