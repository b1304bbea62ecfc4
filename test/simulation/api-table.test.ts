import { expect, test } from 'vitest';
import { pastOf, pastOfEveryServer } from '../support/sim/history-table.ts';
import { quietServer } from '../support/sim/quiet-network.ts';
import { runRow } from '../support/sim/request-row.ts';
import { tableNodePortRange } from '../support/sim/request-steps.ts';
import { rows } from '../support/sim/request-table.ts';

test.each(rows)('the API server of the simulation answers as the table says: $name', async row => {
  expect(await runRow(row, quietServer(tableNodePortRange).client)).toEqual([]);
});

test('it forgets its past as a real one does', async () => {
  const { client, server } = quietServer(tableNodePortRange);
  const forget = async (): Promise<void> => server.storage.compact();
  expect(await pastOf({ client, forget })).toEqual(pastOfEveryServer);
});
