import { vi } from 'vitest';
import { createProvider } from '../../providers/gcp/gcp.ts';
import { markText } from '../../providers/gcp/model/marks.ts';
import { testProvider } from '../../src/provider/conformance.ts';
import { configFor } from '../support/gcp/gcp-config.ts';
import { gcpRig } from '../support/gcp/gcp-world.ts';
import { judged } from '../support/judged.ts';

// Some checks make a hundred balancers, through the real SDK.
vi.setConfig({ testTimeout: 60_000 });

const { test, settle } = judged([
  'not for a provider that has a record of its own outside, or no restore',
  'not for a provider that sends to nodes',
]);
const owner = { id: 'fl-1', service: { namespace: 'default', name: 'web', uid: '1' } };

await testProvider({
  name: 'gcp',
  test,
  ...gcpRig({
    createProvider: (context, server) =>
      createProvider({ ...context, config: configFor(server) }, { operationPatienceMs: 500 }),
    foreignDescription: markText({ cluster: 'somebody-else', owner }),
  }),
});

settle();
