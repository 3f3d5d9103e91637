import type { Contestant } from './rows';

const LAYOUTS = [
  { layout: 'default', name: 'PyTorch eager' },
  { layout: 'channels_last', name: 'PyTorch eager, channels_last' },
];

/** PyTorch in eager mode, in both memory layouts: a trial tells which is the faster one. */
export function torch(workload: string, options: Record<string, unknown>): Contestant[] {
  return LAYOUTS.map(({ layout, name }) => ({
    name,
    program: 'torch',
    workload,
    options: { ...options, layout },
  }));
}
