import { test } from 'node:test';
import { testProvider } from '../../src/provider/conformance.ts';
import { openWorld } from '../support/world-harness.ts';

// Run by under-node-test.test.ts: the kit is to work without vitest.
const forgetful = process.env['BROKEN'] === 'yes';

await testProvider({
  name: 'world',
  test,
  open: () => openWorld(good => (forgetful ? { ...good, listLoadBalancers: async () => [] } : good)),
});
