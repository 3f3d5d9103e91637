import { Table } from './table';

/** One step of a network: what it is, what comes out of it, and how many numbers it learns. */
export interface ShapeStep {
  name: string;
  shape: readonly number[];
  parameters: number;
}

/**
 * The shapes of networks of one architecture, step by step: a row per step, two columns per network, and the sum of the
 * parameters in the last row.
 *
 * @throws RangeError if the networks differ in their steps
 */
export function shapeTable(
  networks: readonly { name: string; steps: readonly ShapeStep[] }[],
  options: { title?: string } = {},
): Table {
  const steps = (networks[0]?.steps ?? []).map(({ name }) => name);
  for (const network of networks) {
    const found = network.steps.map(({ name }) => name);
    if (found.join('\n') !== steps.join('\n')) {
      throw new RangeError(
        `shapeTable: expected the steps of ${networks[0].name} for ${network.name}, ` +
          `found ${found.join('; ') || 'none'}`,
      );
    }
  }
  const columns = networks.flatMap(({ name }) => [{ title: name }, { title: 'parameters' }]);
  const rows = steps.map((step, i) => [
    step,
    ...networks.flatMap((network) => {
      const { shape, parameters } = network.steps[i];
      return [shape.join(' × '), parameters === 0 ? '' : wholeNumber(parameters)];
    }),
  ]);
  const sums = networks.flatMap((network) => [
    '',
    wholeNumber(network.steps.reduce((sum, { parameters }) => sum + parameters, 0)),
  ]);
  return new Table([{ title: 'Step' }, ...columns], [...rows, ['all', ...sums]], options);
}

function wholeNumber(value: number): string {
  return value.toLocaleString('en');
}
