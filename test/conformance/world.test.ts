import { describe } from 'vitest';
import { testProvider } from '../../src/provider/conformance.ts';
import { judged } from '../support/judged.ts';
import { harnessFor, toPods } from '../support/world-harness.ts';
import { createProvider } from '../support/world-provider.ts';
import { startWorldServer } from '../support/world-server.ts';

const always = ['not for a provider that has a record of its own outside, or no restore'];

describe.each([
  { to: 'nodes', adjust: {}, more: ['not for a provider that sends to nodes'] },
  { to: 'pods', adjust: { adjust: toPods }, more: [] },
])('to $to', async ({ adjust, more }) => {
  const { test, settle } = judged([...always, ...more]);
  await testProvider({
    name: 'world over HTTP',
    test,
    ...adjust,
    async open() {
      const server = await startWorldServer();
      const { url, world } = server;
      return {
        ...harnessFor(world, context => createProvider({ ...context, config: { url } })),
        close: () => server.close(),
      };
    },
  });
  settle();
});
