import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { sampleLoadBalancer } from '../../src/provider/conformance/sample.ts';
import type { Call } from '../../src/provider/provider.ts';
import { silentContext } from './provider-context.ts';
import { createProvider } from './world-provider.ts';
import type { JournalEntry } from './world-state.ts';

test('as a process of its own it keeps a journal, takes faults, and ends with its standard input', async () => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('world-server.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  const provider = createProvider(silentContext({ config: { url } }));
  const call: Call = { signal: new AbortController().signal, epoch: '7', sequence: 3, assertLeading() {} };
  const wanted = sampleLoadBalancer(1, 'c1', provider.capabilities);

  await fetch(`${url}/faults`, { method: 'POST', body: JSON.stringify({ kind: 'after', skip: 1 }) });
  await expect(provider.ensureLoadBalancer(wanted, call)).rejects.toThrow(
    /^the world answered 500 to PUT .*rule-TCP-80$/,
  );
  await provider.ensureLoadBalancer(wanted, { ...call, sequence: 4 });
  await provider.ensureLoadBalancerDeleted(wanted, { ...call, sequence: 5 });

  const journal = (await (await fetch(`${url}/journal`)).json()) as readonly JournalEntry[];
  const at = `/parts/${wanted.id}`;
  expect(
    journal.map(({ order, epoch, sequence, id, method, path, status }) => [
      order,
      epoch,
      sequence,
      id,
      method,
      path,
      status,
    ]),
  ).toEqual([
    [0, '7', 3, wanted.id, 'PUT', `${at}/address`, 200],
    [1, '7', 3, wanted.id, 'PUT', `${at}/rule-TCP-80`, 500],
    [2, '7', 5, wanted.id, 'DELETE', `${at}/rule-TCP-80`, 200],
    [3, '7', 5, wanted.id, 'DELETE', `${at}/address`, 200],
  ]);
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
});
