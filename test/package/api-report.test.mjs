import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { apiReports, reportFolder } from '../../environment/build/api-report.mjs';

describe('docs/api', () => {
  it('says what the public functions and types are now: `npm run api` writes it', () => {
    const reports = apiReports();
    assert.deepEqual(readdirSync(reportFolder).sort(), [...reports.keys()].sort());
    for (const [name, text] of reports) {
      const found = readFileSync(path.join(reportFolder, name), 'utf8');
      // Not a comparison of two long texts, whose report would be unreadable.
      const lines = text.split('\n');
      const line = found.split('\n').findIndex((each, i) => each !== lines[i]);
      assert.ok(
        found === text,
        `docs/api/${name} is stale from line ${line + 1} on: ${lines[line]}`,
      );
    }
  });
});
