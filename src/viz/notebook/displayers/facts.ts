import { Table, type Cell } from '../../tables/table';

/**
 * What there is to say of an object, a row a fact; a fact that is not known is left out.
 *
 * @param head what it is, and which one
 */
export function factsTable(
  head: readonly [string, string],
  facts: readonly (readonly [string, Cell])[],
): Table {
  const known = facts.filter(([, value]) => value !== null && value !== undefined);
  return new Table(
    head.map((title) => ({ title })),
    known.map(([name, value]) => [name, `${value}`]),
  );
}
