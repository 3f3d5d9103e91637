import assert from 'node:assert/strict';
import { useTemporaryFolder } from '../weights/temporary-folder';
import { tryInterrupted } from './interrupted/campaign';
import { Ledger } from './ledger';
import { tryRaces } from './locks/campaign';

/** A short slice of `npm run torture`; the seed is always the same, so that whatever fails fails again. */
describe('a slice of the torture', function () {
  this.timeout(300_000); // some dozens of processes, on a machine that may be busy

  const inFolder = useTemporaryFolder();

  async function failuresOf(
    campaign: (ledger: Ledger, options: { seed: number; workFolder: string }) => Promise<void>,
  ): Promise<string[]> {
    const ledger = new Ledger(inFolder('ledger'));
    await campaign(ledger, { seed: 1, workFolder: inFolder('') });
    ledger.close();
    assert.ok(ledger.tries().length > 0);
    return ledger.failures().map(({ kind, how, fault }) => `${kind}, ${how}: ${fault}`);
  }

  for (const part of ['killed', 'full disk'] as const) {
    it(`${part}: no half file, nothing left, and the next one makes the same`, async () => {
      const failures = await failuresOf((ledger, options) =>
        tryInterrupted(ledger, part, { ...options, cases: 2, kinds: ['synth', 'data'] }),
      );
      assert.deepEqual(failures, []);
    });
  }

  it('races for a lock: one holder, whatever is there before', async () => {
    const failures = await failuresOf((ledger, options) =>
      tryRaces(ledger, { ...options, cases: 8 }),
    );
    assert.deepEqual(failures, []);
  });
});
