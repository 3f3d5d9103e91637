import { Table } from '../../tables/table';
import type { Displayer } from './facts';

/** What is used of a `ParameterStore`. */
interface Store {
  parameters: Map<string, unknown>;
  buffers: Map<string, unknown>;
  size: number;
}

/** A teacher, the networks of a detector, or one network's numbers: how many there are, not all of them. */
export const displayNetworks: Displayer = (object) => {
  if (isStore(object)) return networksTable([['network', object]]);
  const { teacher, student, autoEncoders, store, source } = object as Partial<
    Record<string, unknown>
  >;
  if (isStore(store) && isNamed(source)) return networksTable([[`teacher: ${source.name}`, store]]);
  if (!isStore(teacher) || !isStore(student)) return null;
  const { store: behind } = (autoEncoders ?? {}) as { store?: unknown };
  return networksTable([
    ['teacher', teacher],
    ['student', student],
    ...(isStore(behind) ? [['auto-encoders', behind] satisfies [string, Store]] : []),
  ]);
};

/** How many numbers a network learns; null for anything else. */
export function parameterCount(store: unknown): string | null {
  return isStore(store) ? store.size.toLocaleString('en') : null;
}

function isStore(value: unknown): value is Store {
  const { parameters, buffers, size } = (value ?? {}) as Partial<Store>;
  return parameters instanceof Map && buffers instanceof Map && typeof size === 'number';
}

function isNamed(value: unknown): value is { name: string } {
  return typeof (value as { name?: unknown } | null | undefined)?.name === 'string';
}

function networksTable(networks: readonly (readonly [string, Store])[]): Table {
  return new Table(
    [
      { title: 'Network' },
      { title: 'arrays', digits: 0 },
      { title: 'running statistics', digits: 0 },
      { title: 'parameters' },
    ],
    networks.map(([name, store]) => [
      name,
      store.parameters.size,
      store.buffers.size,
      parameterCount(store),
    ]),
  );
}
