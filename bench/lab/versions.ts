import { describeDevice, engineVersions } from '../../src/lib/engine/index';

/** What the lab's numbers depend on. */
export function versions(): Record<string, string> {
  const { kind, intraOpThreads, interOpThreads, oneDnn } = describeDevice();
  return {
    ...engineVersions(),
    device: kind,
    threads: `${intraOpThreads} in an op, ${interOpThreads} op at a time`,
    oneDNN: oneDnn ? 'on' : 'off',
  };
}
