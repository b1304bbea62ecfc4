import { testProvider } from '../../src/provider/conformance.ts';
import { judged } from '../support/judged.ts';
import { harnessFor } from '../support/world-harness.ts';
import { createProvider } from '../support/world-provider.ts';
import { startWorldServer } from '../support/world-server.ts';

const { test, settle } = judged(['not for a provider that has a record of its own outside, or no restore']);

await testProvider({
  name: 'world over HTTP',
  test,
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
